/** The program as one file: used when it is there and not older than the modules, whatever its cache is worth. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cacheFile, loadProgram, programFile } from '../../src/cli/program.ts'
import { temporaryFolder } from '../support/folder.ts'

const DIST = join(import.meta.dirname, '../../dist')

/** A folder like `dist` with a program that adds up what it is told. */
function tinyDist(): string {
  const dist = temporaryFolder()
  mkdirSync(join(dist, 'cli'))
  writeFileSync(join(dist, 'cli/main.js'), '')
  writeFileSync(programFile(dist), `module.exports = { main: async (args) => eval(args.join('+')) + __dirname.length }`)
  return dist
}

describe('program', () => {
  test('the one that is built runs from V8’s code', () => {
    const script = `
      const { loadProgram } = await import(${JSON.stringify(join(DIST, 'cli/program.js'))})
      const { script, main } = loadProgram(${JSON.stringify(DIST)})
      console.log(script.cachedDataRejected)
      await main(['--version'])`
    const node = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(node).toMatch(/^false\n\d+\.\d+\.\d+\n$/)
  })

  test.each(['Sensor', 'FlowTable', 'Duplicates', 'HmacKey', 'Detector'])(
    'has %s once, and not in a function that may run late',
    (name) => {
      const text = readFileSync(programFile(DIST), 'latin1')
      expect(text.match(new RegExp(`^.*\\b${name} = class\\b`, 'gm'))).toEqual([`    var ${name} = class`])
    },
  )

  test('keeps the room for new objects small, however much lives on', () => {
    const script = `
      const { loadProgram } = await import(${JSON.stringify(join(DIST, 'cli/program.js'))})
      loadProgram(${JSON.stringify(DIST)})
      const { getHeapSpaceStatistics } = await import('node:v8')
      const kept = []
      for (let round = 0; round < 100; round++) {
        for (let i = 0; i < 20_000; i++) kept[(round * 20_000 + i) % 300_000] = { i }
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size)`
    const bytes = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(Number(bytes)).toBeLessThan(32 * 2 ** 20) // what V8 would make of it
  })

  test('runs without a cache, and knows where it lies', async () => {
    const dist = tinyDist()
    expect(await loadProgram(dist)?.main(['1', '2'])).toBe(3 + dist.length)
  })

  test.each([
    ['of nothing', Buffer.alloc(0)],
    ['of noise', Buffer.alloc(5000, 'no code of V8')],
    ['of another program', 'other'],
  ])('runs with a cache %s', async (_, cache) => {
    const dist = tinyDist()
    if (typeof cache === 'string') copyFileSync(cacheFile(DIST), cacheFile(dist))
    else writeFileSync(cacheFile(dist), cache)
    const program = loadProgram(dist)
    expect(program?.script.cachedDataRejected).toBe(true)
    expect(await program?.main(['40', '2'])).toBe(42 + dist.length)
  })

  test('is left when the modules are newer, or when it is not there', () => {
    const dist = tinyDist()
    const later = new Date(Date.now() + 10_000)
    utimesSync(join(dist, 'cli/main.js'), later, later)
    expect(loadProgram(dist)).toBeNull()
    expect(loadProgram(temporaryFolder())).toBeNull()
  })
})
