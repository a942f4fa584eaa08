/**
 * Seeded random numbers for tests: the same walk on every run, so a failure
 * can be repeated from its seed. FUZZ_RUNS makes properties run longer,
 * FUZZ_SEED lets them start elsewhere; both are printed when they are set.
 */

/** mulberry32: a function that returns whole numbers from 0 to below - 1. */
export function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const seed = Number(process.env['FUZZ_SEED'] ?? 1)

/** Settings for `fc.assert`: `runs` by default, more with FUZZ_RUNS, from a known seed. */
export function fuzz(runs: number): { numRuns: number; seed: number } {
  return { numRuns: Number(process.env['FUZZ_RUNS'] ?? runs), seed }
}
