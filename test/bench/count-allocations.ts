/** Runs allocations.ts over a capture in a process of its own: the heap of one that does other things is no clean place to measure. */

import { join } from 'node:path'
import type { AllocationReport } from './allocations.ts'
import { measure } from './measure.ts'

// What is not compiled yet makes objects that compiled code does not, and on a busy machine the compiler's threads are late.
const COMPILE_AT_ONCE = '--no-concurrent-recompilation'

/** Throws when the capture is too short to warm up and count. */
export async function countAllocations(file: string): Promise<AllocationReport> {
  const script = join(import.meta.dirname, 'allocations.ts')
  const command = [process.execPath, '--expose-gc', COMPILE_AT_ONCE, '--import', 'tsx', script, file]
  const { output } = await measure(command, { output: true })
  return JSON.parse(output)
}
