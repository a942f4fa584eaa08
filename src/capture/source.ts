/**
 * Where the bytes of a capture come from: a file, standard input or any other
 * stream, and gzip or zstd around one of these. What is compressed is known by
 * its first four bytes, never by a name.
 *
 * A source is asked for bytes and puts them where it is told, so nothing runs
 * ahead of its reader: a small file that decompresses to terabytes costs time
 * and no memory.
 */

import { close, constants, fstatSync, open, read } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal, type Readable } from 'node:stream'
import { promisify } from 'node:util'
import { GzipSource, isGzip } from './gzip.ts'
import { PipeSource } from './pipe.ts'
import { isZstd, ZstdSource } from './zstd.ts'

/** Longest magic number that `openSource` looks at. */
const MAGIC_BYTES = 4
const STDIN = 0

export interface ByteSource {
  /** Bytes taken so far of what lies on disk (of the compressed file, for gzip and zstd). */
  readonly bytesRead: number
  /**
   * Fills `into` from `at`, not beyond `end`; one call at a time.
   * @returns how many bytes came, at least 1; 0 at the end
   * @throws what the system says, or a SourceError; all bytes before the failure have been handed out
   */
  read(into: Uint8Array, at: number, end: number): Promise<number>
  close(): Promise<void>
}

/**
 * Opens the file at `path`, or standard input for `-`, and looks through gzip and zstd.
 * @param signal what waits for bytes of a pipe or a terminal fails when it aborts; a file has no waits
 * @throws what the system says when it cannot be opened or its first bytes cannot be read
 */
export async function openSource(path: string, signal?: AbortSignal): Promise<ByteSource> {
  const plain = path === '-' ? standardInput(signal) : fileOrPipe(await opened(path), signal)
  try {
    return await unpacked(plain)
  } catch (error) {
    await plain.close()
    throw error
  }
}

/**
 * The file descriptor of what has this name. To open a FIFO would wait for its writer in a thread that no signal wakes,
 * and that keeps the process from ending; who reads it waits for him all the same.
 */
async function opened(path: string): Promise<number> {
  const wait = (await stat(path)).isFIFO() ? constants.O_NONBLOCK : 0
  return promisify(open)(path, constants.O_RDONLY | wait)
}

/** A pipe is read into one buffer; what else it may be (a terminal, a file, a socket) is a stream like others. */
function standardInput(signal?: AbortSignal): ByteSource {
  if (fstatSync(STDIN).isFIFO()) return new PipeSource(STDIN, signal)
  return new StreamSource(signal ? addAbortSignal(signal, process.stdin) : process.stdin)
}

/** What was opened by its name. A shell's `<(zcat x.gz)` is a pipe with a name. */
function fileOrPipe(fd: number, signal?: AbortSignal): ByteSource {
  return fstatSync(fd).isFIFO() ? new PipeSource(fd, signal) : new FileSource(fd)
}

/** What `source` gives, decompressed where it begins like gzip or zstd. */
export async function unpacked(source: ByteSource): Promise<ByteSource> {
  const head = new Uint8Array(MAGIC_BYTES)
  let length = 0
  while (length < MAGIC_BYTES) {
    const count = await source.read(head, length, MAGIC_BYTES)
    if (count === 0) break
    length += count
  }
  const whole = new RewoundSource(head.subarray(0, length), source)
  if (isGzip(head)) return new GzipSource(whole)
  if (isZstd(head)) return ZstdSource.open(whole)
  return whole
}

/** A file. Reads go through the thread pool, one after the other, wherever the file stands: so a device works too. */
class FileSource implements ByteSource {
  bytesRead = 0
  readonly #fd: number
  #reading: Promise<number> = Promise.resolve(0)

  constructor(fd: number) {
    this.#fd = fd
  }

  // Not the `read` of a file handle, which makes many objects each time: most of the garbage of data packets.
  read(into: Uint8Array, at: number, end: number): Promise<number> {
    this.#reading = new Promise((resolve, reject) => {
      read(this.#fd, into, at, end - at, null, (error, count) => {
        if (error !== null) return reject(error)
        this.bytesRead += count
        resolve(count)
      })
    })
    return this.#reading
  }

  /** Waits for the read under way: it would else go on in whatever file gets the number next. */
  async close(): Promise<void> {
    await this.#reading.catch(() => {}) // whoever asked for it was told
    await promisify(close)(this.#fd)
  }
}

/** A stream of bytes: standard input. */
export class StreamSource implements ByteSource {
  bytesRead = 0
  readonly #stream: Readable
  #piece: Uint8Array | null = null
  #ended = false
  #failure: Error | null = null
  #wake: () => void = () => {}

  constructor(stream: Readable) {
    this.#stream = stream
    stream.on('readable', () => this.#wake())
    stream.on('end', () => this.#end(null))
    stream.on('close', () => this.#end(null))
    stream.on('error', (error) => this.#end(error))
  }

  async read(into: Uint8Array, at: number, end: number): Promise<number> {
    for (;;) {
      this.#piece ??= this.#stream.read() as Uint8Array | null
      if (this.#piece !== null) break
      if (this.#failure !== null) throw this.#failure
      if (this.#ended) return 0
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const count = Math.min(this.#piece.length, end - at)
    into.set(this.#piece.subarray(0, count), at)
    this.#piece = count === this.#piece.length ? null : this.#piece.subarray(count)
    this.bytesRead += count
    return count
  }

  async close(): Promise<void> {
    this.#stream.destroy()
    this.#end(null)
  }

  #end(failure: Error | null): void {
    this.#failure ??= failure
    this.#ended = true
    this.#wake()
  }
}

/** A source whose first bytes were looked at and are given once more. */
class RewoundSource implements ByteSource {
  #head: Uint8Array
  readonly #source: ByteSource

  constructor(head: Uint8Array, source: ByteSource) {
    this.#head = head
    this.#source = source
  }

  get bytesRead(): number {
    return this.#source.bytesRead
  }

  read(into: Uint8Array, at: number, end: number): Promise<number> {
    if (this.#head.length === 0) return this.#source.read(into, at, end)
    const count = Math.min(this.#head.length, end - at)
    into.set(this.#head.subarray(0, count), at)
    this.#head = this.#head.subarray(count)
    return Promise.resolve(count)
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}
