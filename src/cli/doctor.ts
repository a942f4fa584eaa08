/** `seekwatch doctor`: what this machine lacks to watch a line, and the command that mends it. */

import { Command } from 'commander'
import { printable } from '../bytes/text.ts'
import { examine, type Finding } from './doctor-checks.ts'
import { UsageError } from './usage-error.ts'

const EXIT_LACKING = 2
const MARKS = { ok: 'ok  ', warn: 'WARN', bad: 'BAD ' }

/** The command, to be added to the program. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Says what this machine lacks to watch a line, each with the command that mends it; ends with code 2 when it will not work.',
    )
    .option('-i, --interface <name>', 'network interface to look at', '')
    .option('--db <file>', 'database that will be written', 'seekwatch.db')
    .option('--json', 'print the findings as one JSON object')
    .action(({ interface: device, db, json }: { interface: string; db: string; json?: boolean }) => {
      if (!/^[^\s/]*$/.test(device))
        throw new UsageError(`doctor: -i: ${JSON.stringify(device)} is no interface; see "ip link"`)
      const findings = examine(device, db)
      process.stdout.write(json ? `${JSON.stringify({ findings })}\n` : findings.map(lineOf).join(''))
      if (findings.some(({ verdict }) => verdict === 'bad')) process.exitCode = EXIT_LACKING
    })
}

function lineOf({ what, verdict, found, mend }: Finding): string {
  return `${MARKS[verdict]} ${what}: ${printable(found)}\n${mend === '' ? '' : `       ${printable(mend)}\n`}`
}
