/**
 * Zstandard (RFC 8878), decompressed by the `fzstd` package, since zlib of
 * Node 20 cannot.
 *
 * The frames are walked here (section 3.1.1: magic, frame header, blocks,
 * checksum) and handed to the package block by block, for three reasons. A
 * frame claims how much memory its window takes, and the package would take up
 * to 2 GiB on its word: here the bound is the one of the zstd tool. A block
 * gives at most 128 KiB, so the output of one is used up before the next goes
 * in. And all blocks before a damaged one are handed out.
 *
 * The content checksum (the low half of XXH64) is checked with `xxhash-wasm`:
 * the package passes over it.
 */

import { Decompress } from 'fzstd'
import xxhash, { type XXHash, type XXHashAPI } from 'xxhash-wasm'
import { littleNumber, littleU32 } from '../bytes/little.ts'
import { CompressedWindow } from './compressed.ts'
import { SourceError } from './faults.ts'
import type { ByteSource } from './source.ts'

const MAGIC = 0xfd2fb528
/** Frames that hold no data have one of sixteen magic numbers. */
const SKIPPABLE_MAGIC = 0x184d2a50
const MAGIC_BYTES = 4
const FRAME_HEADER_BYTES_MAX = 18
const BLOCK_HEADER_BYTES = 3
const BLOCK_BYTES_MAX = 128 * 1024
const RUN_LENGTH = 1
const RESERVED = 3
const CHECKSUM_BYTES = 4
const HAS_CHECKSUM = 4

const NOTHING = new Uint8Array(0)

/** The package, once it is compiled. */
let hashing: Promise<XXHashAPI> | undefined

/** Largest window that is accepted: what `zstd -d` takes without being told. */
const WINDOW_BYTES_MAX = 128 * 1024 * 1024

/** Whether these first bytes are those of a zstd file. */
export function isZstd(bytes: Uint8Array): boolean {
  return bytes.length >= MAGIC_BYTES && isMagic(littleU32(bytes, 0))
}

export class ZstdSource implements ByteSource {
  readonly #source: ByteSource
  readonly #input: CompressedWindow
  #piece: Uint8Array = NOTHING
  #pieceAt = 0
  #frame: Frame | null = null
  #ended = false
  #failure: unknown = null
  readonly #hashes: XXHashAPI

  private constructor(source: ByteSource, hashes: XXHashAPI) {
    this.#source = source
    this.#input = new CompressedWindow(source)
    this.#hashes = hashes
  }

  static async open(source: ByteSource): Promise<ZstdSource> {
    hashing ??= xxhash()
    return new ZstdSource(source, await hashing)
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
    await this.#source.close()
  }

  /** Begins a frame, or reads one block of the frame there is. */
  async #step(): Promise<void> {
    if (this.#frame === null) await this.#beginFrame()
    else await this.#readBlock(this.#frame)
  }

  async #beginFrame(): Promise<void> {
    const input = this.#input
    const have = await input.ensure(FRAME_HEADER_BYTES_MAX)
    if (have === 0) {
      this.#ended = true
      return
    }
    if (have < MAGIC_BYTES) throw cutShort()
    const magic = littleU32(input.bytes, input.at)
    if (!isMagic(magic))
      throw new SourceError(
        'bytes that are not zstd follow the end of the zstd data',
        'All of the zstd data was read. Find out what was appended to the file.',
      )
    if (magic !== MAGIC) {
      if (have < 8 || !(await input.skip(8 + littleU32(input.bytes, input.at + MAGIC_BYTES)))) throw cutShort()
      return
    }
    const header = readFrameHeader(input.bytes, input.at, input.end)
    this.#frame = new Frame(input.bytes.slice(input.at, input.at + header.length), header, this.#hashes.create64())
    input.at += header.length
  }

  /** A block: three bytes of head (last 1 bit, type 2, size 21), then its data. */
  async #readBlock(frame: Frame): Promise<void> {
    const input = this.#input
    if ((await input.ensure(BLOCK_HEADER_BYTES)) < BLOCK_HEADER_BYTES) throw cutShort()
    const head = input.bytes[input.at]! | (input.bytes[input.at + 1]! << 8) | (input.bytes[input.at + 2]! << 16)
    const last = (head & 1) === 1
    const type = (head >> 1) & 3
    const size = head >> 3
    if (type === RESERVED || size > frame.blockBytesMax) throw damaged('a block has an impossible head')
    const length = BLOCK_HEADER_BYTES + (type === RUN_LENGTH ? 1 : size)
    if ((await input.ensure(length)) < length) throw cutShort()
    this.#piece = frame.decompress(input.bytes.subarray(input.at, input.at + length), last)
    this.#pieceAt = 0
    input.at += length
    if (!last) return
    this.#frame = null
    if (!frame.hasChecksum) return
    if ((await input.ensure(CHECKSUM_BYTES)) < CHECKSUM_BYTES) throw cutShort()
    if (littleU32(input.bytes, input.at) !== Number(BigInt.asUintN(32, frame.hash.digest())))
      throw damaged('its checksum is wrong')
    input.at += CHECKSUM_BYTES
  }
}

interface FrameHeader {
  length: number
  hasChecksum: boolean
  windowBytes: number
}

/** RFC 8878 section 3.1.1.1. */
function readFrameHeader(bytes: Uint8Array, at: number, end: number): FrameHeader {
  if (end - at < 6) throw cutShort()
  const descriptor = bytes[at + 4]!
  const singleSegment = (descriptor & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!
  const windowAt = at + 5
  const dictionaryAt = windowAt + (singleSegment ? 0 : 1)
  const sizeAt = dictionaryAt + dictionaryBytes
  if (sizeAt + sizeBytes > end) throw cutShort()
  if ((descriptor & 8) !== 0) throw damaged('its header has a reserved bit')
  if (dictionaryBytes > 0 && littleNumber(bytes, dictionaryAt, dictionaryBytes) !== 0)
    throw new SourceError('the zstd data needs a dictionary', 'Decompress it with the dictionary first.')
  const base = 2 ** (10 + (bytes[windowAt]! >> 3))
  const windowBytes = singleSegment
    ? littleNumber(bytes, sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
    : base + (base / 8) * (bytes[windowAt]! & 7)
  if (windowBytes > WINDOW_BYTES_MAX)
    throw new SourceError(
      `the zstd data needs a window of ${windowBytes} bytes, at most ${WINDOW_BYTES_MAX} are given`,
      'Decompress it with zstd -d --long=31 first, or compress it again without --long.',
    )
  return { length: sizeAt + sizeBytes - at, hasChecksum: (descriptor & HAS_CHECKSUM) !== 0, windowBytes }
}

/** One frame on its way through the package. */
class Frame {
  readonly hasChecksum: boolean
  readonly blockBytesMax: number
  /** Of all that was decompressed. */
  readonly hash: XXHash<bigint>
  readonly #decompressor: Decompress
  #head: Uint8Array
  #pieces: Uint8Array[] = []

  /** @param head the frame header; a copy, which is changed: here the checksum is read, so the package must not expect one */
  constructor(head: Uint8Array, { hasChecksum, windowBytes }: FrameHeader, hash: XXHash<bigint>) {
    this.hash = hash
    this.hasChecksum = hasChecksum
    this.blockBytesMax = Math.min(windowBytes, BLOCK_BYTES_MAX)
    head[MAGIC_BYTES]! &= ~HAS_CHECKSUM
    this.#head = head
    this.#decompressor = new Decompress((piece) => this.#pieces.push(piece))
  }

  /**
   * Decompresses one block, head and all. The package waits for 18 bytes before it begins, so a first
   * small block may give nothing and the next one more; a few blocks at most.
   */
  decompress(block: Uint8Array, last: boolean): Uint8Array {
    // Copies, because the package keeps views of what it waits with. In two parts, because it puts an empty view
    // aside after each part that ends with a block, and only forgets these when it had to wait for something.
    const begun = Buffer.concat([this.#head, block.subarray(0, -1)])
    this.#head = NOTHING
    this.#pieces = []
    try {
      this.#decompressor.push(begun, false)
      this.#decompressor.push(block.slice(-1), last)
    } catch (error) {
      throw damaged(error instanceof Error ? error.message : String(error))
    }
    const all = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
    this.hash.update(all)
    return all
  }
}

function isMagic(magic: number): boolean {
  return magic === MAGIC || (magic & ~15) >>> 0 === SKIPPABLE_MAGIC
}

function cutShort(): SourceError {
  return new SourceError(
    'the zstd data ends too early',
    'The file was cut short, usually by a full disk or a copy still in progress. What could be decompressed was read; copy the file again.',
  )
}

function damaged(what: string): SourceError {
  return new SourceError(
    `the zstd data is damaged: ${what}`,
    'What could be decompressed before was read, but do not rely on its last part. Copy the file again.',
  )
}
