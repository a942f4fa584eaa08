/**
 * One TCP connection or UDP exchange, and its packets as Ethernet frames:
 * optional VLAN tag (802.1Q), IPv4 (RFC 791) or IPv6 (RFC 8200), TCP (RFC 9293)
 * or UDP (RFC 768), all in network byte order, with right checksums.
 *
 * All that is the same for each packet of a direction lies in a header made
 * once; a packet copies it and fills in lengths, numbers and checksums.
 */

import { checksum, type Payload } from './payload.ts'
import type { PcapWriter } from './pcap-writer.ts'

const ETHERNET_BYTES = 14
const VLAN_BYTES = 4
const IPV4_BYTES = 20
const IPV6_BYTES = 40
const TCP_BYTES = 20
const UDP_BYTES = 8
/** Without the frame check sequence, which captures do not hold. */
const FRAME_BYTES_MIN = 60

const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd
const ETHERTYPE_VLAN = 0x8100
const WINDOW = 502

export const TCP = 6
export const UDP = 17

export const FIN = 0x01
export const SYN = 0x02
export const PSH = 0x08
export const ACK = 0x10

export interface Endpoint {
  mac: Buffer
  /** 4 or 16 bytes. */
  ip: Buffer
  port: number
}

/** A packet still to be written: bytes[start, end) of `payload`. With SYN these bytes are TCP options. */
export interface Segment {
  flow: Flow
  fromClient: boolean
  /** TCP flags; 0 for UDP. */
  flags: number
  payload: Payload | null
  /** Even. */
  start: number
  end: number
}

/** What is the same for each packet of one direction, and where its counting stands. */
interface Side {
  header: Buffer
  /** Sum of the constant words of the IPv4 header; 0 for IPv6. */
  ipSum: number
  /** Sum of the constant words of the pseudo header and the transport header. */
  transportSum: number
  sequence: number
  ipId: number
}

export class Flow {
  readonly client: Endpoint
  readonly server: Endpoint
  readonly protocol: typeof TCP | typeof UDP
  readonly #isIpv4: boolean
  readonly #ipAt: number
  readonly #transportAt: number
  readonly #toServer: Side
  readonly #toClient: Side

  /**
   * @param vlan VLAN id, 0 for none
   * @param next random numbers, for sequence numbers and IP ids
   */
  constructor(
    protocol: typeof TCP | typeof UDP,
    client: Endpoint,
    server: Endpoint,
    vlan: number,
    next: (below: number) => number,
  ) {
    this.protocol = protocol
    this.client = client
    this.server = server
    this.#isIpv4 = client.ip.length === 4
    this.#ipAt = ETHERNET_BYTES + (vlan === 0 ? 0 : VLAN_BYTES)
    this.#transportAt = this.#ipAt + (this.#isIpv4 ? IPV4_BYTES : IPV6_BYTES)
    this.#toServer = this.#side(client, server, vlan, next)
    this.#toClient = this.#side(server, client, vlan, next)
  }

  /** Bytes of the frame that `write` makes of this segment. */
  frameBytes(segment: Segment): number {
    const transport = this.protocol === TCP ? TCP_BYTES : UDP_BYTES
    return Math.max(FRAME_BYTES_MIN, this.#transportAt + transport + segment.end - segment.start)
  }

  /** Writes the segment as the next packet of this flow; the acknowledgement covers all that was written before. */
  write(segment: Segment, writer: PcapWriter, timeUs: number): void {
    const side = segment.fromClient ? this.#toServer : this.#toClient
    const length = this.frameBytes(segment)
    const frame = writer.begin(length, timeUs)
    const { bytes } = writer
    bytes.set(side.header, frame)

    const transport = frame + this.#transportAt
    const headerBytes = this.protocol === TCP ? TCP_BYTES : UDP_BYTES
    const transportBytes = headerBytes + segment.end - segment.start
    this.#writeIp(bytes, frame + this.#ipAt, side, transportBytes)
    if (segment.payload !== null) {
      segment.payload.bytes.copy(bytes, transport + headerBytes, segment.start, segment.end)
    }
    if (this.protocol === TCP) this.#writeTcp(bytes, transport, side, segment)
    else writeUdp(bytes, transport, side, segment)
    bytes.fill(0, transport + transportBytes, frame + length)
  }

  #writeIp(bytes: Buffer, at: number, side: Side, transportBytes: number): void {
    if (!this.#isIpv4) {
      bytes.writeUInt16BE(transportBytes, at + 4)
      return
    }
    side.ipId = (side.ipId + 1) & 0xffff
    bytes.writeUInt16BE(IPV4_BYTES + transportBytes, at + 2)
    bytes.writeUInt16BE(side.ipId, at + 4)
    bytes.writeUInt16BE(checksum(side.ipSum + IPV4_BYTES + transportBytes + side.ipId), at + 10)
  }

  #writeTcp(bytes: Buffer, at: number, side: Side, segment: Segment): void {
    const { flags, payload, start, end } = segment
    const length = end - start
    const isSyn = (flags & SYN) !== 0
    const other = side === this.#toServer ? this.#toClient : this.#toServer
    const acknowledged = (flags & ACK) === 0 ? 0 : other.sequence
    const offsetAndFlags = ((isSyn ? (TCP_BYTES + length) / 4 : TCP_BYTES / 4) << 12) | flags
    bytes.writeUInt32BE(side.sequence, at + 4)
    bytes.writeUInt32BE(acknowledged, at + 8)
    bytes.writeUInt16BE(offsetAndFlags, at + 12)
    const sum =
      side.transportSum +
      TCP_BYTES +
      length +
      (side.sequence >>> 16) +
      (side.sequence & 0xffff) +
      (acknowledged >>> 16) +
      (acknowledged & 0xffff) +
      offsetAndFlags +
      (payload === null ? 0 : payload.sum(start, end))
    bytes.writeUInt16BE(checksum(sum), at + 16)
    const counted = (isSyn ? 0 : length) + (isSyn || (flags & FIN) !== 0 ? 1 : 0)
    side.sequence = (side.sequence + counted) >>> 0
  }

  #side(from: Endpoint, to: Endpoint, vlan: number, next: (below: number) => number): Side {
    const header = Buffer.alloc(this.#transportAt + (this.protocol === TCP ? TCP_BYTES : UDP_BYTES))
    to.mac.copy(header, 0)
    from.mac.copy(header, 6)
    if (vlan !== 0) {
      header.writeUInt16BE(ETHERTYPE_VLAN, 12)
      header.writeUInt16BE(vlan, 14)
    }
    header.writeUInt16BE(this.#isIpv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6, this.#ipAt - 2)

    const ip = this.#ipAt
    if (this.#isIpv4) {
      header.writeUInt8(0x45, ip)
      header.writeUInt16BE(0x4000, ip + 6) // do not fragment
      header.writeUInt8(64, ip + 8)
      header.writeUInt8(this.protocol, ip + 9)
      from.ip.copy(header, ip + 12)
      to.ip.copy(header, ip + 16)
    } else {
      header.writeUInt8(0x60, ip)
      header.writeUInt8(this.protocol, ip + 6)
      header.writeUInt8(64, ip + 7)
      from.ip.copy(header, ip + 8)
      to.ip.copy(header, ip + 24)
    }
    const transport = this.#transportAt
    header.writeUInt16BE(from.port, transport)
    header.writeUInt16BE(to.port, transport + 2)
    if (this.protocol === TCP) header.writeUInt16BE(WINDOW, transport + 14)

    const addressesAt = this.#isIpv4 ? ip + 12 : ip + 8
    return {
      header,
      ipSum: this.#isIpv4 ? words(header, ip, transport) : 0,
      transportSum: this.protocol + words(header, addressesAt, header.length),
      sequence: next(2 ** 32),
      ipId: next(2 ** 16),
    }
  }
}

function writeUdp(bytes: Buffer, at: number, side: Side, segment: Segment): void {
  const { payload, start, end } = segment
  const length = UDP_BYTES + end - start
  const sum = checksum(side.transportSum + 2 * length + (payload === null ? 0 : payload.sum(start, end)))
  bytes.writeUInt16BE(length, at + 4)
  bytes.writeUInt16BE(sum === 0 ? 0xffff : sum, at + 6) // 0 would say "no checksum"
}

/** The sum of the 16-bit words of bytes[start, end). */
function words(bytes: Buffer, start: number, end: number): number {
  let sum = 0
  for (let at = start; at < end; at += 2) sum += bytes.readUInt16BE(at)
  return sum
}
