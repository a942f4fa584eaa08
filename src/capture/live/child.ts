/**
 * One running child that captures: its packets as a Capture, its words as
 * figures of loss, and how it ended.
 *
 * Should the sensor be killed, the child would capture on until its next
 * packet, on a quiet line for days: only writing tells it that nobody reads. So
 * a shell waits for each child: for a line, which comes when the child is over,
 * or for the end of the pipe from us without one, and then it ends the child.
 * (PR_SET_PDEATHSIG would not do: the kernel forgets it when tcpdump lays down
 * its rights.)
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { makePipe, PipeSource } from '../pipe.ts'
import { CaptureReader } from '../reader.ts'
import type { Adapter, ChildOptions } from './adapter.ts'
import { unread } from './tcpdump.ts'

/** Of what a child says, the end is kept. */
const LINES_MAX = 32
const LINE_CHARS_MAX = 500
/** Sums of libpcap have 32 bits. */
const WRAP = 2 ** 32
/** $0 is the child. While we live its process id is not given to another before we know of its end. */
const GUARD = 'read -r _ || kill -KILL "$0"'
/** What children say in passing; the rest of their lines tells why they ended. */
const CHATTER =
  /^(tcpdump: listening on|Capturing on|File: |Packets (captured|received)|\d+ packets? |tcpdump: \d+ packets?)/

/** Packets lost, in all since the child began. */
export interface Lost {
  kernel: number
  device: number
}

export class CaptureChild {
  readonly reader: CaptureReader
  readonly lost: Lost = { kernel: 0, device: 0 }
  /** When it is over and all its lines are read: why, in its own words. */
  readonly ended: Promise<string>
  readonly #adapter: Adapter
  readonly #process: ChildProcess
  readonly #lines: string[] = []
  #isOver = false
  #wasAsked = false

  constructor(adapter: Adapter, options: ChildOptions) {
    const { file, args } = adapter.command(options)
    this.#adapter = adapter
    // a group of its own: Ctrl-C in a terminal is for us, and we end the child when we have told it to
    const pipe = makePipe()
    const child = spawn(file, args, { stdio: ['ignore', pipe.writing, 'pipe'], detached: true })
    closeSync(pipe.writing) // the child has it, and when it is gone the packets are at their end
    this.#process = child
    this.reader = new CaptureReader(options.device, new PipeSource(pipe.reading))
    this.ended = new Promise((resolve) => {
      let failure = ''
      child.on('error', (error: NodeJS.ErrnoException) => {
        failure = error.code === 'ENOENT' ? `${file} is not installed` : `${file} cannot be started: ${error.message}`
        if (child.pid === undefined) this.#end(resolve, failure)
      })
      child.on('close', (code, signal) => this.#end(resolve, failure || this.#reason(code, signal)))
    })
    guard(child)
    this.#listen(child.stderr as Readable)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Asks for figures, which arrive a little later. Not before the first bytes have come: it might not know the signal yet. */
  ask(): void {
    if (this.#adapter.askWith !== null && !this.#isOver) this.#process.kill(this.#adapter.askWith)
  }

  /** Tells the child to finish: to write what it has, and its figures. */
  stop(): void {
    this.#wasAsked = true
    this.#process.kill('SIGINT')
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill('SIGKILL')
  }

  #end(resolve: (reason: string) => void, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#adapter.name === 'tcpdump') this.lost.kernel += unread(this.#lines)
    resolve(reason)
  }

  #reason(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#wasAsked) return 'it was told to end'
    const said = this.#lines.filter((line) => line !== '' && !CHATTER.test(line)).slice(0, 4)
    const how = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`
    return said.length === 0 ? how : said.join(' ')
  }

  #listen(stderr: Readable): void {
    let rest = ''
    stderr.setEncoding('utf8')
    stderr.on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!.slice(-LINE_CHARS_MAX)
      for (const line of lines) this.#hear(line.slice(0, LINE_CHARS_MAX))
    })
    stderr.on('end', () => {
      if (rest !== '') this.#hear(rest)
    })
  }

  #hear(line: string): void {
    if (this.#lines.push(line) > LINES_MAX) this.#lines.shift()
    const figures = this.#adapter.figures(line)
    if (figures?.kernel != null) this.lost.kernel = grown(this.lost.kernel, figures.kernel)
    if (figures?.device != null) this.lost.device = grown(this.lost.device, figures.device)
  }
}

/** Has a shell end the child when we are gone before it. Without a shell, the child's next packet ends it. */
function guard(child: ChildProcess): void {
  if (child.pid === undefined) return
  const shell = spawn('sh', ['-c', GUARD, String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  child.on('exit', () => shell.stdin.end('\n'))
}

/** The new sum of a counter of 32 bits, which begins again at 0 when it is full. */
export function grown(before: number, now: number): number {
  const high = before - (before % WRAP)
  const sum = high + now
  return sum < before ? sum + WRAP : sum
}
