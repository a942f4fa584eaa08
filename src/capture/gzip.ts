/**
 * gzip (RFC 1952): one member after the other, each with its checksum.
 *
 * The members are walked here and only the deflate data goes through zlib
 * (`createInflateRaw`), because Node's own gunzip throws away what it has just
 * decompressed when a checksum is wrong or strange bytes follow a member. Here
 * all of it is handed out before the failure is told; inside damaged deflate
 * data up to OUTPUT_BYTES before the damage are lost.
 *
 * zlib works in a thread of Node's pool, and each way there and back costs as
 * much as a few KiB of its work, so pieces are large. The next one is asked
 * for when the last one is used up, so however much the data grow, no more
 * than two pieces wait here.
 */

import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib'
import { littleU32 } from '../bytes/little.ts'
import { CompressedWindow } from './compressed.ts'
import { SourceError } from './faults.ts'
import type { ByteSource } from './source.ts'

const OUTPUT_BYTES = 256 * 1024

const HEADER_BYTES = 10
const DEFLATE = 8
const METHOD = 2
const FLAGS = 3
const HAS_HEADER_CRC = 2
const HAS_EXTRA = 4
const HAS_NAME = 8
const HAS_COMMENT = 16
const TRAILER_BYTES = 8

const NOTHING = new Uint8Array(0)

/** Whether these first bytes are those of a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

export class GzipSource implements ByteSource {
  readonly #source: ByteSource
  readonly #input: CompressedWindow
  /** What was decompressed last; `#pieceAt` is how much of it is used. */
  #piece: Uint8Array = NOTHING
  #pieceAt = 0
  #member: Member | null = null
  #memberCount = 0
  #ended = false
  #failure: unknown = null

  constructor(source: ByteSource) {
    this.#source = source
    this.#input = new CompressedWindow(source)
  }

  get bytesRead(): number {
    return this.#source.bytesRead
  }

  async read(into: Uint8Array, at: number, end: number): Promise<number> {
    for (;;) {
      if (this.#pieceAt < this.#piece.length) {
        const count = Math.min(this.#piece.length - this.#pieceAt, end - at)
        into.set(this.#piece.subarray(this.#pieceAt, this.#pieceAt + count), at)
        this.#pieceAt += count
        return count
      }
      if (this.#failure !== null) throw this.#failure
      if (this.#ended) return 0
      try {
        await this.#step()
      } catch (error) {
        this.#failure = error // told when the piece before it is used up
      }
    }
  }

  async close(): Promise<void> {
    this.#ended = true
    this.#member?.close()
    await this.#source.close()
  }

  /** Begins a member, or goes a piece on in the one there is. */
  async #step(): Promise<void> {
    const input = this.#input
    if (this.#member === null) {
      if (await this.#isOver()) {
        this.#ended = true
        return
      }
      await this.#skipHeader()
      this.#member = new Member()
      this.#memberCount++
      return
    }
    const member = this.#member
    if (!member.isBusy) {
      if ((await input.ensure(1)) === 0) throw cutShort()
      member.write(input.bytes.subarray(input.at, input.end))
    }
    this.#piece = await member.next()
    this.#pieceAt = 0
    if (member.failure !== null) throw damaged(member.failure.message)
    if (member.isBusy) return
    input.at += member.takeUsed()
    if (!member.ended) return
    const { crc, size } = member
    member.close()
    this.#member = null
    if ((await input.ensure(TRAILER_BYTES)) < TRAILER_BYTES) throw cutShort()
    if (littleU32(input.bytes, input.at) !== crc) throw damaged('its checksum is wrong')
    if (littleU32(input.bytes, input.at + 4) !== size) throw damaged('its length is wrong')
    input.at += TRAILER_BYTES
  }

  /** Whether the last member is read: nothing follows, or zeros, with which tapes and some tools fill up. */
  async #isOver(): Promise<boolean> {
    const input = this.#input
    if (this.#memberCount === 0) return false
    if ((await input.ensure(2)) === 0 || input.bytes[input.at] === 0) return true
    if (input.end - input.at >= 2 && isGzip(input.bytes.subarray(input.at, input.end))) return false
    throw new SourceError(
      'bytes that are not gzip follow the end of the gzip data',
      'All of the gzip data was read. Find out what was appended to the file.',
    )
  }

  /** RFC 1952 section 2.3. */
  async #skipHeader(): Promise<void> {
    const input = this.#input
    if ((await input.ensure(HEADER_BYTES)) < HEADER_BYTES) throw cutShort()
    if (input.bytes[input.at + METHOD] !== DEFLATE) throw damaged('its method is not deflate')
    const flags = input.bytes[input.at + FLAGS]!
    input.at += HEADER_BYTES
    if ((flags & HAS_EXTRA) !== 0) {
      if ((await input.ensure(2)) < 2) throw cutShort()
      const length = input.bytes[input.at]! | (input.bytes[input.at + 1]! << 8)
      if (!(await input.skip(2 + length))) throw cutShort()
    }
    if ((flags & HAS_NAME) !== 0) await this.#skipText()
    if ((flags & HAS_COMMENT) !== 0) await this.#skipText()
    if ((flags & HAS_HEADER_CRC) !== 0 && !(await input.skip(2))) throw cutShort()
  }

  async #skipText(): Promise<void> {
    const input = this.#input
    for (;;) {
      if ((await input.ensure(1)) === 0) throw cutShort()
      const zero = input.bytes.indexOf(0, input.at)
      const found = zero !== -1 && zero < input.end
      input.at = found ? zero + 1 : input.end
      if (found) return
    }
  }
}

/** The deflate data of one member on its way through zlib. */
class Member {
  crc = 0
  /** Decompressed bytes, modulo 2^32 as the trailer counts them. */
  size = 0
  ended = false
  failure: Error | null = null
  readonly #inflate: InflateRaw = createInflateRaw({ chunkSize: OUTPUT_BYTES })
  #isWriting = false
  #usedBefore = 0
  #give: (piece: Uint8Array) => void = () => {}

  constructor() {
    this.#inflate.pause()
    this.#inflate.on('data', (piece: Uint8Array) => {
      this.#inflate.pause()
      this.crc = crc32(piece, this.crc)
      this.size = (this.size + piece.length) >>> 0
      this.#give(piece)
    })
    this.#inflate.on('end', () => {
      this.ended = true
      this.#written()
    })
    this.#inflate.on('error', (error) => {
      this.failure = error
      this.#over()
    })
    this.#inflate.on('close', () => this.#over())
  }

  /** Whether more comes of what was written. */
  get isBusy(): boolean {
    return this.#isWriting || this.#inflate.readableLength > 0
  }

  /** Begins to decompress `bytes`, which must stay where they are until it is not busy. */
  write(bytes: Uint8Array): void {
    this.#isWriting = true
    // at the end of the member zlib leaves the rest alone and the write is never called done: `end` comes instead
    this.#inflate.write(bytes, () => this.#written())
  }

  /** The next piece, empty when what was written gives no more. */
  next(): Promise<Uint8Array> {
    return new Promise((resolve) => {
      if (this.#inflate.destroyed || !this.isBusy) return resolve(NOTHING)
      this.#give = resolve
      this.#inflate.resume()
    })
  }

  /** How many of the bytes written since this was last asked belong to this member. */
  takeUsed(): number {
    const used = this.#inflate.bytesWritten - this.#usedBefore
    this.#usedBefore += used
    return used
  }

  close(): void {
    this.#inflate.destroy()
  }

  /** What was written is used up; the last pieces of it may still wait. */
  #written(): void {
    if (this.#inflate.readableLength === 0) this.#over()
    else this.#isWriting = false
  }

  #over(): void {
    this.#isWriting = false
    this.#give(NOTHING)
  }
}

function cutShort(): SourceError {
  return new SourceError(
    'the gzip data ends too early',
    'The file was cut short, usually by a full disk or a copy still in progress. What could be decompressed was read; copy the file again.',
  )
}

function damaged(what: string): SourceError {
  return new SourceError(
    `the gzip data is damaged: ${what}`,
    'What could be decompressed before was read, but do not rely on its last part. Copy the file again.',
  )
}
