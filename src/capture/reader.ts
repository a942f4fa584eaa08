/**
 * Reads a capture block by block: a byte source at one end, blocks of frames
 * at the other. While the caller works on the frames of one arena, the next
 * read is on its way into the other one.
 *
 *   arena   [ carry ............ | chunk ........................ ]
 *                    [rest][ new bytes ]
 *
 * A record that ends in the next chunk is copied in front of that chunk, into
 * the carry space, which holds the largest piece a parser can ask for: so
 * every frame lies in one piece, and nothing is copied but those rests.
 */

import { Block, type Capture, type CaptureFault, type Link } from './block.ts'
import { causeOf, FaultList } from './faults.ts'
import { GzipSource } from './gzip.ts'
import { LinkTable } from './links.ts'
import { CUT_SHORT_ADVICE, EMPTY_ADVICE, type FrameParser, PIECE_BYTES_MAX } from './parser.ts'
import { isPcap, PcapParser } from './pcap.ts'
import { isPcapng, PcapngParser } from './pcapng.ts'
import type { ByteSource } from './source.ts'
import { unknownMagic } from './unknown.ts'
import { ZstdSource } from './zstd.ts'

const MAGIC_BYTES = 4
/** So much is read at once: with half of it a replay takes a tenth longer, with twice as much no less. */
const CHUNK_BYTES = 2 * 1024 * 1024

export interface ReaderOptions {
  /** When it aborts, what waits for bytes of a pipe ends, and that is no fault. */
  signal?: AbortSignal
  /** Most frames of a block; 16,384 when absent. No frame depends on this and the next one. */
  framesPerBlock?: number
  /** Bytes that are read at once; CHUNK_BYTES when absent. */
  chunkBytes?: number
  /** Also tells nanoseconds and snap lengths, for whoever writes the packets again. */
  exact?: boolean
}

/** `unreadable`: it could not be opened, or its first bytes could not be read. */
export type Format = 'pcap' | 'pcapng' | 'unknown' | 'unreadable'

interface Arena {
  bytes: Uint8Array
  view: DataView
  /** Offset of bytes[0] in the capture; negative while a carry space stands before its beginning. */
  base: number
  /** What the parser has not read yet: bytes[at, end). */
  at: number
  end: number
}

export class CaptureReader implements Capture {
  readonly name: string
  readonly #faults: FaultList
  readonly #links: LinkTable
  readonly #block: Block
  readonly #chunkBytes: number
  readonly #source: ByteSource | null
  readonly #signal: AbortSignal | undefined
  #format: Format = 'unreadable'
  #parser: FrameParser | null = null
  #current: Arena
  #other: Arena
  /** The read under way into `#other`; it never rejects: 0 after a failure, which `#failure` keeps. */
  #reading: Promise<number>
  #failure: unknown = null
  #packets = 0
  #ended = false

  /** Use `openReader` of open.ts, or call `begin` before anything else. */
  constructor(name: string, source: ByteSource | null, options: ReaderOptions = {}) {
    this.name = name
    this.#faults = new FaultList(name)
    this.#source = source
    this.#signal = options.signal
    this.#links = new LinkTable(options.exact)
    this.#block = new Block(options.framesPerBlock ?? 16_384, options.exact)
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES
    this.#current = newArena(0)
    this.#other = newArena(source === null ? 0 : this.#chunkBytes)
    this.#reading = this.#startReading()
  }

  get links(): readonly Link[] {
    return this.#links.list
  }

  get faults(): readonly CaptureFault[] {
    return this.#faults.list()
  }

  get bytesRead(): number {
    return this.#source?.bytesRead ?? 0
  }

  get format(): Format {
    return this.#format
  }

  /** It is in gzip or zstd. */
  get isPacked(): boolean {
    return this.#source instanceof GzipSource || this.#source instanceof ZstdSource
  }

  /** Records why the capture could not even be opened. */
  refuse(error: unknown): void {
    if (!this.#signal?.aborted) this.#faults.add(0, causeOf(error))
    this.#ended = true
  }

  /** Reads the first bytes and sees what they are. */
  async begin(): Promise<void> {
    while (this.#left() < MAGIC_BYTES && (await this.#readOn())) {}
    if (this.#left() < MAGIC_BYTES) {
      this.#ended = true
      if (this.#failure !== null || this.#signal?.aborted) return
      this.#format = 'unknown'
      if (this.#left() === 0) this.#faults.add(0, { reason: 'it is empty', advice: EMPTY_ADVICE })
      else this.#faults.add(0, { reason: `it has only ${this.#left()} bytes`, advice: CUT_SHORT_ADVICE })
      return
    }
    const { bytes, view, at } = this.#current
    const magic = view.getUint32(at, false)
    if (isPcap(magic)) {
      this.#format = 'pcap'
      this.#parser = new PcapParser(this.#faults, this.#links)
    } else if (isPcapng(magic)) {
      this.#format = 'pcapng'
      this.#parser = new PcapngParser(this.#faults, this.#links)
    } else {
      this.#format = 'unknown'
      this.#faults.add(0, unknownMagic(bytes.subarray(at, at + MAGIC_BYTES)))
      this.#ended = true
    }
  }

  async next(): Promise<Block | null> {
    const block = this.#block
    const parser = this.#parser
    block.count = 0
    block.firstPacket = this.#packets + 1
    while (parser !== null && !this.#ended) {
      const arena = this.#current
      arena.at = parser.read(arena.view, arena.at, arena.end, arena.base, block)
      this.#ended = parser.done
      if (block.count > 0) {
        block.bytes = arena.bytes
        this.#packets += block.count
        return block
      }
      if (this.#ended || (await this.#readOn())) continue
      const { view, at, end, base } = this.#current
      if (this.#failure === null && !this.#ended) parser.finish(view, at, end, base)
      this.#ended = true
    }
    return null
  }

  async close(): Promise<void> {
    this.#ended = true
    await this.#source?.close()
    await this.#reading
  }

  #left(): number {
    return this.#current.end - this.#current.at
  }

  /** Waits for the read under way and makes its arena the current one; false at the end and after a failure. */
  async #readOn(): Promise<boolean> {
    const count = await this.#reading
    if (this.#signal?.aborted) this.#ended = true
    if (this.#failure !== null && !this.#ended) {
      this.#faults.add(this.#current.base + this.#current.end, causeOf(this.#failure))
    }
    if (count === 0 || this.#ended) return false
    const from = this.#current
    const to = this.#other
    const rest = from.end - from.at
    to.at = PIECE_BYTES_MAX - rest
    to.end = PIECE_BYTES_MAX + count
    to.base = from.base + from.at - to.at
    to.bytes.set(from.bytes.subarray(from.at, from.end), to.at)
    this.#current = to
    this.#other = from.bytes.length === 0 ? newArena(this.#chunkBytes) : from
    this.#reading = this.#startReading()
    return true
  }

  async #startReading(): Promise<number> {
    if (this.#source === null) return 0
    try {
      return await this.#source.read(this.#other.bytes, PIECE_BYTES_MAX, PIECE_BYTES_MAX + this.#chunkBytes)
    } catch (error) {
      this.#failure = error
      return 0
    }
  }
}

/** An arena for chunks of this size; an empty one for 0. */
function newArena(chunkBytes: number): Arena {
  const bytes = new Uint8Array(chunkBytes === 0 ? 0 : PIECE_BYTES_MAX + chunkBytes)
  return { bytes, view: new DataView(bytes.buffer), base: 0, at: 0, end: 0 }
}
