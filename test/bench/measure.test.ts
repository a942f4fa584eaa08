/** What a program cost, by both meters. */

import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { measure } from './measure.ts'

const NODE = process.execPath
// 100 MiB touched, and at least 0.3 s of processor time.
const WORK =
  'const b = Buffer.alloc(100 * 2 ** 20, 1); while (process.cpuUsage().user < 3e5) for (let i = 0; i < 1e6; i++); process.stdout.write("done" + b[0])'

describe.each(['gnu-time', 'proc'] as const)('%s', (meter) => {
  test.skipIf(meter === 'gnu-time' && !existsSync('/usr/bin/time'))('sees time, memory and output', async () => {
    const cost = await measure([NODE, '-e', WORK], { output: true, meter })
    expect(cost.output).toBe('done1')
    expect(cost.cpuSeconds).toBeGreaterThanOrEqual(0.28)
    expect(cost.seconds).toBeGreaterThan(0.28)
    expect(cost.memoryBytes).toBeGreaterThan(100 * 2 ** 20)
    expect(cost.memoryBytes).toBeLessThan(400 * 2 ** 20)
  })

  test.skipIf(meter === 'gnu-time' && !existsSync('/usr/bin/time'))('says why a program failed', async () => {
    const failing = [NODE, '-e', 'console.error("no disk"); process.exit(3)']
    await expect(measure(failing, { meter })).rejects.toThrow(/ended with code 3:\n.*no disk/s)
    await expect(measure(failing, { meter, allowed: [0, 3] })).resolves.toMatchObject({ output: '' })
  })
})

test('a program that is not there is an error', async () => {
  await expect(measure(['/nowhere/at-all'], { meter: 'proc' })).rejects.toThrow('ENOENT')
})
