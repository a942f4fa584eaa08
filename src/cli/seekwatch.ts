/** The command `seekwatch`: one file per command, put together here. */

import { hostname } from 'node:os'
import { Command } from 'commander'
import { alertsCommand } from './alerts.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { evidenceCommand } from './evidence.ts'
import { exemptCommand } from './exempt.ts'
import { forwardCommand } from './forward.ts'
import { liveCommand } from './live.ts'
import { replayCommand } from './replay.ts'
import { reportCommand } from './report.ts'
import { RULES_SHIPPED } from './rule-options.ts'
import { rulesCommand } from './rules.ts'
import { serveCommand } from './serve.ts'
import { unitCommand } from './unit.ts'
import { version } from './version.ts'
import { watchCommand } from './watch.ts'

/** The whole program, ready to parse a command line. */
export function seekwatch(): Command {
  const program = new Command('seekwatch')
    .description(
      'Shows, with evidence, who on a network talks to DeepSeek: from mirrored traffic, live or recorded, without touching it.',
    )
    .version(version())
    // else "alerts" takes the options of "alerts show", where both have one of that name
    .enablePositionalOptions()
    .addCommand(replayCommand())
    .addCommand(liveCommand())
    .addCommand(watchCommand())
    .addCommand(serveCommand())
    .addCommand(alertsCommand())
    .addCommand(evidenceCommand())
    .addCommand(rulesCommand())
    .addCommand(exemptCommand())
    .addCommand(reportCommand())
    .addCommand(forwardCommand())
    .addCommand(doctorCommand())
    .addCommand(unitCommand())
    .addCommand(demoCommand())
    .addHelpText('after', HELP_AFTER)
  sayHelp(program)
  sayDefaults(program)
  return program
}

/** Below each error, of whatever command, where the options are told. */
function sayHelp(command: Command): void {
  command.showHelpAfterError('(add --help for all options)')
  for (const below of command.commands) sayHelp(below)
}

/** Defaults that help has to say in words: they are empty, or those of this machine. */
const DEFAULTS: ReadonlyArray<[value: unknown, words: string]> = [
  ['', 'none'],
  [hostname(), 'the name of this machine'],
  [RULES_SHIPPED, 'those that come with the program'],
]

function sayDefaults(command: Command): void {
  for (const option of command.options) {
    const { defaultValue } = option
    const isEmpty = Array.isArray(defaultValue) && defaultValue.length === 0
    const words = isEmpty ? 'none' : DEFAULTS.find(([value]) => value === defaultValue)?.[1]
    if (words !== undefined) option.defaultValueDescription ??= words
  }
  for (const below of command.commands) sayDefaults(below)
}

const HELP_AFTER = `
Examples:
  seekwatch replay capture.pcap            what is in a capture, stored in ./seekwatch.db
  seekwatch replay /archive --eve eve.json a whole archive, alerts as EVE JSON lines too
  seekwatch alerts --confidence high       what was found
  seekwatch serve                          the same in a browser, on http://127.0.0.1:8787
  seekwatch evidence 171cd85db977          one ZIP that proves an alert
  seekwatch report --out report.html       a page for who answers for the network
  seekwatch demo                           the captures that come with Seekwatch

Exit codes: 0 all input was read, 2 wrong usage or configuration, 3 some input could not be read, 1 our fault,
130 a replay was ended by Ctrl-C: what was read until then is stored.`
