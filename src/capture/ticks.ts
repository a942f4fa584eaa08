/**
 * Time stamps of pcapng (draft-ietf-opsawg-pcapng sections 4.2 and 4.3): a
 * 64-bit count of ticks since 1970, as two 32-bit words. One octet,
 * `if_tsresol`, says how long a tick is: 10^-n seconds, or 2^-n when its top
 * bit is set.
 *
 * A double holds whole numbers up to 2^53 exactly, and nanoseconds since 1970
 * are more than that, so the division is done on the two words. Every step
 * below is exact for results under 2^53 µs (the year 2255); rounding is down.
 */

const BASE_TWO = 0x80
const WORD = 2 ** 32

/** `if_tsresol` where an interface does not say: microseconds. */
export const DEFAULT_RESOLUTION = 6

/** `high` * 2^32 + `low` ticks in microseconds. Finite whatever the octet `resolution` (0 to 255) says. */
export function ticksToUs(high: number, low: number, resolution: number): number {
  if (resolution === 6) return high * WORD + low
  if (resolution === 9) return divide(high, low, 1000)
  if (resolution >= BASE_TWO) return binaryToUs(high, low, resolution - BASE_TWO)
  if (resolution < 6) return (high * WORD + low) * 10 ** (6 - resolution)
  if (resolution <= 12) return divide(high, low, 10 ** (resolution - 6))
  // dividing twice and rounding down twice is the same as once; the first step brings it below 2^53
  return Math.floor(divide(high, low, 1e6) / 10 ** (resolution - 12))
}

/** The whole nanoseconds beyond `ticksToUs` of the same, 0 to 999. With big integers, which nobody wants for each packet. */
export function ticksRestNs(high: number, low: number, resolution: number): number {
  const ticks = BigInt(high) * 2n ** 32n + BigInt(low)
  const perSecond = resolution >= BASE_TWO ? 2n ** BigInt(resolution - BASE_TWO) : 10n ** BigInt(resolution)
  return Number(((ticks * 1_000_000_000n) / perSecond) % 1000n)
}

/** Long division by `divisor`, which is at most 2^21, so that the rest of the upper word fits before the lower one. */
function divide(high: number, low: number, divisor: number): number {
  const rest = high % divisor
  return ((high - rest) / divisor) * WORD + Math.floor((rest * WORD + low) / divisor)
}

/** Ticks of 2^-`bits` seconds. */
function binaryToUs(high: number, low: number, bits: number): number {
  if (bits <= 32) {
    const perSecond = 2 ** bits
    const rest = low % perSecond
    return (high * (WORD / perSecond) + (low - rest) / perSecond) * 1e6 + Math.floor((rest * 1e6) / perSecond)
  }
  // the second ends inside the upper word: its rest and the lower word are the fraction
  const perSecond = 2 ** (bits - 32)
  const rest = high % perSecond
  const fraction = rest * 1e6 + Math.floor((low * 1e6) / WORD)
  return ((high - rest) / perSecond) * 1e6 + Math.floor(fraction / perSecond)
}
