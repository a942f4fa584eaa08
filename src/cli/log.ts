/**
 * What a command that stays up says, on standard error: JSON lines of pino for
 * whoever collects logs, plain lines for whoever looks at a terminal.
 */

import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'
import { printable } from '../bytes/text.ts'

const WORDS: Readonly<Record<number, string>> = { 40: 'warning: ', 50: 'error: ', 60: 'fatal: ' }

/** The log of this process, from `level` on. */
export function openLog(level: string): Logger {
  const options = { name: 'seekwatch', level, base: { pid: process.pid } }
  return process.stderr.isTTY
    ? pino(options, new PlainLines())
    : pino(options, pino.destination({ dest: 2, sync: true }))
}

/** Turns pino's JSON into `12:34:56 text`. */
class PlainLines extends Writable {
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { time, level, msg } = JSON.parse(chunk.toString()) as { time: number; level: number; msg?: string }
    const clock = new Date(time).toTimeString().slice(0, 8)
    process.stderr.write(`${clock} ${WORDS[level] ?? ''}${printable(msg ?? '')}\n`)
    done()
  }
}
