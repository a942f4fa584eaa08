/**
 * Writes QUIC packets as a client sends them, for tests: protected Initials of
 * any version with any frames, Retry, version negotiation, and the packets of
 * Google QUIC. Big-endian, but for Google's tags.
 *
 * The first secret comes from `hkdfSync` and not from our own derivation, so a
 * mistake there shows. Salts and labels do come from src/protocol/quic/versions.ts: those of
 * versions 1 and 2 are held by the packets in the RFCs (vectors.test.ts).
 */

import { createCipheriv, createHash, createHmac, hkdfSync } from 'node:crypto'
import { knownVersion, likelyVersion, type Version } from '../../src/protocol/quic/versions.ts'

export const V1 = 0x00000001
export const V2 = 0x6b3343cf

/** `value` in `length` bytes (1, 2, 4 or 8); the shortest form when no length is given. */
export function varint(value: number, length?: number): Buffer {
  const bytes = length ?? (value < 0x40 ? 1 : value < 0x4000 ? 2 : value < 0x40000000 ? 4 : 8)
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(value) | (BigInt(Math.log2(bytes)) << BigInt(8 * bytes - 2)))
  return out.subarray(8 - bytes)
}

/** A CRYPTO frame with `data` at `offset` of the stream. */
export function crypto(offset: number, data: Uint8Array): Buffer {
  return Buffer.concat([varint(6), varint(offset), varint(data.length), data])
}

/** The same in the numbering of Q050, T050 and T051. */
export function googleCrypto(offset: number, data: Uint8Array): Buffer {
  return Buffer.concat([varint(8), varint(offset), varint(data.length), data])
}

export const PING = Buffer.from([1])

/** An ACK frame of `largest` alone. */
export function ack(largest: number): Buffer {
  return Buffer.concat([varint(2), varint(largest), varint(25), varint(0), varint(0)])
}

/** `count` bytes of PADDING. */
export function padding(count: number): Buffer {
  return Buffer.alloc(count)
}

export interface InitialFields {
  /** The frames, in order. */
  frames: Uint8Array[]
  version?: number
  id?: Uint8Array
  sourceId?: Uint8Array
  token?: Uint8Array
  number?: number
  /** 1 to 4. */
  numberBytes?: number
  /** PADDING is added until the packet has this many bytes; 1200 when absent. */
  bytes?: number
  /** The id that the keys are made of, where it is not `id`. */
  keyId?: Uint8Array
  /** The version whose salt and labels are used, where it is not `version`. */
  keyVersion?: number
  /** Value of the fixed bit; 1 when absent. */
  fixedBit?: number
}

export const ID = Buffer.from('8394c8f03e515708', 'hex')

/** A protected Initial packet of a client. */
export function initial(fields: InitialFields): Buffer {
  const { frames, version = V1, id = ID, sourceId = Buffer.alloc(0), token = Buffer.alloc(0) } = fields
  const { number = 0, numberBytes = 1, bytes = 1200, keyId = id, keyVersion = version, fixedBit = 1 } = fields
  const layout = knownVersion(keyVersion) ?? likelyVersion(0)!
  const typeBits = layout.types.indexOf(0)
  const head = Buffer.concat([
    Buffer.from([0x80 | (fixedBit << 6) | (typeBits << 4) | (numberBytes - 1)]),
    u32(version),
    Buffer.from([id.length]),
    id,
    Buffer.from([sourceId.length]),
    sourceId,
    varint(token.length),
    token,
  ])
  let payload = Buffer.concat(frames)
  const missing = bytes - (head.length + 2 + numberBytes + payload.length + 16)
  payload = Buffer.concat([payload, padding(Math.max(missing, 4 - numberBytes, 0))])
  const numberField = u32(number).subarray(4 - numberBytes)
  const length = numberBytes + payload.length + 16
  const header = Buffer.concat([head, varint(length, length < 0x4000 ? 2 : 4), numberField])
  return protect(header, header.length - numberBytes, numberBytes, number, payload, layout, keyId)
}

function protect(
  header: Buffer,
  numberStart: number,
  numberBytes: number,
  number: number,
  payload: Buffer,
  version: Version,
  keyId: Uint8Array,
): Buffer {
  // hkdfSync extracts and expands at once: the first label needs the salt, the others only expand.
  const client = Buffer.from(hkdfSync('sha256', keyId, version.salt, labelInfo('client in', 32), 32))
  const iv = expandLabel(client, `${version.label} iv`, 12)
  for (let i = 0; i < 4; i++) iv[8 + i]! ^= (number >>> (24 - 8 * i)) & 0xff
  const cipher = createCipheriv('aes-128-gcm', expandLabel(client, `${version.label} key`, 16), iv)
  cipher.setAAD(header)
  const packet = Buffer.concat([header, cipher.update(payload), cipher.final(), cipher.getAuthTag()])

  const headerCipher = createCipheriv('aes-128-ecb', expandLabel(client, `${version.label} hp`, 16), null)
  const mask = headerCipher.update(packet.subarray(numberStart + 4, numberStart + 20))
  packet[0]! ^= mask[0]! & 0x0f
  for (let i = 0; i < numberBytes; i++) packet[numberStart + i]! ^= mask[1 + i]!
  return packet
}

function expandLabel(secret: Uint8Array, label: string, length: number): Buffer {
  return createHmac('sha256', secret)
    .update(labelInfo(label, length))
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, length)
}

/** The info of HKDF-Expand-Label, RFC 8446 section 7.1, with an empty context. */
function labelInfo(label: string, length: number): Buffer {
  const text = `tls13 ${label}`
  return Buffer.concat([Buffer.from([0, length, text.length]), Buffer.from(text), Buffer.from([0])])
}

/** A packet that nobody on the path can read: 0-RTT (`typeBits` 1 in version 1) or Handshake (2). */
export function opaque(typeBits: number, payload: Uint8Array, version = V1, id: Uint8Array = ID): Buffer {
  const head = [Buffer.from([0xc0 | (typeBits << 4)]), u32(version), Buffer.from([id.length]), id, Buffer.from([0])]
  return Buffer.concat([...head, varint(payload.length, 2), payload])
}

/** A Retry of the server with the id `sourceId`; its integrity tag is not computed. */
export function retry(sourceId: Uint8Array, token: Uint8Array, version = V1): Buffer {
  const typeBits = (knownVersion(version) ?? likelyVersion(0)!).types.indexOf(3)
  const head = [Buffer.from([0xc0 | (typeBits << 4)]), u32(version), Buffer.from([0, sourceId.length]), sourceId]
  return Buffer.concat([...head, token, Buffer.alloc(16, 0x7a)])
}

/** A version negotiation packet, RFC 8999 section 6. */
export function versionNegotiation(id: Uint8Array, sourceId: Uint8Array, versions: number[]): Buffer {
  const ids = [Buffer.from([id.length]), id, Buffer.from([sourceId.length]), sourceId]
  return Buffer.concat([Buffer.from([0xca]), u32(0), ...ids, ...versions.map(u32)])
}

/** A TLS 1.3 ClientHello for `name`, made long by a padding extension of `extraBytes` bytes, as key shares make real ones. */
export function clientHello(name: string, extraBytes = 200, alpn = 'h3'): Buffer {
  const host = Buffer.from(name, 'latin1')
  const entry = Buffer.concat([Buffer.from([0]), block16(host)])
  const extensions = [
    extension(21, createHash('sha256').update(name).digest(), extraBytes),
    extension(0, block16(entry)),
    extension(16, block16(Buffer.concat([Buffer.from([alpn.length]), Buffer.from(alpn)]))),
    extension(43, Buffer.from([2, 3, 4])),
  ]
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    createHash('sha256').update(`random of ${name}`).digest(),
    Buffer.from([0]),
    block16(Buffer.from([0x13, 0x01, 0x13, 0x02])),
    Buffer.from([1, 0]),
    block16(Buffer.concat(extensions)),
  ])
  return Buffer.concat([u32(0x01000000 + body.length), body])
}

function extension(type: number, data: Uint8Array, bytes = data.length): Buffer {
  const filled = Buffer.alloc(bytes, data)
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), block16(filled)])
}

function block16(data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([data.length >> 8, data.length & 0xff]), data])
}

/** Google's own hello with these tags (each of four characters; `SNI` gets its zero byte). */
export function googleHello(tags: Record<string, string>): Buffer {
  const entries: Buffer[] = []
  const values: Buffer[] = []
  let end = 0
  for (const [tag, value] of Object.entries(tags)) {
    const bytes = Buffer.from(value, 'latin1')
    end += bytes.length
    const entry = Buffer.alloc(8)
    entry.write(tag, 'latin1')
    entry.writeUInt32LE(end, 4)
    entries.push(entry)
    values.push(bytes)
  }
  const head = Buffer.alloc(8)
  head.write('CHLO', 'latin1')
  head.writeUInt16LE(entries.length, 4)
  return Buffer.concat([head, ...entries, ...values])
}

/** A STREAM frame of Google QUIC on stream `stream`, with a length. */
export function googleStream(offset: number, data: Uint8Array, stream = 1): Buffer {
  const offsetField = offset === 0 ? Buffer.alloc(0) : u32(offset)
  const type = 0xa0 | (offset === 0 ? 0 : 3 << 2) // offset length 3 means 4 bytes
  return Buffer.concat([Buffer.from([type, stream]), offsetField, block16(data)])
}

/** An unencrypted packet of Google QUIC, Q039 to Q043. */
export function publicPacket(version: string, frames: Uint8Array[]): Buffer {
  const head = [Buffer.from([0x09]), ID, Buffer.from(version, 'latin1'), Buffer.from([1])]
  return Buffer.concat([...head, Buffer.alloc(12, 0xf1), ...frames])
}

/** An unencrypted packet of Google QUIC, Q046, with a number of 4 bytes. */
export function q046Packet(frames: Uint8Array[]): Buffer {
  const head = [Buffer.from([0xc3]), Buffer.from('Q046', 'latin1'), Buffer.from([0x50]), ID, u32(1)]
  return Buffer.concat([...head, Buffer.alloc(12, 0xf1), ...frames])
}

function u32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value >>> 0)
  return out
}
