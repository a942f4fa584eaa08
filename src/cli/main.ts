/**
 * Runs a command line. Exit codes: 0 all input was read, 1 a failure of ours,
 * 2 wrong usage or configuration, 3 some input could not be read, 130 a signal
 * ended it before its end. Data goes to standard output, everything said to people
 * to standard error.
 */

import { type Command, CommanderError } from 'commander'
import { systemReason } from '../bytes/system-error.ts'
import { OutputError } from '../outputs/transport/lines.ts'
import { PackError } from '../packs/problem.ts'
import { ListenError } from '../server/listen-error.ts'
import { StoreError } from '../store/errors.ts'
import { seekwatch } from './seekwatch.ts'
import { UsageError } from './usage-error.ts'

/** Failures of the surroundings, whose message says place, cause and what to do. */
const SAID_IN_FULL = [UsageError, StoreError, OutputError, ListenError]

/** What to do when a package with native code was compiled for another Node.js or another kind of machine. */
const REBUILD = `run it with the Node.js that it was built for (this is ${process.version}; the name of a bundle says which), or: npm rebuild`

const EXIT_OURS = 1
const EXIT_USAGE = 2

/** Runs the command line `args` (without node and script) and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  const program = seekwatch()
  exitOverride(program)
  if (!process.stdout.listeners('error').includes(outputFailed)) process.stdout.on('error', outputFailed)
  if (!process.stderr.listeners('error').includes(nobodyListens)) process.stderr.on('error', nobodyListens)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Lets `main` set the exit code, also where a command of a command is used wrongly. */
function exitOverride(command: Command): void {
  command.exitOverride()
  for (const below of command.commands) exitOverride(below)
}

/** A reader that goes away, as `head` does, is no failure; a disk that is full is, and nobody else may hear of it. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return
  process.stderr.write(`seekwatch: standard output cannot be written: ${systemReason(error)}\n`)
  process.exitCode = EXIT_USAGE
}

/** What is said to people finds no reader, as behind `2>&1 | head`: there is nobody to tell. */
function nobodyListens(): void {}

/** Says what went wrong, if it was not said yet; returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
  if (SAID_IN_FULL.some((kind) => error instanceof kind)) {
    process.stderr.write(`seekwatch: ${(error as Error).message}\n`)
    return EXIT_USAGE
  }
  if (error instanceof PackError) {
    process.stderr.write(`seekwatch: the rule packs cannot be used:\n${error.message}\n`)
    return EXIT_USAGE
  }
  if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_DLOPEN_FAILED') {
    process.stderr.write(`seekwatch: ${(error as Error).message}\nseekwatch: ${REBUILD}\n`)
    return EXIT_USAGE
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`seekwatch: a failure of ours, please report it:\n${text}\n`)
  return EXIT_OURS
}
