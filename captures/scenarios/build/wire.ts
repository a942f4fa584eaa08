/**
 * Makes a test frame one that other programs take, too: checksums of IPv4, TCP
 * and UDP are right, packets are numbered, and each host has a MAC address of its own. The frame
 * builders of the tests leave them zero or alike, since the sensor looks at
 * neither.
 *
 * Only Ethernet with IPv4 or IPv6 behind at most two VLAN tags; fragments are
 * left as they are.
 */

import { u16 } from '../../../src/bytes/read.ts'

const MAC_BYTES = 6
const IPV4_TYPE = 0x0800
const IPV6_TYPE = 0x86dd
const VLAN_TYPES = [0x8100, 0x88a8]
const TCP = 6
const UDP = 17
const FRAGMENT = 0x3fff

/** A copy of `frame` with what is missing filled in. @param number of the frame; becomes its identification in IPv4 */
export function onTheWire(frame: Uint8Array, number: number): Buffer {
  const bytes = Buffer.from(frame)
  let at = 2 * MAC_BYTES
  while (VLAN_TYPES.includes(u16(bytes, at))) at += 4
  const type = u16(bytes, at)
  const ip = at + 2
  if (type === IPV4_TYPE) {
    setMacs(bytes, bytes.subarray(ip + 12, ip + 16), bytes.subarray(ip + 16, ip + 20))
    const headerBytes = (bytes[ip]! & 0x0f) * 4
    bytes.writeUInt16BE(number & 0xffff, ip + 4)
    bytes.writeUInt16BE(0, ip + 10)
    bytes.writeUInt16BE(checksum([bytes.subarray(ip, ip + headerBytes)]), ip + 10)
    if ((u16(bytes, ip + 6) & FRAGMENT) === 0)
      sumTransport(bytes, bytes[ip + 9]!, ip + headerBytes, bytes.subarray(ip + 12, ip + 20))
  } else if (type === IPV6_TYPE) {
    setMacs(bytes, bytes.subarray(ip + 8, ip + 24), bytes.subarray(ip + 24, ip + 40))
    sumTransport(bytes, bytes[ip + 6]!, ip + 40, bytes.subarray(ip + 8, ip + 40))
  }
  return bytes
}

function sumTransport(bytes: Buffer, protocol: number, start: number, addresses: Buffer): void {
  const at = start + (protocol === TCP ? 16 : protocol === UDP ? 6 : bytes.length)
  if (at + 2 > bytes.length) return
  bytes.writeUInt16BE(0, at)
  const segment = bytes.subarray(start)
  const pseudo = Buffer.alloc(8)
  pseudo.writeUInt32BE(segment.length)
  pseudo[7] = protocol
  // a UDP checksum of 0 means that there is none, RFC 768
  bytes.writeUInt16BE(checksum([addresses, pseudo, segment]) || 0xffff, at)
}

/** The Internet checksum, RFC 1071. All parts but the last have an even length. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) {
    for (let at = 0; at + 1 < part.length; at += 2) sum += u16(part, at)
    if (part.length % 2 === 1) sum += part.at(-1)! << 8
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

/** A host of the clients' network has its own address on the link; all others are behind the router. */
function setMacs(bytes: Buffer, source: Buffer, target: Buffer): void {
  bytes.set(macOf(target), 0)
  bytes.set(macOf(source), MAC_BYTES)
}

const CLIENTS = [Buffer.from([192, 0, 2]), Buffer.from('20010db800010000', 'hex')]

// RFC 7042 section 2.1.2: addresses for documentation
function macOf(address: Buffer): Buffer {
  const isClient = CLIENTS.some((prefix) => address.subarray(0, prefix.length).equals(prefix))
  return Buffer.of(0, 0, 0x5e, 0, 0x53, isClient ? address.at(-1)! : 1)
}
