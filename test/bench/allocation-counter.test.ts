/** The counter against allocations of known size: most are garbage long before it stops. */

import { expect, test } from 'vitest'
import { AllocationCounter } from './allocation-counter.ts'

let sink: unknown

test('counts what is garbage at once', () => {
  const counter = new AllocationCounter()
  for (let i = 0; i < 200_000; i++) sink = new Array(100) // 16 + 800 bytes of elements, 32 of array
  const { heap, collections } = counter.stop()
  expect(collections).toBeGreaterThan(3)
  expect(heap / 200_000).toBeGreaterThan(840)
  expect(heap / 200_000).toBeLessThan(1_200)
})

test('counts the bytes of buffers outside of the heap', () => {
  const counter = new AllocationCounter()
  for (let i = 0; i < 1_000; i++) {
    sink = Buffer.allocUnsafeSlow(100_000)
    counter.look()
  }
  const { external } = counter.stop()
  expect(external).toBeGreaterThan(90e6)
  expect(external).toBeLessThan(101e6)
  expect(sink).toBeDefined()
})

test('counts next to nothing for a loop over numbers', () => {
  const bytes = new Uint8Array(1_000_000).fill(7)
  const counter = new AllocationCounter()
  let sum = 0
  for (let i = 0; i < bytes.length; i++) sum += bytes[i]! // for-of would make 40 bytes a turn until it is compiled
  const { heap } = counter.stop()
  expect(sum).toBe(7_000_000)
  expect(heap).toBeLessThan(500_000)
})
