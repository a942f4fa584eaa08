import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ticksRestNs, ticksToUs } from '../../src/capture/ticks.ts'
import { fuzz } from '../support/random.ts'

const EXACT = 2n ** 53n

describe('time stamps of pcapng', () => {
  const stories: Array<[name: string, ticks: bigint, resolution: number, us: number]> = [
    ['microseconds', 1_700_000_000_123_456n, 6, 1_700_000_000_123_456],
    ['nanoseconds, rounded down', 1_700_000_000_123_456_999n, 9, 1_700_000_000_123_456],
    ['nanoseconds, one more', 1_700_000_000_123_457_000n, 9, 1_700_000_000_123_457],
    ['seconds', 1_700_000_000n, 0, 1_700_000_000_000_000],
    ['milliseconds', 1_700_000_000_123n, 3, 1_700_000_000_123_000],
    ['picoseconds', 1_700_000_123_456_999_999n, 12, 1_700_000_123_456],
    ['attoseconds', 18_446_744_073_709_551_615n, 18, 18_446_744],
    ['2^-0: seconds', 1_700_000_000n, 0x80, 1_700_000_000_000_000],
    ['2^-10', 1025n, 0x8a, 1_000_976],
    ['2^-32: NTP', (1_700_000_000n << 32n) | 0x80000000n, 0xa0, 1_700_000_000_500_000],
    ['2^-33', (1_700_000_000n << 33n) | 1n, 0xa1, 1_700_000_000_000_000],
    ['2^-64', 0xffffffffffffffffn, 0xc0, 999_999],
    ['10^-127: nothing is left', 0xffffffffffffffffn, 0x7f, 0],
    ['2^-127: nothing is left', 0xffffffffffffffffn, 0xff, 0],
  ]
  test.each(stories)('%s', (_, ticks, resolution, us) => {
    expect(ticksToUs(Number(ticks >> 32n), Number(ticks & 0xffffffffn), resolution)).toBe(us)
  })

  test('agree with whole-number arithmetic wherever a double is exact, and are finite elsewhere', () => {
    let exact = 0
    let beyond = 0
    // shifted, so that small counts come as often as large ones
    const property = fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.nat(63), fc.nat(255), (wide, shift, resolution) => {
      const ticks = wide >> BigInt(shift)
      const got = ticksToUs(Number(ticks >> 32n), Number(ticks & 0xffffffffn), resolution)
      const perSecond = resolution < 128 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution - 128)
      const want = (ticks * 1_000_000n) / perSecond
      expect(Number.isFinite(got)).toBe(true)
      if (want < EXACT) {
        expect(got).toBe(Number(want))
        const restNs = ticksRestNs(Number(ticks >> 32n), Number(ticks & 0xffffffffn), resolution)
        expect(want * 1000n + BigInt(restNs)).toBe((ticks * 1_000_000_000n) / perSecond)
        exact++
      } else beyond++
    })
    fc.assert(property, fuzz(20_000))
    expect(exact).toBeGreaterThan(1000)
    expect(beyond).toBeGreaterThan(100)
  })
})
