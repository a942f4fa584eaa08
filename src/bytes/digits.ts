/** Whole numbers as ASCII digits in a byte array, for texts that are built without making strings. */

const ZERO = 0x30
const BILLION = 1e9
const BILLION_DIGITS = 9
const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** Writes `value` in decimal at `at`, 16 digits at most. @param value whole, 0 to 2^53 @returns the offset after it */
export function putDecimal(bytes: Uint8Array, at: number, value: number): number {
  if (value < BILLION) return putDigits(bytes, at, value, digitsOf(value))
  const billions = Math.floor(value / BILLION)
  return putDigits(bytes, putDecimal(bytes, at, billions), value - billions * BILLION, BILLION_DIGITS)
}

/** Writes the low 16 bits of `value` as four hexadecimal digits at `at`. @returns the offset after them */
export function putHex16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = HEX[(value >> 12) & 15]!
  bytes[at + 1] = HEX[(value >> 8) & 15]!
  bytes[at + 2] = HEX[(value >> 4) & 15]!
  bytes[at + 3] = HEX[value & 15]!
  return at + 4
}

function putDigits(bytes: Uint8Array, start: number, value: number, count: number): number {
  let left = value | 0
  for (let at = start + count - 1; at >= start; at--) {
    const tenth = (left / 10) | 0
    bytes[at] = ZERO + left - 10 * tenth
    left = tenth
  }
  return start + count
}

/** How many digits a whole number below a billion has. */
function digitsOf(value: number): number {
  let digits = 1
  for (let bound = 10; bound <= value; bound *= 10) digits++
  return digits
}
