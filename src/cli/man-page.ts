/**
 * The manual page, made from what commander knows of the commands, so that it
 * says what `--help` says. man(7) macros; in text a backslash is `\e`, and a
 * line must not begin with a dot or an apostrophe.
 */

import type { EventEmitter } from 'node:events'
import type { Command, Help } from 'commander'

const ENVIRONMENT: ReadonlyArray<[name: string, text: string]> = [
  [
    'SEEKWATCH_*',
    'The value of a long option of replay, live, watch and forward that is not on the command line: SEEKWATCH_LOG_LEVEL for --log-level. Lists are joined by commas; switches are true or false. They win over the file of --config.',
  ],
  ['SEEKWATCH_SITE_RULES', 'Folder with rule packs of the site, for every command that reads rules.'],
]

const FILES: ReadonlyArray<[name: string, text: string]> = [
  [
    'seekwatch.db',
    'The database, where --db names no other; beside it -wal and -shm of SQLite, -sensor, the lock, and -to-*, that of a destination.',
  ],
  ['/etc/seekwatch/seekwatch.yaml', 'The settings of the service: long options without their dashes.'],
]

const SIGNALS: ReadonlyArray<[name: string, text: string]> = [
  ['SIGINT, SIGTERM', 'End in order, within 5 seconds; a second one ends at once.'],
  ['SIGHUP', 'Open the EVE file again, and read the rules again.'],
]

/** The page of `program`; `date` is the day of the source, 2026-01-31. */
export function manPage(program: Command, date: string): string {
  const help = program.createHelp()
  const lines = [
    `.TH SEEKWATCH 1 ${date} "seekwatch ${program.version()}"`,
    '.SH NAME',
    'seekwatch \\- shows who on a network talks to a watched service, with evidence',
    '.SH SYNOPSIS',
    '.B seekwatch',
    '.I command',
    '[options]',
    '.SH DESCRIPTION',
    text(program.description()),
    '.SH COMMANDS',
    ...commandsOf(program, help).flatMap((command) => section(command, help)),
    '.SH SIGNALS',
    'Commands that stay up know these:',
    ...items(SIGNALS),
    '.SH ENVIRONMENT',
    ...items(ENVIRONMENT),
    '.SH FILES',
    ...items(FILES),
    '.SH NOTES',
    ...verbatim(textAfter(program)),
    '.SH SEE ALSO',
    '.BR tcpdump (8),',
    '.BR dumpcap (1),',
    '.BR pcap\\-filter (7)',
  ]
  return `${lines.join('\n')}\n`
}

/** Commands that do something, with those below them. */
function commandsOf(command: Command, help: Help): Command[] {
  const below = help.visibleCommands(command).filter((one) => one.name() !== 'help')
  return below.flatMap((one) => [one, ...commandsOf(one, help)])
}

function section(command: Command, help: Help): string[] {
  const after = textAfter(command)
  return [
    `.SS ${quoted(help.commandUsage(command))}`,
    text(help.commandDescription(command)),
    ...items(command.registeredArguments.map((one) => [one.name(), help.argumentDescription(one)])),
    ...items(optionsOf(command, help)),
    ...(after === '' ? [] : ['.PP', ...verbatim(after)]),
  ]
}

function optionsOf(command: Command, help: Help): Array<[term: string, text: string]> {
  return help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => [help.optionTerm(option), help.optionDescription(option)])
}

/** What a command adds to its help. */
function textAfter(command: Command): string {
  let said = ''
  const write = (more: string): void => {
    said += more
  }
  // a command is an emitter, which its types do not say; this is how it asks for the text itself
  ;(command as unknown as EventEmitter).emit('afterHelp', { error: false, command, write })
  return said.trim()
}

function items(list: ReadonlyArray<readonly [term: string, text: string]>): string[] {
  return list.flatMap(([term, words]) => ['.TP', `.B ${quoted(term)}`, text(words)])
}

/** Lines as they are. */
function verbatim(words: string): string[] {
  return ['.nf', ...words.split('\n').map((line) => (line === '' ? '.sp' : text(line))), '.fi']
}

function quoted(words: string): string {
  return `"${text(words).replaceAll('"', '""')}"`
}

function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')
}
