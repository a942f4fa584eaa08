/**
 * GREASE, RFC 8701: sixteen 16-bit values that mean nothing. Clients put them
 * into their lists at random, so that servers stay tolerant. They say nothing
 * about the client and are left out of fingerprints and events.
 */

/** True for 0x0a0a, 0x1a1a, ... 0xfafa. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff)
}

/** `values` without GREASE, in their order. */
export function withoutGrease(values: readonly number[]): number[] {
  const kept: number[] = []
  for (const value of values) if (!isGrease(value)) kept.push(value)
  return kept
}
