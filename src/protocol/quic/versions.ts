/**
 * Versions of QUIC: how each numbers its packets, protects its Initials and
 * carries its hello.
 *
 * The registry is https://www.iana.org/assignments/quic. A version that is not
 * in the table is tried as version 1 or 2: clients send numbers that nobody
 * knows on purpose (0x?a?a?a?a, RFC 9000 section 15), and companies rename what
 * is else version 1.
 */

/** Kinds of packets with a long header. */
export const INITIAL = 0
export const ZERO_RTT = 1
export const HANDSHAKE = 2
export const RETRY = 3
export const VERSION_NEGOTIATION = 4

export interface Version {
  /** As events name it: `1`, `v2`, `draft-29`, `Q050`. */
  readonly name: string
  /** HKDF salt for the keys of Initials. */
  readonly salt: Uint8Array
  /** What stands before `key`, `iv` and `hp` in the HKDF labels. */
  readonly label: 'quic' | 'quicv2'
  /** The kind that each value of the two type bits means. */
  readonly types: readonly number[]
  /** Frames as Google numbered them before it took over the IETF's. */
  readonly googleFrames: boolean
  /** The CRYPTO stream holds Google's own hello, not one of TLS. */
  readonly googleHello: boolean
}

const TYPES_V1 = [INITIAL, ZERO_RTT, HANDSHAKE, RETRY] // RFC 9000 table 5
const TYPES_V2 = [RETRY, INITIAL, ZERO_RTT, HANDSHAKE] // RFC 9369 section 3.2

const SALT_V1 = salt('38762cf7f55934b34d179ae6a4c80cadccbb7f0a') // RFC 9001 section 5.2
const SALT_V2 = salt('0dede3def700a6db819381be6e269dcbf9bd2ed9') // RFC 9369 section 3.3.1
const SALT_V2_DRAFT = salt('a707c203a59b47184a1d62ca570406ea7ae3e5d3') // draft-ietf-quic-v2-01 section 3.3.1
const SALT_DRAFT_29 = salt('afbfec289993d24c9e9786f19c6111e04390a899') // draft-ietf-quic-tls-29 section 5.2
const SALT_DRAFT_23 = salt('c3eef712c72ebb5a11a7d2432bb46365bef9f502') // draft-ietf-quic-tls-23 section 5.2
const SALT_DRAFT_22 = salt('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a') // draft-ietf-quic-tls-22 section 5.2
const SALT_Q050 = salt('504574efd066fe2f9d945cfcdbd3a7f0d3b56b45') // Chromium, quic/core/crypto/crypto_utils.cc
const SALT_T050 = salt('7ff579e5acd072915580304c43a2367c60488310') // the same
const SALT_T051 = salt('7a4edef4e7ccee5fa4506c19124fc8ccda6e033d') // the same
const SALT_PICOQUIC = salt('306716d76375d5554b2f605eef78d8333dc1ca36') // picoquic, picoquic/quicctx.c

const V1: Version = ietf('1', SALT_V1)
const V2: Version = { ...ietf('v2', SALT_V2), label: 'quicv2', types: TYPES_V2 }

const VERSIONS = new Map<number, Version>([
  [0x00000001, V1],
  [0x6b3343cf, V2],
  [0x709a50c4, { ...V2, name: 'v2-draft-01', salt: SALT_V2_DRAFT }],
  ...drafts(),

  // Facebook's mvfst (quic/handshake/FizzCryptoFactory, QuicConstants.h) stayed with the salts of drafts 22 and 23.
  [0xfaceb001, ietf('mvfst-1', SALT_DRAFT_22)],
  [0xfaceb002, ietf('mvfst-2', SALT_DRAFT_23)],
  [0xfaceb003, ietf('mvfst-3', SALT_V1)],
  [0xfaceb00e, ietf('mvfst-e', SALT_DRAFT_23)],
  [0xfaceb010, ietf('mvfst-10', SALT_DRAFT_23)],
  [0xfaceb011, ietf('mvfst-11', SALT_DRAFT_23)],
  [0xfaceb013, ietf('mvfst-13', SALT_DRAFT_23)],

  [0x50435130, ietf('picoquic-0', SALT_PICOQUIC)],
  [0x50435131, ietf('picoquic-1', SALT_PICOQUIC)],

  [0x51303530, { ...ietf('Q050', SALT_Q050), googleFrames: true, googleHello: true }],
  [0x54303530, { ...ietf('T050', SALT_T050), googleFrames: true }],
  [0x54303531, { ...ietf('T051', SALT_T051), googleFrames: true }],
])

/** What is known of a version; undefined for a number that is not in the table. */
export function knownVersion(version: number): Version | undefined {
  return VERSIONS.get(version)
}

/**
 * How to read a packet of a version that is not in the table: the value of its two type bits
 * is that of an Initial in version 1 or in version 2. Undefined for the other values.
 */
export function likelyVersion(typeBits: number): Version | undefined {
  return typeBits === 0 ? V1 : typeBits === 1 ? V2 : undefined
}

/** The version as events show it: a name where it has one, else the number in hexadecimal. */
export function versionName(version: number): string {
  const known = knownVersion(version)
  if (known !== undefined) return known.name
  const letter = version >>> 24 // Q039 to Q046: three digits after a letter
  if (letter === 0x51 && isDigits(version & 0xffffff))
    return String.fromCharCode(letter, (version >> 16) & 0xff, (version >> 8) & 0xff, version & 0xff)
  return `0x${version.toString(16).padStart(8, '0')}`
}

function isDigits(three: number): boolean {
  return [three >> 16, (three >> 8) & 0xff, three & 0xff].every((c) => c >= 0x30 && c <= 0x39)
}

function ietf(name: string, salt: Uint8Array): Version {
  return { name, salt, label: 'quic', types: TYPES_V1, googleFrames: false, googleHello: false }
}

/** Drafts 22 (the first with today's connection ids) to 34. */
function drafts(): Array<[number, Version]> {
  const table: Array<[number, Version]> = []
  for (let draft = 22; draft <= 34; draft++) {
    const salt = draft < 23 ? SALT_DRAFT_22 : draft < 29 ? SALT_DRAFT_23 : draft < 33 ? SALT_DRAFT_29 : SALT_V1
    table.push([0xff000000 + draft, ietf(`draft-${draft}`, salt)])
  }
  return table
}

function salt(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
