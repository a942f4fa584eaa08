/**
 * Encrypted Client Hello, RFC 9849: what can be read of it.
 *
 *   outer hello: type(1)=0  kdf(2)  aead(2)  config_id(1)  enc<2>  payload<2>
 *   inner hello: type(1)=1  and nothing more (section 5)
 *
 * The name in the outer hello is the public name of whoever runs the service,
 * the same for all names behind it. The real name is in `payload`, encrypted.
 *
 * Most of these extensions hide nothing: a client that knows no key for the
 * server sends the same shape with random contents (GREASE ECH, section 6.2),
 * and then the name outside is the real one. The two are made to look alike,
 * and no single hello tells them apart: config id, key and payload are random
 * or look so, and the payload lengths that BoringSSL draws for GREASE (128,
 * 160, 192 or 224 bytes and a tag of 16) are ones that a padded real hello has
 * too. What does tell them apart lies outside of the hello: whether anybody was
 * given the server's address for the name outside (decision 0011).
 */

import type { Cursor } from '../../bytes/cursor.ts'

const OUTER = 0
const INNER = 1

const HKDF_SHA256 = 1
const AES_128_GCM = 1
const CHACHA20_POLY1305 = 3
const X25519_BYTES = 32
const TAG_BYTES = 16
const GREASE_PAYLOADS: readonly number[] = [128, 160, 192, 224].map((bytes) => bytes + TAG_BYTES)

/** What an encrypted_client_hello extension says in the clear. For the inner form all numbers are 0. */
export interface EchOffer {
  form: 'outer' | 'inner'
  kdf: number
  aead: number
  configId: number
  /** Length of the encapsulated key; 0 in the second hello after a HelloRetryRequest. */
  keyBytes: number
  payloadBytes: number
}

/** The data of the extension; undefined when it does not have the shape of RFC 9849. */
export function readEchOffer(data: Cursor): EchOffer | undefined {
  const type = data.u8()
  if (data.ok && type === INNER && data.isEmpty) {
    return { form: 'inner', kdf: 0, aead: 0, configId: 0, keyBytes: 0, payloadBytes: 0 }
  }
  const kdf = data.u16()
  const aead = data.u16()
  const configId = data.u8()
  const keyBytes = data.block16().left
  const payloadBytes = data.block16().left
  if (!data.ok || !data.isEmpty || type !== OUTER || payloadBytes === 0) return undefined
  return { form: 'outer', kdf, aead, configId, keyBytes, payloadBytes }
}

/** True when `offer` has the shape in which BoringSSL (Chromium and its kin) sends GREASE. A real one may have it too. */
export function hasGreaseShape(offer: EchOffer): boolean {
  return (
    offer.kdf === HKDF_SHA256 &&
    (offer.aead === AES_128_GCM || offer.aead === CHACHA20_POLY1305) &&
    offer.keyBytes === X25519_BYTES &&
    GREASE_PAYLOADS.includes(offer.payloadBytes)
  )
}
