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

import { BLOCK_WORDS as AES_WORDS } from './aes.ts'
import { BLOCK_WORDS, HASH_WORDS, HmacKey, putMessage, putWords, wordBytes } from './hmac.ts'
import type { Version } from './versions.ts'

const KEY_BYTES = 16 // AES-128
const IV_BYTES = 12
const HASH_BYTES = 32

/** What opens the Initials of one client. */
export interface InitialKeys {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  /** For the mask of header protection (section 5.4.3), as words. */
  readonly headerKey: Int32Array
  /** The packet number after the largest one opened so far: short numbers are completed with it. */
  nextNumber: number
}

// written and read within one call
const idBlock = new Int32Array(BLOCK_WORDS)
const words = new Int32Array(HASH_WORDS)
const secret = new HmacKey()

/** Derives the keys for Initials of `version` from the connection id bytes[idStart, idEnd), 0 to 20 bytes. */
export function clientKeys(version: Version, bytes: Uint8Array, idStart: number, idEnd: number): InitialKeys {
  const labels = version.label === 'quic' ? LABELS_V1 : LABELS_V2
  putMessage(idBlock, bytes, idStart, idEnd)
  saltKey(version.salt).digest(idBlock, words)
  secret.set(words, HASH_WORDS).digest(CLIENT_IN, words)
  secret.set(words, HASH_WORDS)
  secret.digest(labels.headerKey, words)
  const headerKey = words.slice(0, AES_WORDS)
  secret.digest(labels.key, words)
  const key = wordBytes(words, KEY_BYTES)
  secret.digest(labels.iv, words)
  return { key, iv: wordBytes(words, IV_BYTES), headerKey, nextNumber: 0 }
}

/** Salts as the keys of HMACs, worked out when they are first needed; there are no more than there are versions. */
const saltKeys = new Map<Uint8Array, HmacKey>()

function saltKey(salt: Uint8Array): HmacKey {
  const known = saltKeys.get(salt)
  if (known !== undefined) return known
  const block = new Int32Array(BLOCK_WORDS)
  putWords(block, salt, 0, salt.length)
  const key = new HmacKey().set(block, BLOCK_WORDS)
  saltKeys.set(salt, key)
  return key
}

const CLIENT_IN = expandInfo('client in', HASH_BYTES)
const LABELS_V1 = labels('quic')
const LABELS_V2 = labels('quicv2')

function labels(prefix: string): { key: Int32Array; iv: Int32Array; headerKey: Int32Array } {
  return {
    key: expandInfo(`${prefix} key`, KEY_BYTES),
    iv: expandInfo(`${prefix} iv`, IV_BYTES),
    headerKey: expandInfo(`${prefix} hp`, KEY_BYTES),
  }
}

/** The info of HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context, and the counter of its one block: as a message. */
function expandInfo(label: string, outputBytes: number): Int32Array {
  const text = Buffer.from(`tls13 ${label}`, 'latin1')
  const info = Buffer.concat([
    Buffer.from([outputBytes >> 8, outputBytes & 0xff, text.length]),
    text,
    Buffer.from([0, 1]),
  ])
  const block = new Int32Array(BLOCK_WORDS)
  putMessage(block, info, 0, info.length)
  return block
}
