/**
 * Encrypted Client Hello, RFC 9849: what can be read of it, and what can be
 * concluded.
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
 * too. What does tell them apart lies outside of the hello: the ECHConfig that
 * DNS gave (it has the config id and the public name), and whether the client
 * asked DNS for the name outside (who hides a name asks for the hidden one).
 */

import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH } from '../../bytes/outcome.ts'

const OUTER = 0
const INNER = 1
const CONFIG_VERSION = 0xfe0d
const CONFIGS_MAX = 16

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

/** One key that a service offers in DNS (`ech` of an HTTPS record), RFC 9849 section 4. */
export interface EchConfig {
  configId: number
  publicName: string
  /** Pairs of KDF and AEAD that it takes, each as kdf * 65536 + aead. */
  suites: number[]
}

/** What is known from elsewhere about the name outside. */
export interface EchKnowledge {
  /** Keys that DNS gave to this client, or to anybody. */
  configs: readonly EchConfig[]
  /** This client was given an address for the name outside. */
  outerNameWasAsked: boolean
}

export type EchVerdict = 'likely_real' | 'likely_grease' | 'unknown'

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

/**
 * Does the outer hello with `offer` and the name `outerName` hide another name? Never more than likely: the config id
 * of a GREASE hits a given one by chance once in 256 times, and a client may ask for a public name for its own sake.
 */
export function judgeEch(offer: EchOffer, outerName: string, known: EchKnowledge): EchVerdict {
  if (offer.form === 'inner') return 'unknown'
  const name = outerName.toLowerCase()
  const suite = offer.kdf * 0x10000 + offer.aead
  const isConfigured = known.configs.some(
    (config) =>
      config.publicName.toLowerCase() === name && config.configId === offer.configId && config.suites.includes(suite),
  )
  if (isConfigured) return 'likely_real'
  return known.outerNameWasAsked ? 'likely_grease' : 'unknown'
}

/**
 * Reads an ECHConfigList, as the `ech` parameter of an HTTPS record carries it, into `configs`.
 * Configs of other versions are left out, and everything behind the sixteenth.
 * @returns the offset after the list, or why it cannot be read
 */
export function readEchConfigs(bytes: Uint8Array, start: number, end: number, configs: EchConfig[]): number {
  const all = new Cursor(bytes, start, end)
  const list = all.block16()
  if (!all.ok) return MALFORMED_LENGTH
  for (let seen = 0; seen < CONFIGS_MAX && !list.isEmpty; seen++) {
    const version = list.u16()
    const contents = list.block16()
    if (!list.ok) return MALFORMED_LENGTH
    if (version !== CONFIG_VERSION) continue
    const config = readConfig(contents)
    if (config === undefined) return MALFORMED_LENGTH
    configs.push(config)
  }
  return all.at
}

/** config_id(1) kem_id(2) public_key<2> cipher_suites<2> maximum_name_length(1) public_name<1> extensions<2> */
function readConfig(contents: Cursor): EchConfig | undefined {
  const configId = contents.u8()
  contents.skip(2)
  contents.block16()
  const suites = contents.block16()
  contents.skip(1)
  const publicName = contents.block8()
  contents.block16()
  if (!contents.ok) return undefined
  const pairs: number[] = []
  while (suites.left >= 4) pairs.push(suites.u32())
  return { configId, publicName: publicName.text(), suites: pairs }
}
