/**
 * A block of frames: one arena of bytes and a column for each property of a
 * frame. Readers fill blocks, the sensor walks them; there is one `await` per
 * block and none per packet.
 *
 *   bytes      [ ....frame 0....  ....frame 1....  ... ]
 *   start[i], end[i]     frame i is bytes[start, end)
 *   originalLength[i]    its length on the wire, which a snap length may have cut
 *   timeUs[i]            microseconds since 1970 (nanoseconds rounded down)
 *   restNs[i]            nanoseconds beyond timeUs[i]; only where the reader was asked to be exact
 *   link[i]              index into the capture's `links`
 *
 * The reader owns the arena and reuses it: a block is good until the next one
 * is asked for. To keep bytes, copy them.
 */

/** An interface that frames were captured on. */
export interface Link {
  /** Name of the interface where the file says it, else empty. */
  name: string
  /** LINKTYPE_ number of https://www.tcpdump.org/linktypes.html; 1 is Ethernet. */
  linkType: number
  /** Most bytes of a frame that were kept, 0 for all; only where the reader was asked to be exact. */
  snapLength?: number
}

const EMPTY = new Uint8Array(0)

export class Block {
  bytes: Uint8Array = EMPTY
  count = 0
  /** Number of frame 0 in its file, from 1. */
  firstPacket = 1
  readonly start: Int32Array
  readonly end: Int32Array
  readonly originalLength: Float64Array
  readonly timeUs: Float64Array
  readonly link: Uint16Array
  /** 0 to 999; null unless asked for: the sensor counts in microseconds. */
  readonly restNs: Uint16Array | null

  /** @param capacity most frames the block can hold */
  constructor(capacity: number, isExact = false) {
    this.restNs = isExact ? new Uint16Array(capacity) : null
    this.start = new Int32Array(capacity)
    this.end = new Int32Array(capacity)
    this.originalLength = new Float64Array(capacity)
    this.timeUs = new Float64Array(capacity)
    this.link = new Uint16Array(capacity)
  }

  get capacity(): number {
    return this.start.length
  }
}

/** Why a capture could not be read on, for people. The place is an offset in the (uncompressed) capture. */
export interface CaptureFault {
  file: string
  offset: number
  /** What was found and what was expected. */
  reason: string
  /** What to do about it. */
  advice: string
}

/** What was done with a file, for people: it was left out, or may count twice. */
export interface Remark {
  file: string
  remark: string
}

/** An open capture. */
export interface Capture {
  readonly name: string
  /** Grows while a pcapng file announces interfaces; an index stays valid. */
  readonly links: readonly Link[]
  /** Set when reading stopped before the end of the file, or something was left out. */
  readonly faults: readonly CaptureFault[]
  /** Bytes read so far of the file as it lies on disk, for progress. */
  readonly bytesRead: number
  /**
   * Captures with the same clock are read at the same time: the time of one goes on in the other. Without a clock each
   * capture begins at its own first packet.
   */
  readonly clock?: object
  /** The next block, valid until the next call; null at the end. Never rejects for what the file holds. */
  next(): Promise<Block | null>
  close(): Promise<void>
}
