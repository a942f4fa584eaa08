/**
 * The keys of a client's Initial packets, RFC 9001 sections 5.1 and 5.2.
 *
 *   initial = HKDF-Extract(salt of the version, id)
 *   client  = HKDF-Expand-Label(initial, "client in", 32)
 *   key, iv, hp = HKDF-Expand-Label(client, "quic key" | "quic iv" | "quic hp", 16 | 12 | 16)
 *
 * The id is the destination connection id of the client's first Initial, which
 * anyone on the path can read: these keys keep out accidents, not readers.
 *
 * None of the outputs is longer than one SHA-256, so each HKDF step is one HMAC.
 */

import { type Cipher, createCipheriv } from 'node:crypto'
import { HASH_BYTES, type HmacKey, hmac, hmacKey } from './hmac.ts'
import type { Version } from './versions.ts'

const KEY_BYTES = 16 // AES-128
const IV_BYTES = 12

/** What opens the Initials of one client. */
export interface InitialKeys {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  /** AES-128-ECB over the sample: the mask of header protection (section 5.4.3). It has no state between blocks. */
  readonly headerCipher: Cipher
  /** The packet number after the largest one opened so far: short numbers are completed with it. */
  nextNumber: number
}

/** Derives the keys for Initials of `version` from the connection id bytes[idStart, idEnd), 0 to 20 bytes. */
export function clientKeys(version: Version, bytes: Uint8Array, idStart: number, idEnd: number): InitialKeys {
  const labels = version.label === 'quic' ? LABELS_V1 : LABELS_V2
  const initial = hmac(saltKey(version.salt), bytes.subarray(idStart, idEnd))
  const client = hmacKey(hmac(hmacKey(initial), CLIENT_IN))
  const headerKey = hmac(client, labels.headerKey).subarray(0, KEY_BYTES)
  return {
    key: hmac(client, labels.key).subarray(0, KEY_BYTES),
    iv: hmac(client, labels.iv).subarray(0, IV_BYTES),
    headerCipher: createCipheriv('aes-128-ecb', headerKey, null),
    nextNumber: 0,
  }
}

/** Salts as the keys of HMACs, worked out when they are first needed; there are no more than there are versions. */
const saltKeys = new Map<Uint8Array, HmacKey>()

function saltKey(salt: Uint8Array): HmacKey {
  const known = saltKeys.get(salt)
  if (known !== undefined) return known
  const key = hmacKey(salt)
  saltKeys.set(salt, key)
  return key
}

const CLIENT_IN = expandInfo('client in', HASH_BYTES)
const LABELS_V1 = labels('quic')
const LABELS_V2 = labels('quicv2')

function labels(prefix: string): { key: Buffer; iv: Buffer; headerKey: Buffer } {
  return {
    key: expandInfo(`${prefix} key`, KEY_BYTES),
    iv: expandInfo(`${prefix} iv`, IV_BYTES),
    headerKey: expandInfo(`${prefix} hp`, KEY_BYTES),
  }
}

/** The info of HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context, and the counter of its one block. */
function expandInfo(label: string, outputBytes: number): Buffer {
  const text = Buffer.from(`tls13 ${label}`, 'latin1')
  return Buffer.concat([Buffer.from([outputBytes >> 8, outputBytes & 0xff, text.length]), text, Buffer.from([0, 1])])
}
