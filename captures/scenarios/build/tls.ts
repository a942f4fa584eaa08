/** What the two ends of a TLS connection say, with fixed bytes where real ends draw random ones. */

import { createHash } from 'node:crypto'
import { u16 } from '../../../test/support/frames.ts'
import { extensionOf, helloMessage, inRecords, prefixed, serverNames } from '../../../test/support/hello.ts'

export interface HelloOptions {
  /** With Encrypted Client Hello; the name is then the outer one, or with GREASE the real one: a hello does not say. */
  ech?: boolean
  /** Goes on with a session of before: a ticket, and a pre-shared key as TLS 1.3 has it. */
  resumes?: boolean
}

// Numbers of extensions, RFC 8446 section 4.2 and RFC 9849 section 5
const GROUPS = 10
const SIGNATURES = 13
const ALPN = 16
const TICKET = 35
const PRE_SHARED_KEY = 41
const VERSIONS = 43
const PSK_MODES = 45
const KEY_SHARE = 51
const ECH = 0xfe0d

const X25519 = 0x001d

/** The first record of a client that offers TLS 1.3 and 1.2. @param name none is sent when it is empty */
export function clientHello(name: string, { ech = false, resumes = false }: HelloOptions = {}): Buffer {
  const extensions = [
    ...(name === '' ? [] : [serverNames(name)]),
    extensionOf(GROUPS, prefixed(2, u16(X25519), u16(0x0017))),
    extensionOf(SIGNATURES, prefixed(2, u16(0x0403), u16(0x0804))),
    extensionOf(ALPN, prefixed(2, prefixed(1, Buffer.from('h2')), prefixed(1, Buffer.from('http/1.1')))),
    extensionOf(TICKET, resumes ? noise('ticket', 192) : Buffer.alloc(0)),
    extensionOf(VERSIONS, prefixed(1, u16(0x0304), u16(0x0303))),
    extensionOf(PSK_MODES, prefixed(1, Buffer.of(1))),
    extensionOf(KEY_SHARE, prefixed(2, u16(X25519), prefixed(2, noise('share', 32)))),
    ...(ech ? [outerEch()] : []),
    ...(resumes ? [preSharedKey()] : []), // the last one, RFC 8446 section 4.2.11
  ]
  return inRecords(helloMessage({ extensions, cipherSuites: Buffer.of(0x13, 1, 0x13, 2, 0xc0, 0x2b, 0xc0, 0x2f) }))
}

/** The extension of a client that hides its server name. */
export function outerEch(): Buffer {
  const suite = Buffer.concat([u16(1), u16(1)])
  const parts = [Buffer.of(0), suite, Buffer.of(7), prefixed(2, noise('enc', 32)), prefixed(2, noise('inner', 208))]
  return extensionOf(ECH, Buffer.concat(parts))
}

function preSharedKey(): Buffer {
  const identity = Buffer.concat([prefixed(2, noise('identity', 192)), Buffer.alloc(4, 1)])
  return extensionOf(
    PRE_SHARED_KEY,
    Buffer.concat([prefixed(2, identity), prefixed(2, prefixed(1, noise('binder', 32)))]),
  )
}

/** The server's hello of TLS 1.3 and what it sends after it, encrypted. */
export function serverFlight(): Buffer {
  const body = Buffer.concat([
    u16(0x0303),
    noise('server random', 32),
    prefixed(1, Buffer.alloc(32, 0xcd)),
    u16(0x1301),
    Buffer.of(0),
    prefixed(
      2,
      extensionOf(VERSIONS, u16(0x0304)),
      extensionOf(KEY_SHARE, Buffer.concat([u16(X25519), prefixed(2, noise('server share', 32))])),
    ),
  ])
  const hello = Buffer.concat([Buffer.of(2), prefixed(3, body)])
  return Buffer.concat([Buffer.of(22, 3, 3), prefixed(2, hello), Buffer.of(20, 3, 3, 0, 1, 1), secret('flight', 900)])
}

export interface CertificateNames {
  commonName: string
  /** Alternative names. */
  names: readonly string[]
}

/** The flight of a server that chooses TLS 1.2: its hello, a certificate with these names, and the rest. */
export function certificateFlight(names: CertificateNames): Buffer {
  const random = noise('server random', 32)
  const hello = Buffer.concat([u16(0x0303), random, Buffer.of(0), u16(0xc02b), Buffer.of(0)])
  const keyExchange = Buffer.concat([
    Buffer.of(3),
    u16(X25519),
    prefixed(1, noise('server share', 32)),
    u16(0x0403),
    prefixed(2, sequence(integer(noise('r', 32)), integer(noise('s', 32)))),
  ])
  const messages = [
    [2, hello],
    [11, prefixed(3, prefixed(3, certificate(names)))],
    [12, keyExchange],
    [14, Buffer.alloc(0)],
  ] as const
  return inRecords(Buffer.concat(messages.map(([type, body]) => Buffer.concat([Buffer.of(type), prefixed(3, body)]))))
}

// Object identifiers, as DER has them: ecPublicKey, prime256v1, ecdsa-with-SHA256, commonName, subjectAltName
const EC_KEY = '06072a8648ce3d0201'
const P256 = '06082a8648ce3d030107'
const ECDSA = '06082a8648ce3d040302'
const COMMON_NAME = '0603550403'
const ALTERNATIVE_NAMES = '0603551d11'

/** An X.509 certificate, RFC 5280 section 4.1, with a key and a signature of noise. */
function certificate({ commonName, names }: CertificateNames): Buffer {
  const named = (name: string) => sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(name)))))
  const key = sequence(
    sequence(oid(EC_KEY), oid(P256)),
    der(3, Buffer.concat([Buffer.of(0, 4), noise(commonName, 64)])),
  )
  const alternatives = sequence(...names.map((name) => der(0x82, Buffer.from(name, 'latin1'))))
  const extensions = der(0xa3, sequence(sequence(oid(ALTERNATIVE_NAMES), der(4, alternatives))))
  const body = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(noise(commonName, 8)),
    sequence(oid(ECDSA)),
    named('Example CA'),
    sequence(der(0x17, Buffer.from('260101000000Z')), der(0x17, Buffer.from('270101000000Z'))),
    named(commonName),
    key,
    extensions,
  )
  const signature = sequence(integer(noise('r', 32)), integer(noise('s', 32)))
  return sequence(body, sequence(oid(ECDSA)), der(3, Buffer.concat([Buffer.of(0), signature])))
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

/** A positive number. */
function integer(bytes: Uint8Array): Buffer {
  return der(2, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}

function oid(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

function der(tag: number, contents: Uint8Array): Buffer {
  const { length } = contents
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), contents])
}

/** The rest of the client's handshake and its request, encrypted. */
export function clientFinish(): Buffer {
  return Buffer.concat([Buffer.of(20, 3, 3, 0, 1, 1), secret('finished', 53), secret('request', 300)])
}

/** A fatal alert in the clear. @param description RFC 8446 section 6: 112 is unrecognized_name, 49 access_denied */
export function fatalAlert(description: number): Buffer {
  return Buffer.of(21, 3, 3, 0, 2, 2, description)
}

/** A record of encrypted data. */
export function secret(label: string, length: number): Buffer {
  return Buffer.concat([Buffer.of(23, 3, 3), prefixed(2, noise(label, length))])
}

/** Bytes that look random and are the same on each run. */
export function noise(label: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(`${label} ${i}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}
