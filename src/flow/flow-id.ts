/**
 * The number of a flow, stable like its community id, of which it is made: the
 * first 48 bits of that hash, with the time of the flow's first packet laid
 * over them, so that a pair of ports that is used again is another flow. JSON
 * and JavaScript keep 48 bits exact.
 */

const HALF = 2 ** 24
const HALF_MASK = HALF - 1
/** Characters of base64 that hold 24 bits. */
const HALF_CHARACTERS = 4
/** The hash begins behind `1:`. */
const HASH_AT = 2

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = new Uint8Array(128)
for (const [value, letter] of [...BASE64].entries()) VALUES[letter.charCodeAt(0)] = value

/**
 * @param communityId of the flow, as `communityId` gives it
 * @param startUs packet time of its first packet, whole microseconds
 * @returns 0 to 2^48 - 1
 */
export function flowId(communityId: string, startUs: number): number {
  const high = bits24(communityId, HASH_AT) ^ (Math.floor(startUs / HALF) & HALF_MASK)
  const low = bits24(communityId, HASH_AT + HALF_CHARACTERS) ^ (startUs & HALF_MASK)
  return high * HALF + low
}

function bits24(text: string, at: number): number {
  let bits = 0
  for (let i = at; i < at + HALF_CHARACTERS; i++) bits = (bits << 6) | VALUES[text.charCodeAt(i)]!
  return bits
}
