/**
 * Classic pcap files (draft-ietf-opsawg-pcap), in either byte order: the
 * magic number shows which one, and whether fractions of a second are micro-
 * or nanoseconds (these are rounded down).
 *
 *   file header, 24 bytes        magic, major u16, minor u16, zone, accuracy, snap length, link type
 *   record header, 16 bytes      seconds, fraction, captured length, original length; then the frame
 *
 * The "modified" pcap of old Linux systems (magic a1b2cd34) has eight more
 * bytes in each record header, which are passed over.
 *
 * Seconds are unsigned, as Wireshark takes them. The time zone is ignored: it
 * has always been 0. The snap length is not believed either, only the fixed
 * bound of parser.ts.
 */

import type { Block } from './block.ts'
import type { FaultList } from './faults.ts'
import type { LinkTable } from './links.ts'
import { CUT_SHORT_ADVICE, DAMAGE_ADVICE, FRAME_BYTES_MAX, type FrameParser } from './parser.ts'

const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d
const MODIFIED = 0xa1b2cd34

const FILE_HEADER_BYTES = 24
const MAJOR = 4
const SNAP_LENGTH = 16
const LINK_TYPE = 20
/** The bits above say how long the frame check sequence is; libpcap masks them off too (LT_LINKTYPE). */
const LINK_TYPE_MASK = 0x03ffffff

const RECORD_HEADER_BYTES = 16
const MODIFIED_RECORD_HEADER_BYTES = 24
const SECONDS = 0
const FRACTION = 4
const CAPTURED_LENGTH = 8
const ORIGINAL_LENGTH = 12

/** Whether a capture with these first four bytes (as a big-endian number) is a pcap file. */
export function isPcap(magic: number): boolean {
  const swapped = swap32(magic)
  return [MICROSECONDS, NANOSECONDS, MODIFIED].some((known) => known === magic || known === swapped)
}

export class PcapParser implements FrameParser {
  done = false
  readonly #faults: FaultList
  readonly #links: LinkTable
  #begun = false
  #little = true
  #nanoseconds = false
  #headerBytes = RECORD_HEADER_BYTES
  #link = 0

  /** For a capture that `isPcap`. */
  constructor(faults: FaultList, links: LinkTable) {
    this.#faults = faults
    this.#links = links
  }

  read(view: DataView, at: number, end: number, base: number, block: Block): number {
    if (!this.#begun) {
      if (end - at < FILE_HEADER_BYTES) return at
      this.#begin(view, at, base)
      if (this.done) return at
      at += FILE_HEADER_BYTES
    }
    const little = this.#little
    const nanoseconds = this.#nanoseconds
    const headerBytes = this.#headerBytes
    const link = this.#link
    const capacity = block.capacity
    const starts = block.start
    const ends = block.end
    const originalLengths = block.originalLength
    const timesUs = block.timeUs
    const links = block.link
    const restsNs = block.restNs
    let count = block.count

    while (count < capacity && end - at >= headerBytes) {
      const captured = view.getUint32(at + CAPTURED_LENGTH, little)
      if (captured > FRAME_BYTES_MAX) {
        const reason = `the packet claims a captured length of ${captured} bytes; at most ${FRAME_BYTES_MAX} are possible`
        this.#faults.add(base + at, { reason, advice: DAMAGE_ADVICE })
        this.done = true
        break
      }
      const start = at + headerBytes
      const next = start + captured
      if (next > end) break
      const fraction = view.getUint32(at + FRACTION, little)
      starts[count] = start
      ends[count] = next
      originalLengths[count] = view.getUint32(at + ORIGINAL_LENGTH, little)
      timesUs[count] =
        view.getUint32(at + SECONDS, little) * 1e6 + (nanoseconds ? Math.floor(fraction / 1000) : fraction)
      if (restsNs !== null) restsNs[count] = nanoseconds ? fraction % 1000 : 0
      links[count] = link
      count++
      at = next
    }
    block.count = count
    return at
  }

  finish(view: DataView, at: number, end: number, base: number): void {
    const left = end - at
    if (left === 0 && this.#begun) return
    let reason = `the file ends ${left} bytes into its header of ${FILE_HEADER_BYTES} bytes`
    if (this.#begun && left < this.#headerBytes)
      reason = `the file ends ${left} bytes into the ${this.#headerBytes} bytes that stand before a packet`
    else if (this.#begun)
      reason = `the file ends ${left - this.#headerBytes} bytes into a packet of ${view.getUint32(at + CAPTURED_LENGTH, this.#little)} captured bytes`
    this.#faults.add(base + at, { reason, advice: CUT_SHORT_ADVICE })
  }

  #begin(view: DataView, at: number, base: number): void {
    const magic = view.getUint32(at, false)
    this.#little = ![MICROSECONDS, NANOSECONDS, MODIFIED].includes(magic)
    const kind = this.#little ? swap32(magic) : magic
    this.#nanoseconds = kind === NANOSECONDS
    if (kind === MODIFIED) this.#headerBytes = MODIFIED_RECORD_HEADER_BYTES
    const major = view.getUint16(at + MAJOR, this.#little)
    if (major !== 2) {
      this.#faults.add(base + at + MAJOR, {
        reason: `pcap version ${major}.${view.getUint16(at + MAJOR + 2, this.#little)}, only 2.x is known`,
        advice: 'Convert the file with a newer program (editcap -F pcapng IN OUT), or it is damaged: copy it again.',
      })
      this.done = true
      return
    }
    const snapLength = view.getUint32(at + SNAP_LENGTH, this.#little)
    this.#link = this.#links.add('', view.getUint32(at + LINK_TYPE, this.#little) & LINK_TYPE_MASK, snapLength)
    this.#begun = true
  }
}

function swap32(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0
}
