/**
 * Writes pcapng (draft-ietf-opsawg-pcapng), little-endian, times in whole
 * nanoseconds:
 *
 *   section header, then for each packet an enhanced packet block, and before the first packet of an interface its
 *   description. The comment of a packet says where it was taken from.
 *
 * Bytes are handed out in pieces of some size; whoever takes them may wait.
 */

import type { Link } from '../capture/block.ts'

const SECTION_HEADER = 0x0a0d0d0a
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const FRAME_BYTES = 12 // type and both lengths
const PACKET_HEAD_BYTES = 20
const END = 0
const COMMENT = 1
const NAME = 2
const RESOLUTION = 9
const NANOSECONDS = 9
const COMMENT_BYTES_MAX = 4000
const PIECE_BYTES = 256 * 1024

export interface PacketOut {
  /** Bytes [start, end) are the frame; they are copied. */
  bytes: Uint8Array
  start: number
  end: number
  originalLength: number
  timeUs: number
  restNs: number
  link: Link
  comment: string
}

export class PcapngFile {
  readonly #put: (bytes: Uint8Array) => Promise<void>
  readonly #interfaces = new Map<Link, number>()
  #waiting: Buffer[] = []
  #bytes = 0

  /** @param put takes the file, piece by piece */
  constructor(put: (bytes: Uint8Array) => Promise<void>, comment: string) {
    this.#put = put
    const head = Buffer.alloc(16)
    head.writeUInt32LE(BYTE_ORDER_MAGIC, 0)
    head.writeUInt16LE(1, 4)
    head.writeBigInt64LE(-1n, 8) // the length of the section is not said
    this.#block(SECTION_HEADER, [head, option(COMMENT, Buffer.from(comment)), option(END, Buffer.alloc(0))])
  }

  async write(packet: PacketOut): Promise<void> {
    const { bytes, start, end, originalLength, timeUs, restNs, link, comment } = packet
    const head = Buffer.alloc(PACKET_HEAD_BYTES)
    head.writeUInt32LE(this.#interface(link), 0)
    const ns = BigInt.asUintN(64, BigInt(timeUs) * 1000n + BigInt(restNs))
    head.writeUInt32LE(Number(ns >> 32n), 4)
    head.writeUInt32LE(Number(ns & 0xffff_ffffn), 8)
    head.writeUInt32LE(end - start, 12)
    head.writeUInt32LE(originalLength, 16)
    const text = Buffer.from(comment).subarray(0, COMMENT_BYTES_MAX)
    const options = [option(COMMENT, text), option(END, Buffer.alloc(0))]
    this.#block(ENHANCED_PACKET, [head, padded(Buffer.from(bytes.subarray(start, end))), ...options])
    if (this.#bytes >= PIECE_BYTES) await this.flush()
  }

  /** Hands out what is left. */
  async flush(): Promise<void> {
    const piece = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.#bytes = 0
    await this.#put(piece)
  }

  #interface(link: Link): number {
    const known = this.#interfaces.get(link)
    if (known !== undefined) return known
    const head = Buffer.alloc(8)
    head.writeUInt16LE(link.linkType, 0)
    head.writeUInt32LE(link.snapLength ?? 0, 4)
    const name = link.name === '' ? [] : [option(NAME, Buffer.from(link.name))]
    const options = [...name, option(RESOLUTION, Uint8Array.of(NANOSECONDS)), option(END, Buffer.alloc(0))]
    this.#block(INTERFACE_DESCRIPTION, [head, ...options])
    this.#interfaces.set(link, this.#interfaces.size)
    return this.#interfaces.size - 1
  }

  /** @param body parts, each a multiple of four bytes long */
  #block(type: number, body: readonly Buffer[]): void {
    const length = body.reduce((sum, part) => sum + part.length, FRAME_BYTES)
    const head = Buffer.alloc(8)
    head.writeUInt32LE(type, 0)
    head.writeUInt32LE(length, 4)
    const tail = Buffer.alloc(4)
    tail.writeUInt32LE(length, 0)
    this.#waiting.push(head, ...body, tail)
    this.#bytes += length
  }
}

function option(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(code, 0)
  head.writeUInt16LE(value.length, 2)
  return Buffer.concat([head, padded(value)])
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}
