import { expect, test } from 'vitest'
import { sensorName } from '../../src/cli/sensor-name.ts'

test.each(['border-1', 'Praha, budova B', 'síť', '7', 'x'.repeat(253)])('sensor: %s', (name) => {
  expect(sensorName(name)).toBe(name)
})

test.each(['', ' ', ' border', 'border ', 'a\nb', 'a\x1b[2Jb', '\u202egnihton', '\u200b', 'x'.repeat(254)])(
  'sensor: not %j',
  (name) => {
    expect(() => sensorName(name)).toThrow(/^--sensor: give a name of 1 to 253 characters/)
  },
)
