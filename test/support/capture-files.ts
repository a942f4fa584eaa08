/**
 * Writes capture files for tests: classic pcap and pcapng, in both byte
 * orders, block by block, so that every field can also be wrong.
 *
 * `big` is the byte order: false (little-endian) when absent.
 */

export interface TestFrame {
  /** Whole seconds. */
  seconds?: number
  /** Micro- or nanoseconds, as the file has them. */
  fraction?: number
  data: Uint8Array
  /** Length on the wire; the length of the data when absent. */
  original?: number
}

export interface PcapSettings {
  big?: boolean
  /** a1b2c3d4 (microseconds) when absent. */
  magic?: number
  major?: number
  linkType?: number
}

/** A numbered frame of `length` bytes that no other frame looks like. */
export function frameOf(number: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (number * 31 + i * 7) & 0xff)
}

export function pcapFile(frames: readonly TestFrame[], settings: PcapSettings = {}): Buffer {
  return Buffer.concat([pcapHeader(settings), ...frames.map((frame) => pcapRecord(frame, settings))])
}

export function pcapHeader({ big = false, magic = 0xa1b2c3d4, major = 2, linkType = 1 }: PcapSettings = {}): Buffer {
  return Buffer.concat([
    u32(magic, big),
    u16(major, big),
    u16(4, big),
    u32(0, big),
    u32(0, big),
    u32(262_144, big),
    u32(linkType, big),
  ])
}

/** @param captured length that the record claims; the length of the data when absent */
export function pcapRecord(frame: TestFrame, { big = false, magic }: PcapSettings = {}, captured?: number): Buffer {
  const { seconds = 1_700_000_000, fraction = 0, data, original = data.length } = frame
  const head = [u32(seconds, big), u32(fraction, big), u32(captured ?? data.length, big), u32(original, big)]
  if (magic === 0xa1b2cd34) head.push(Buffer.alloc(8, 0xee))
  return Buffer.concat([...head, data])
}

/** Any block of pcapng. `length` and `trailer` are right unless they are given. */
export function ngBlock(type: number, body: Uint8Array, big = false, length?: number, trailer?: number): Buffer {
  const padded = pad(body)
  const right = padded.length + 12
  return Buffer.concat([u32(type, big), u32(length ?? right, big), padded, u32(trailer ?? length ?? right, big)])
}

export function ngSection(big = false, { magic = 0x1a2b3c4d, major = 1, sectionBytes = -1n } = {}): Buffer {
  const body = [u32(magic, big), u16(major, big), u16(0, big), i64(sectionBytes, big)]
  return ngBlock(0x0a0d0d0a, Buffer.concat(body), big)
}

export interface NgInterface {
  big?: boolean
  linkType?: number
  snapLength?: number
  name?: string
  resolution?: number
  offsetSeconds?: bigint
  /** Options as bytes, behind the others. */
  more?: Uint8Array
}

export function ngInterface(settings: NgInterface = {}): Buffer {
  const { big = false, linkType = 1, snapLength = 0, name, resolution, offsetSeconds, more } = settings
  const options: Buffer[] = []
  if (name !== undefined) options.push(ngOption(2, Buffer.from(name), big))
  if (resolution !== undefined) options.push(ngOption(9, Uint8Array.of(resolution), big))
  if (offsetSeconds !== undefined) options.push(ngOption(14, i64(offsetSeconds, big), big))
  if (more !== undefined) options.push(Buffer.from(more))
  else if (options.length > 0) options.push(ngOption(0, new Uint8Array(0), big))
  return ngBlock(1, Buffer.concat([u16(linkType, big), u16(0, big), u32(snapLength, big), ...options]), big)
}

export function ngOption(code: number, value: Uint8Array, big = false): Buffer {
  return Buffer.concat([u16(code, big), u16(value.length, big), pad(value)])
}

export interface NgPacket {
  big?: boolean
  interface?: number
  ticks?: bigint
  data: Uint8Array
  captured?: number
  original?: number
  options?: Uint8Array
}

/** An enhanced packet block. */
export function ngPacket(packet: NgPacket): Buffer {
  const head = u32(packet.interface ?? 0, packet.big ?? false)
  return ngBlock(6, Buffer.concat([head, packetBody(packet)]), packet.big)
}

/** An obsolete packet block; its 16 bits of drop count are set. */
export function ngObsoletePacket(packet: NgPacket): Buffer {
  const big = packet.big ?? false
  return ngBlock(2, Buffer.concat([u16(packet.interface ?? 0, big), u16(0xffff, big), packetBody(packet)]), big)
}

export function ngSimplePacket(data: Uint8Array, original = data.length, big = false): Buffer {
  return ngBlock(3, Buffer.concat([u32(original, big), data]), big)
}

function packetBody({ big = false, ticks = 0n, data, captured, original, options }: NgPacket): Buffer {
  return Buffer.concat([
    u32(Number(ticks >> 32n), big),
    u32(Number(ticks & 0xffffffffn), big),
    u32(captured ?? data.length, big),
    u32(original ?? captured ?? data.length, big),
    pad(data),
    options ?? new Uint8Array(0),
  ])
}

function pad(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, new Uint8Array(-bytes.length & 3)])
}

function u16(value: number, big: boolean): Buffer {
  const bytes = Buffer.alloc(2)
  if (big) bytes.writeUInt16BE(value)
  else bytes.writeUInt16LE(value)
  return bytes
}

function u32(value: number, big: boolean): Buffer {
  const bytes = Buffer.alloc(4)
  if (big) bytes.writeUInt32BE(value)
  else bytes.writeUInt32LE(value)
  return bytes
}

function i64(value: bigint, big: boolean): Buffer {
  const bytes = Buffer.alloc(8)
  if (big) bytes.writeBigInt64BE(value)
  else bytes.writeBigInt64LE(value)
  return bytes
}
