/**
 * Builds frames for the tests of this folder, one header around the other:
 * `ether(IPV4, ipv4(UDP, udp(5000, 53, data)))`. Everything is right (but for
 * checksums, which nobody looks at) unless a test says otherwise.
 */

import { hex } from '../support/arena.ts'

export type Part = Uint8Array | string | number[]

/** Joins bytes; text is hex. */
export function join(...parts: Part[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? hex(part) : Buffer.from(part))))
}

export function u16be(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff]
}

export function u32be(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
}

export const TARGET_MAC = '00005e005301'
export const SOURCE_MAC = '00005e005302'

/** An Ethernet frame. */
export function ether(type: number, payload: Uint8Array): Uint8Array {
  return join(TARGET_MAC, SOURCE_MAC, u16be(type), payload)
}

/** What stands behind EtherType 8100. */
export function vlan(id: number, type: number, payload: Uint8Array): Uint8Array {
  return join(u16be(id), u16be(type), payload)
}

export interface Ipv4Options {
  source?: string
  target?: string
  id?: number
  /** Byte offset of the piece. */
  offset?: number
  more?: boolean
  ttl?: number
  /** Total length, where it shall not be the true one. */
  length?: number
  options?: string
}

/** An IPv4 packet from 192.0.2.1 to 198.51.100.2. */
export function ipv4(protocol: number, payload: Uint8Array, options: Ipv4Options = {}): Uint8Array {
  const extra = join(options.options ?? '')
  const length = options.length ?? 20 + extra.length + payload.length
  return join(
    [0x45 + extra.length / 4, 0],
    u16be(length),
    u16be(options.id ?? 0x1234),
    u16be((options.more ? 0x2000 : 0) | ((options.offset ?? 0) >> 3)),
    [options.ttl ?? 64, protocol, 0, 0],
    address4(options.source ?? '192.0.2.1'),
    address4(options.target ?? '198.51.100.2'),
    extra,
    payload,
  )
}

export interface Ipv6Options {
  /** Last byte of the source address. */
  source?: number
  hops?: number
  length?: number
  flowLabel?: number
}

/** An IPv6 packet from 2001:db8::1 to 2001:db8::2. */
export function ipv6(next: number, payload: Uint8Array, options: Ipv6Options = {}): Uint8Array {
  return join(
    u32be(0x60000000 | (options.flowLabel ?? 0)),
    u16be(options.length ?? payload.length),
    [next, options.hops ?? 64],
    `20010db8 00000000 00000000 000000`,
    [options.source ?? 1],
    '20010db8 00000000 00000000 00000002',
    payload,
  )
}

/** The fragment header of IPv6 (next header 44) and a piece. */
export function fragment6(next: number, id: number, offset: number, more: boolean, piece: Uint8Array): Uint8Array {
  return join([next, 0], u16be(offset | (more ? 1 : 0)), u32be(id), piece)
}

export function udp(source: number, target: number, payload: Uint8Array, length = 8 + payload.length): Uint8Array {
  return join(u16be(source), u16be(target), u16be(length), '0000', payload)
}

export interface TcpOptions {
  sequence?: number
  acknowledgment?: number
  flags?: number
  checksum?: number
}

export function tcp(source: number, target: number, payload: Uint8Array, options: TcpOptions = {}): Uint8Array {
  return join(
    u16be(source),
    u16be(target),
    u32be(options.sequence ?? 1000),
    u32be(options.acknowledgment ?? 2000),
    [0x50, options.flags ?? 0x18],
    '0400',
    u16be(options.checksum ?? 0),
    '0000',
    payload,
  )
}

function address4(text: string): number[] {
  return text.split('.').map(Number)
}
