/**
 * pcapng files (draft-ietf-opsawg-pcapng). A file is a row of blocks:
 *
 *   type u32, length u32, body, length u32 again      length counts all of it and is a multiple of 4
 *
 * A section header block begins a section, says in which byte order it is
 * written and forgets the interfaces before it; an interface description block
 * announces the next interface; packet blocks (enhanced, simple, and the
 * obsolete one) refer to an interface by number. All other blocks are passed
 * over. The length of a section is not used: the blocks tell.
 *
 * A block of up to PIECE_BYTES_MAX is read in one piece, and its two lengths
 * are compared before its packet is believed. Of a longer one only that much
 * is looked at; the rest is passed over without being kept.
 *
 * Simple packets have no time: they get the one of the packet before them.
 */

import type { Block } from './block.ts'
import type { FaultList } from './faults.ts'
import { type LinkTable, NO_LINK } from './links.ts'
import { CUT_SHORT_ADVICE, DAMAGE_ADVICE, FRAME_BYTES_MAX, type FrameParser, PIECE_BYTES_MAX } from './parser.ts'
import { DEFAULT_RESOLUTION, ticksRestNs, ticksToUs } from './ticks.ts'

const SECTION_HEADER = 0x0a0d0d0a // the same in both byte orders
const INTERFACE_DESCRIPTION = 1
const OBSOLETE_PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6

const BLOCK_BYTES_MIN = 12
/** Largest block that is believed; Wireshark has the same bound. */
const BLOCK_BYTES_MAX = 16 * 1024 * 1024
const LENGTH = 4
const TRAILER_BYTES = 4

const BYTE_ORDER = 8
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const MAJOR = 12
const SECTION_HEADER_BYTES_MIN = 28

const LINK_TYPE = 8
const SNAP_LENGTH = 12
const INTERFACE_OPTIONS = 16
const INTERFACE_BYTES_MIN = 20
const OPTION_END = 0
const OPTION_NAME = 2
const OPTION_RESOLUTION = 9
const OPTION_OFFSET = 14
const NAME_BYTES_MAX = 256
const INTERFACES_MAX = 65_536

// the obsolete packet block differs from the enhanced one only in its first word: interface and drop count, 16 bits each
const INTERFACE = 8
const TICKS_HIGH = 12
const TICKS_LOW = 16
const CAPTURED_LENGTH = 20
const ORIGINAL_LENGTH = 24
const PACKET_DATA = 28
const SIMPLE_ORIGINAL_LENGTH = 8
const SIMPLE_DATA = 12

interface Interface {
  /** Index into the capture's links, or NO_LINK. */
  link: number
  /** Most bytes of a frame that were kept; 0: no limit. */
  snapLength: number
  resolution: number
  offsetUs: number
}

/** Whether a capture with these first four bytes (as a big-endian number) is a pcapng file. */
export function isPcapng(magic: number): boolean {
  return magic === SECTION_HEADER
}

export class PcapngParser implements FrameParser {
  done = false
  readonly #faults: FaultList
  readonly #links: LinkTable
  #little = true
  /** The interfaces of this section. */
  #interfaces: Interface[] = []
  #lastUs = 0
  #lastRestNs = 0
  /** Length of a long block that is being passed over, 0 when there is none, and how much is left before its trailer. */
  #longBytes = 0
  #skipBytes = 0

  /** For a capture that `isPcapng`. */
  constructor(faults: FaultList, links: LinkTable) {
    this.#faults = faults
    this.#links = links
  }

  read(view: DataView, at: number, end: number, base: number, block: Block): number {
    const capacity = block.capacity
    while (!this.done && block.count < capacity) {
      if (this.#longBytes > 0) {
        at = this.#passOver(view, at, end, base)
        if (this.#longBytes > 0) return at
        continue
      }
      if (end - at < BLOCK_BYTES_MIN) return at
      const type = view.getUint32(at, this.#little)
      if (type === SECTION_HEADER && !this.#readByteOrder(view, at, base)) return at
      const length = view.getUint32(at + LENGTH, this.#little)
      if (length % 4 !== 0 || length < BLOCK_BYTES_MIN || length > BLOCK_BYTES_MAX) {
        this.#stop(base + at, lengthReason(length))
        return at
      }
      if (end - at < length && end - at < PIECE_BYTES_MAX) return at
      if (length <= PIECE_BYTES_MAX) {
        if (!this.#trailerFits(view, at + length - TRAILER_BYTES, length, base)) return at
        this.#readBlock(view, at, type, length, base, block)
        at += length
      } else {
        this.#readBlock(view, at, type, length, base, block)
        at += PIECE_BYTES_MAX
        this.#longBytes = length
        // lengths and the piece are multiples of four, so the four bytes of the trailer all lie behind it
        this.#skipBytes = length - PIECE_BYTES_MAX - TRAILER_BYTES
      }
    }
    return at
  }

  finish(view: DataView, at: number, end: number, base: number): void {
    const left = end - at
    if (left === 0 && this.#longBytes === 0) return
    let reason = `the file ends ${left} bytes into the head of a block`
    if (this.#longBytes > 0) {
      const seen = this.#longBytes - this.#skipBytes - TRAILER_BYTES + left
      reason = `the file ends ${seen} bytes into a block of ${this.#longBytes} bytes`
    } else if (left >= BLOCK_BYTES_MIN) {
      reason = `the file ends ${left} bytes into a block of ${view.getUint32(at + LENGTH, this.#little)} bytes`
    }
    this.#faults.add(base + at, { reason, advice: CUT_SHORT_ADVICE })
  }

  /** Goes on with the rest of a long block; returns where that ended or the bytes did. */
  #passOver(view: DataView, at: number, end: number, base: number): number {
    const passed = Math.min(this.#skipBytes, end - at)
    this.#skipBytes -= passed
    at += passed
    if (end - at < TRAILER_BYTES) return at
    const length = this.#longBytes
    this.#longBytes = 0
    return this.#trailerFits(view, at, length, base) ? at + TRAILER_BYTES : at
  }

  #trailerFits(view: DataView, at: number, length: number, base: number): boolean {
    const trailer = view.getUint32(at, this.#little)
    if (trailer === length) return true
    this.#stop(base + at, `a block of ${length} bytes says ${trailer} bytes at its end`)
    return false
  }

  #readByteOrder(view: DataView, at: number, base: number): boolean {
    if (view.getUint32(at + BYTE_ORDER, true) === BYTE_ORDER_MAGIC) this.#little = true
    else if (view.getUint32(at + BYTE_ORDER, false) === BYTE_ORDER_MAGIC) this.#little = false
    else {
      const found = view
        .getUint32(at + BYTE_ORDER, false)
        .toString(16)
        .padStart(8, '0')
      this.#stop(
        base + at + BYTE_ORDER,
        `a section header with the byte-order magic ${found}, not 1a2b3c4d or 4d3c2b1a`,
      )
      return false
    }
    return true
  }

  /** The block of `length` bytes at `at`, of which the first PIECE_BYTES_MAX are there. */
  #readBlock(view: DataView, at: number, type: number, length: number, base: number, block: Block): void {
    switch (type) {
      case ENHANCED_PACKET:
        this.#readPacket(view, at, length, base, view.getUint32(at + INTERFACE, this.#little), block)
        break
      case OBSOLETE_PACKET:
        this.#readPacket(view, at, length, base, view.getUint16(at + INTERFACE, this.#little), block)
        break
      case SIMPLE_PACKET:
        this.#readSimplePacket(view, at, length, base, block)
        break
      case INTERFACE_DESCRIPTION:
        this.#readInterface(view, at, length, base)
        break
      case SECTION_HEADER:
        this.#readSection(view, at, length, base)
        break
    }
  }

  #readPacket(view: DataView, at: number, length: number, base: number, number: number, block: Block): void {
    const room = length - PACKET_DATA - TRAILER_BYTES
    if (room < 0) {
      this.#leaveOut(base + at, `a packet block of only ${length} bytes`)
      return
    }
    const from = this.#interfaceOf(number, base + at)
    if (from === undefined) return
    const captured = view.getUint32(at + CAPTURED_LENGTH, this.#little)
    if (captured > room || captured > FRAME_BYTES_MAX) {
      this.#leaveOut(base + at, capturedReason(captured, room))
      return
    }
    const high = view.getUint32(at + TICKS_HIGH, this.#little)
    const low = view.getUint32(at + TICKS_LOW, this.#little)
    this.#lastUs = ticksToUs(high, low, from.resolution) + from.offsetUs
    const i = block.count++
    block.start[i] = at + PACKET_DATA
    block.end[i] = at + PACKET_DATA + captured
    block.originalLength[i] = view.getUint32(at + ORIGINAL_LENGTH, this.#little)
    block.timeUs[i] = this.#lastUs
    if (block.restNs !== null) {
      this.#lastRestNs = ticksRestNs(high, low, from.resolution)
      block.restNs[i] = this.#lastRestNs
    }
    block.link[i] = from.link
  }

  #readSimplePacket(view: DataView, at: number, length: number, base: number, block: Block): void {
    const room = length - SIMPLE_DATA - TRAILER_BYTES
    if (room < 0) {
      this.#leaveOut(base + at, `a packet block of only ${length} bytes`)
      return
    }
    const from = this.#interfaceOf(0, base + at)
    if (from === undefined) return
    const original = view.getUint32(at + SIMPLE_ORIGINAL_LENGTH, this.#little)
    const captured = from.snapLength === 0 ? original : Math.min(original, from.snapLength)
    if (captured > room || captured > FRAME_BYTES_MAX) {
      this.#leaveOut(base + at, capturedReason(captured, room))
      return
    }
    const i = block.count++
    block.start[i] = at + SIMPLE_DATA
    block.end[i] = at + SIMPLE_DATA + captured
    block.originalLength[i] = original
    block.timeUs[i] = this.#lastUs
    if (block.restNs !== null) block.restNs[i] = this.#lastRestNs
    block.link[i] = from.link
  }

  /** The interface a packet refers to; undefined, and a fault, when its packets cannot be taken. */
  #interfaceOf(number: number, offset: number): Interface | undefined {
    const found = this.#interfaces[number]
    if (found !== undefined && found.link !== NO_LINK) return found
    const reason = `a packet of interface ${number}, which was not announced before it, is left out`
    const advice = 'The program that wrote the file lost a block, or the file was cut together; export it again.'
    this.#faults.add(offset, { reason, advice }, 'interface')
    return undefined
  }

  #readInterface(view: DataView, at: number, length: number, base: number): void {
    if (length < INTERFACE_BYTES_MIN) {
      this.#stop(base + at, `an interface block of only ${length} bytes`)
      return
    }
    if (this.#interfaces.length === INTERFACES_MAX) return
    const snapLength = view.getUint32(at + SNAP_LENGTH, this.#little)
    const found: Interface = { link: NO_LINK, snapLength, resolution: DEFAULT_RESOLUTION, offsetUs: 0 }
    const name = this.#readOptions(view, at + INTERFACE_OPTIONS, at + length - TRAILER_BYTES, base, found)
    found.link = this.#links.add(name, view.getUint16(at + LINK_TYPE, this.#little), snapLength)
    this.#interfaces.push(found)
  }

  /** Reads the options of an interface, view[at, end), into `found`; returns its name. */
  #readOptions(view: DataView, at: number, end: number, base: number, found: Interface): string {
    let name = ''
    const pieceEnd = Math.min(end, at - INTERFACE_OPTIONS + PIECE_BYTES_MAX)
    while (pieceEnd - at >= 4) {
      const code = view.getUint16(at, this.#little)
      const length = view.getUint16(at + 2, this.#little)
      const value = at + 4
      if (code === OPTION_END) break
      if (value + length > end) {
        const reason = `an option of an interface claims ${length} bytes, ${end - value} are left in its block`
        this.#faults.add(
          base + at,
          { reason, advice: 'The options behind it were not read: the packets were.' },
          'option',
        )
        break
      }
      if (value + length > pieceEnd) break
      if (code === OPTION_NAME) {
        const text = Buffer.from(view.buffer, view.byteOffset + value, Math.min(length, NAME_BYTES_MAX))
        name = text.toString('utf8')
      } else if (code === OPTION_RESOLUTION && length >= 1) {
        found.resolution = view.getUint8(value)
      } else if (code === OPTION_OFFSET && length >= 8) {
        found.offsetUs = this.#seconds(view, value) * 1e6
      }
      at = value + length + (-length & 3)
    }
    return name
  }

  /** A signed number of 64 bits; finite, and exact below 2^53. */
  #seconds(view: DataView, at: number): number {
    const high = view.getInt32(at + (this.#little ? 4 : 0), this.#little)
    const low = view.getUint32(at + (this.#little ? 0 : 4), this.#little)
    return high * 2 ** 32 + low
  }

  #readSection(view: DataView, at: number, length: number, base: number): void {
    if (length < SECTION_HEADER_BYTES_MIN) {
      this.#stop(base + at, `a section header of only ${length} bytes`)
      return
    }
    const major = view.getUint16(at + MAJOR, this.#little)
    if (major !== 1) {
      this.#stop(base + at + MAJOR, `a section in pcapng version ${major}, only 1 is known`)
      return
    }
    this.#interfaces = []
  }

  /** One packet cannot be taken, but its block ends where it says: go on behind it. */
  #leaveOut(offset: number, reason: string): void {
    this.#faults.add(offset, { reason: `${reason}; this packet is left out`, advice: DAMAGE_ADVICE })
  }

  #stop(offset: number, reason: string): void {
    this.#faults.add(offset, { reason, advice: DAMAGE_ADVICE })
    this.done = true
  }
}

function lengthReason(length: number): string {
  if (length > BLOCK_BYTES_MAX) return `a block of ${length} bytes; at most ${BLOCK_BYTES_MAX} are believed`
  if (length < BLOCK_BYTES_MIN) return `a block of ${length} bytes; the smallest has ${BLOCK_BYTES_MIN}`
  return `a block of ${length} bytes, which is not a multiple of 4`
}

function capturedReason(captured: number, room: number): string {
  if (captured > room) return `a packet claims ${captured} captured bytes, its block has room for ${room}`
  return `a packet claims ${captured} captured bytes, at most ${FRAME_BYTES_MAX} are possible`
}
