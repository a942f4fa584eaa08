/**
 * A capture file that may still be written to. Reading stops where the file
 * ends now, and goes on from there when it has grown: as often as it takes,
 * until somebody says that it will not grow any more. Works through gzip and
 * zstd too, because these wait for their bytes like everybody else.
 */

import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Block, Capture, CaptureFault, Link } from './block.ts'
import { CaptureReader } from './reader.ts'
import { type ByteSource, unpacked } from './source.ts'

/** Many files may be open at once: each reads in smaller pieces than a replay does. */
const READER = { chunkBytes: 256 * 1024, framesPerBlock: 4096 }
/** Of the first frame so much goes into the id. */
const ID_BYTES_MAX = 4096
const PACKED = /\.(gz|zst)$/i

/** `more`: frames came. `idle`: all that is there was read. `over`: nothing will ever come. */
export type Step = 'more' | 'idle' | 'over'

export class FollowedFile implements Capture {
  readonly name: string
  /** The frames of the last step that said `more`; good until the next one. */
  block: Block | null = null
  /** What the file is known by once its first frame was seen: that frame and its name, without the ending of packers. */
  id = ''
  readonly #source: GrowingSource
  #reader: CaptureReader | null = null
  #opening: Promise<CaptureReader> | null
  #pending: Promise<Block | null> | null = null
  #isOver = false

  private constructor(name: string, file: FileHandle) {
    this.name = name
    this.#source = new GrowingSource(file)
    this.#opening = openReader(name, this.#source)
  }

  /** Opens the file. Rejects with what the system says. */
  static async open(path: string): Promise<FollowedFile> {
    return new FollowedFile(path, await open(path, 'r'))
  }

  get links(): readonly Link[] {
    return this.#reader?.links ?? []
  }

  get faults(): readonly CaptureFault[] {
    return this.#reader?.faults ?? []
  }

  /** Offset behind the last byte that was read of the file on disk. */
  get bytesRead(): number {
    return this.#source.bytesRead
  }

  /** Reads on. A failure of the disk is in `faults`, and the file is over. */
  async step(): Promise<Step> {
    if (this.#isOver) return 'over'
    this.#pending ??= this.next()
    const block = await Promise.race([this.#pending, this.#source.untilIdle().then((): typeof IDLE => IDLE)])
    if (block === IDLE) return 'idle'
    this.#pending = null
    this.block = block
    if (block === null) {
      this.#isOver = true
      return 'over'
    }
    if (this.id === '') this.id = idOf(this.name, block, this.links)
    return 'more'
  }

  /** The file has grown: what waits for it goes on. */
  grow(): void {
    this.#source.wake()
  }

  /** It will not grow any more: what is left over is damage. */
  end(): void {
    this.#source.end()
  }

  async next(): Promise<Block | null> {
    if (this.#opening !== null) this.#reader = await this.#opening
    this.#opening = null
    return this.#reader!.next()
  }

  async close(): Promise<void> {
    this.#source.end()
    const reader = this.#reader ?? (await this.#opening)
    await this.#pending
    await reader?.close()
  }
}

const IDLE = 'idle'

async function openReader(name: string, source: ByteSource): Promise<CaptureReader> {
  let reader: CaptureReader
  try {
    reader = new CaptureReader(name, await unpacked(source), READER)
  } catch (error) {
    reader = new CaptureReader(name, null)
    reader.refuse(error)
    await source.close()
    return reader
  }
  await reader.begin()
  return reader
}

/** The same packets in another folder, or packed, are the same file. */
function idOf(name: string, block: Block, links: readonly Link[]): string {
  const start = block.start[0]!
  const end = Math.min(block.end[0]!, start + ID_BYTES_MAX)
  const { linkType, name: device } = links[block.link[0]!]!
  return createHash('sha256')
    .update(
      JSON.stringify([basename(name).replace(PACKED, ''), linkType, device, block.timeUs[0], block.originalLength[0]]),
    )
    .update(block.bytes.subarray(start, end))
    .digest('hex')
    .slice(0, 32)
}

/** A file whose end is where it ends now: a read there waits until it is told that there is more, or that there never will be. */
class GrowingSource implements ByteSource {
  bytesRead = 0
  readonly #file: FileHandle
  #isIdle = false
  #isEnded = false
  #wake: () => void = () => {}
  #tellIdle: () => void = () => {}

  constructor(file: FileHandle) {
    this.#file = file
  }

  async read(into: Uint8Array, at: number, end: number): Promise<number> {
    for (;;) {
      const { bytesRead } = await this.#file.read(into, at, end - at, this.bytesRead)
      this.bytesRead += bytesRead
      if (bytesRead > 0 || this.#isEnded) return bytesRead
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.#isIdle = true
        this.#tellIdle()
      })
    }
  }

  /** Resolves when a read waits, and everything read before has had the time to be used. */
  async untilIdle(): Promise<void> {
    if (!this.#isIdle) {
      await new Promise<void>((resolve) => {
        this.#tellIdle = resolve
      })
    }
    await new Promise((resolve) => setImmediate(resolve))
  }

  wake(): void {
    this.#isIdle = false
    this.#wake()
  }

  end(): void {
    this.#isEnded = true
    this.wake()
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
