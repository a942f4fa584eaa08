/**
 * TLS bytes of the bench traffic: ClientHellos as browsers send them, the
 * server's first flight, and streams of application data (RFC 8446 sections
 * 4.1.2, 4.1.3 and 5.1; SNI: RFC 6066 section 3). Network byte order.
 *
 * Written from the RFCs and not taken from a TLS library, so that the same seed
 * gives the same bytes with every version of Node. tshark, which shares no code
 * with us, reads the names back in traffic.test.ts.
 */

import { Payload } from './payload.ts'

const HANDSHAKE = 22
const CHANGE_CIPHER_SPEC = Buffer.from('140303000101', 'hex')
const APPLICATION_DATA = 23
const RECORD_HEADER_BYTES = 5
/** The largest record after encryption that common servers write: 2^14, the inner type byte and a 16-byte tag. */
const RECORD_BYTES_MAX = 16_384 + 17

const X25519 = 0x001d
const X25519MLKEM768 = 0x11ec // draft-ietf-tls-ecdhe-mlkem: an ML-KEM key of 1,184 bytes and an X25519 key of 32
const RANDOM_AT = RECORD_HEADER_BYTES + 4 + 2

type Random = (below: number) => number

/** The parts of a ClientHello before and after its server name. */
export interface HelloTemplate {
  head: Buffer
  extensions: Buffer
}

/**
 * A ClientHello without its server name.
 * @param postQuantum with the key share that makes a hello larger than one packet (about 1,750 bytes)
 */
export function helloTemplate(postQuantum: boolean, next: Random): HelloTemplate {
  const shares = [keyShare(X25519, 32, next)]
  if (postQuantum) shares.unshift(keyShare(X25519MLKEM768, 1216, next))
  const groups = postQuantum ? '11ec001d00170018' : '001d00170018'
  return {
    head: Buffer.concat([
      Buffer.from('0303', 'hex'),
      randomBytes(32, next),
      Buffer.from([32]),
      randomBytes(32, next),
      block16(Buffer.from('130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035', 'hex')),
      Buffer.from('0100', 'hex'), // compression: none
    ]),
    extensions: Buffer.concat([
      extension(23, Buffer.alloc(0)), // extended_master_secret
      extension(0xff01, Buffer.from([0])), // renegotiation_info
      extension(10, block16(Buffer.from(groups, 'hex'))), // supported_groups
      extension(11, Buffer.from('0100', 'hex')), // ec_point_formats
      extension(35, randomBytes(postQuantum ? 208 : 0, next)), // session_ticket
      extension(16, block16(Buffer.from('\x02h2\x08http/1.1', 'latin1'))), // ALPN
      extension(5, Buffer.from('0100000000', 'hex')), // status_request
      extension(13, block16(Buffer.from('0403080404010503080505010806060102010203', 'hex'))), // signature_algorithms
      extension(51, block16(Buffer.concat(shares))), // key_share
      extension(45, Buffer.from('0101', 'hex')), // psk_key_exchange_modes
      extension(43, Buffer.from('0403040303', 'hex')), // supported_versions: 1.3, 1.2
    ]),
  }
}

/** A ClientHello record for `name`, with a random of its own. */
export function clientHello(template: HelloTemplate, name: string, next: Random): Payload {
  const entry = Buffer.concat([Buffer.from([0]), block16(Buffer.from(name, 'latin1'))]) // host_name
  const extensions = block16(Buffer.concat([extension(0, block16(entry)), template.extensions]))
  const hello = record(HANDSHAKE, handshake(1, Buffer.concat([template.head, extensions])))
  hello.writeUInt16BE(0x0301, 1) // the first record says TLS 1.0, RFC 8446 section 5.1
  for (let at = 0; at < 32; at += 4) hello.writeUInt32BE(next(2 ** 32), RANDOM_AT + at)
  return new Payload(hello)
}

/** ServerHello, change cipher spec, and `encryptedBytes` of the rest of the handshake. */
export function serverFlight(encryptedBytes: number, next: Random): Payload {
  const extensions = Buffer.concat([
    extension(43, Buffer.from('0304', 'hex')),
    extension(51, keyShare(X25519, 32, next)),
  ])
  const hello = Buffer.concat([
    Buffer.from('0303', 'hex'),
    randomBytes(32, next),
    Buffer.from([32]),
    randomBytes(32, next),
    Buffer.from('130100', 'hex'), // TLS_AES_128_GCM_SHA256, no compression
    block16(extensions),
  ])
  const rest = applicationRecords(encryptedBytes, next)
  return new Payload(Buffer.concat([record(HANDSHAKE, handshake(2, hello)), CHANGE_CIPHER_SPEC, ...rest]))
}

/** Change cipher spec, the client's Finished and a request of `requestBytes`. */
export function clientFlight(requestBytes: number, next: Random): Payload {
  const finished = applicationRecords(RECORD_HEADER_BYTES + 53, next)
  return new Payload(Buffer.concat([CHANGE_CIPHER_SPEC, ...finished, ...applicationRecords(requestBytes, next)]))
}

/** A stream of application data, `bytes` long with its record headers. */
export function applicationData(bytes: number, next: Random): Payload {
  return new Payload(Buffer.concat(applicationRecords(bytes, next)))
}

function applicationRecords(bytes: number, next: Random): Buffer[] {
  const records: Buffer[] = []
  for (let left = bytes; left > 0; ) {
    const length = Math.max(1, Math.min(left - RECORD_HEADER_BYTES, RECORD_BYTES_MAX))
    records.push(record(APPLICATION_DATA, randomBytes(length, next)))
    left -= RECORD_HEADER_BYTES + length
  }
  return records
}

function record(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3]), block16(body)])
}

function handshake(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 0]), block16(body)])
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), block16(body)])
}

function keyShare(group: number, length: number, next: Random): Buffer {
  return extension(group, randomBytes(length, next)) // the same shape: a number, a length, bytes
}

/** The bytes with their length in front, in two bytes. */
function block16(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length >> 8, body.length & 0xff]), body])
}

function randomBytes(length: number, next: Random): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at++) bytes[at] = next(256)
  return bytes
}
