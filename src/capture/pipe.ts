/**
 * The pipe through which a child's packets come, or standard input, read into
 * one buffer that is used again. The stream that Node makes of it takes a new
 * buffer of 64 KiB for each read, and the collector of a sensor with large
 * tables is called for every thousand of these: that alone took 0.8 us of
 * processor time a packet.
 *
 * Node cannot make a pipe that is nobody's stream, so ours is a FIFO that loses
 * its name as soon as both ends are open.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ByteSource } from './source.ts'

/** As much as the kernel keeps in a pipe. */
const BUFFER_BYTES = 64 * 1024

/** File descriptors of the two ends; who gets them closes them. */
export interface PipeEnds {
  reading: number
  writing: number
}

/** Makes a pipe. Throws what the system says. */
export function makePipe(): PipeEnds {
  const folder = mkdtempSync(join(tmpdir(), 'seekwatch-pipe-'))
  try {
    const path = join(folder, 'packets')
    execFileSync('mkfifo', ['-m', '600', path], { stdio: 'pipe' })
    // not to wait for a writer
    const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return { reading, writing: openSync(path, 'w') }
    } catch (error) {
      closeSync(reading)
      throw error
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export class PipeSource implements ByteSource {
  bytesRead = 0
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  /** What has come and was not read: buffer[at, end). */
  #at = 0
  #end = 0
  readonly #socket: Socket
  #isOver = false
  #failure: Error | null = null
  #wake: () => void = () => {}

  /**
   * @param reading the reading end, which is closed when the source is, or at its end
   * @param signal ends it, and what waits for bytes fails
   */
  constructor(reading: number, signal?: AbortSignal) {
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: reading,
      readable: true,
      writable: false,
      ...(signal && { signal }),
      onread: {
        buffer: this.#buffer,
        callback: (length) => {
          this.#at = 0
          this.#end = length
          this.#wake()
          return false // nothing more until this is read
        },
      },
    }
    this.#socket = new Socket(options)
    this.#socket.on('error', (error) => this.#finish(error))
    this.#socket.on('end', () => this.#finish(null))
    this.#socket.on('close', () => this.#finish(null))
  }

  async read(into: Uint8Array, at: number, end: number): Promise<number> {
    while (this.#at === this.#end) {
      if (this.#failure !== null) throw this.#failure
      if (this.#isOver) return 0
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const count = Math.min(this.#end - this.#at, end - at)
    into.set(this.#buffer.subarray(this.#at, this.#at + count), at)
    this.#at += count
    this.bytesRead += count
    if (this.#at === this.#end) this.#socket.resume()
    return count
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    this.#finish(null)
  }

  #finish(failure: Error | null): void {
    this.#failure ??= failure
    this.#isOver = true
    this.#wake()
  }
}
