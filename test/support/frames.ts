/**
 * Builds frames for tests, header by header, so that every field can also be
 * wrong. Numbers are in network byte order; checksums are zero, since the
 * sensor does not look at them.
 *
 * What an option does not say is right: lengths fit the payload, addresses are
 * documentation addresses.
 */

import { Address4, Address6 } from 'ip-address'

export const SYN = 0x02
export const ACK = 0x10
export const PSH = 0x08
export const FIN = 0x01
export const RST = 0x04
export const URG = 0x20

/** An address and a port. */
export interface End {
  ip: string
  port: number
}

export interface EthernetOptions {
  /** EtherType behind the tags. */
  type?: number
  /** VLAN ids, outermost first; with a priority of 5, which must not become part of the id. */
  vlans?: readonly number[]
  /** EtherType of the tags. */
  tagType?: number
  sourceMac?: string
  targetMac?: string
}

export function ethernet(payload: Uint8Array, options: EthernetOptions = {}): Buffer {
  const { type = 0x0800, vlans = [], tagType = 0x8100 } = options
  const { sourceMac = '00005e005310', targetMac = '00005e005353' } = options
  const parts: Buffer[] = [Buffer.from(targetMac, 'hex'), Buffer.from(sourceMac, 'hex')]
  for (const id of vlans) parts.push(u16(tagType), u16(0xa000 | id))
  return Buffer.concat([...parts, u16(type), payload])
}

export interface Ipv4Options {
  source?: string
  target?: string
  protocol?: number
  /** In 32-bit words. */
  ihl?: number
  version?: number
  totalLength?: number
  /** The flags and the fragment offset as they stand in the header. */
  fragment?: number
  options?: Uint8Array
}

export function ipv4(payload: Uint8Array, settings: Ipv4Options = {}): Buffer {
  const { source = '192.0.2.10', target = '198.51.100.7', protocol = 6, version = 4, fragment = 0x4000 } = settings
  const { options = new Uint8Array(0), ihl = 5 + options.length / 4 } = settings
  const { totalLength = 20 + options.length + payload.length } = settings
  return Buffer.concat([
    Buffer.of((version << 4) | ihl, 0),
    u16(totalLength),
    u16(0x1234),
    u16(fragment),
    Buffer.of(64, protocol, 0, 0),
    addressBytes(source),
    addressBytes(target),
    options,
    payload,
  ])
}

export interface Ipv6Options {
  source?: string
  target?: string
  /** Number of the header that follows. */
  next?: number
  version?: number
  payloadLength?: number
}

export function ipv6(payload: Uint8Array, settings: Ipv6Options = {}): Buffer {
  const { source = '2001:db8::10', target = '2001:db8:1::7', next = 6, version = 6 } = settings
  const { payloadLength = payload.length } = settings
  return Buffer.concat([
    Buffer.of(version << 4, 0, 0, 0),
    u16(payloadLength),
    Buffer.of(next, 64),
    addressBytes(source),
    addressBytes(target),
    payload,
  ])
}

/** An IPv6 extension header of 8 bytes (times `units` + 1) in front of `payload`. */
export function extension(next: number, payload: Uint8Array, units = 0): Buffer {
  return Buffer.concat([Buffer.of(next, units), Buffer.alloc(6 + 8 * units), payload])
}

export interface TcpOptions {
  sourcePort?: number
  targetPort?: number
  sequence?: number
  acknowledgment?: number
  flags?: number
  /** In 32-bit words. */
  dataOffset?: number
  options?: Uint8Array
}

export function tcp(payload: Uint8Array, settings: TcpOptions = {}): Buffer {
  const { sourcePort = 51_000, targetPort = 443, sequence = 1000, acknowledgment = 0x11223344, flags = ACK } = settings
  const { options = new Uint8Array(0), dataOffset = 5 + options.length / 4 } = settings
  return Buffer.concat([
    u16(sourcePort),
    u16(targetPort),
    u32(sequence),
    u32(acknowledgment),
    Buffer.of(dataOffset << 4, flags),
    u16(0xfaf0),
    u32(0),
    options,
    payload,
  ])
}

export interface UdpOptions {
  sourcePort?: number
  targetPort?: number
  length?: number
}

export function udp(payload: Uint8Array, settings: UdpOptions = {}): Buffer {
  const { sourcePort = 53_492, targetPort = 53, length = 8 + payload.length } = settings
  return Buffer.concat([u16(sourcePort), u16(targetPort), u16(length), u16(0), payload])
}

/** A whole frame with a TCP segment; the version of IP follows from the addresses. */
export function tcpFrame(
  source: End,
  target: End,
  settings: TcpOptions,
  payload = EMPTY,
  link?: EthernetOptions,
): Buffer {
  return ipFrame(
    source,
    target,
    6,
    tcp(payload, { ...settings, sourcePort: source.port, targetPort: target.port }),
    link,
  )
}

/** A whole frame with a UDP datagram; the version of IP follows from the addresses. */
export function udpFrame(source: End, target: End, payload: Uint8Array, link?: EthernetOptions): Buffer {
  return ipFrame(source, target, 17, udp(payload, { sourcePort: source.port, targetPort: target.port }), link)
}

/** The bytes of an address that is written as text. */
export function addressBytes(text: string): Buffer {
  const isIpv6 = text.includes(':')
  const number = isIpv6 ? new Address6(text).bigInt() : new Address4(text).bigInt()
  return Buffer.from(number.toString(16).padStart(isIpv6 ? 32 : 8, '0'), 'hex')
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

const EMPTY: Uint8Array = new Uint8Array(0)

function ipFrame(source: End, target: End, protocol: number, segment: Buffer, link: EthernetOptions = {}): Buffer {
  if (source.ip.includes(':')) {
    const packet = ipv6(segment, { source: source.ip, target: target.ip, next: protocol })
    return ethernet(packet, { type: 0x86dd, ...link })
  }
  return ethernet(ipv4(segment, { source: source.ip, target: target.ip, protocol }), link)
}
