import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LogFile } from '../../../src/outputs/transport/log-file.ts'
import { temporaryFolder } from '../../support/folder.ts'

test('texts and bytes are lines of one file, which is there with every flush', async () => {
  const path = join(temporaryFolder(), 'eve.json')
  const log = new LogFile(path)
  const bytes = Buffer.from('{"b":2}')
  log.write('{"a":1}')
  log.write(bytes)
  bytes.fill(0)
  await log.flush()
  expect(readFileSync(path, 'latin1')).toBe('{"a":1}\n{"b":2}\n')
  log.write('x'.repeat(100_000))
  log.close()
  expect(readFileSync(path, 'latin1')).toBe(`{"a":1}\n{"b":2}\n${'x'.repeat(100_000)}\n`)
})

test('a file that was moved away gets what came before, the new one what comes after', async () => {
  const path = join(temporaryFolder(), 'eve.json')
  const log = new LogFile(path)
  log.write('old')
  renameSync(path, `${path}.1`)
  log.write('old, too')
  log.reopen()
  log.write('new')
  log.close()
  expect(readFileSync(`${path}.1`, 'latin1')).toBe('old\nold, too\n')
  expect(readFileSync(path, 'latin1')).toBe('new\n')
})

test('while the disk is full lines wait, and beyond 16 MiB they are counted', async () => {
  const log = new LogFile('/dev/full')
  for (let i = 0; i < 20; i++) {
    log.write(Buffer.alloc(1 << 20, 'x'))
    if (i === 0) await log.flush()
  }
  expect(log.trouble).toMatch(/ENOSPC/)
  expect(log.dropped).toBeGreaterThan(2)
  expect(log.dropped).toBeLessThan(6)
  log.close()
  expect(log.dropped, 'what waited when it was closed').toBe(20)
})

test('what a killed run left of a line is taken away and counted, and the file goes on behind it', () => {
  const path = join(temporaryFolder(), 'eve.json')
  for (const [left, kept] of [
    ['{"timestamp":1}\n{"timest', '{"timestamp":1}\n'],
    [`{"timestamp":1}\n{"timestamp":"${'x'.repeat(200_000)}`, '{"timestamp":1}\n'],
    ['{"time', ''],
  ] as const) {
    writeFileSync(path, left)
    const log = new LogFile(path)
    log.write('{"timestamp":2}')
    log.close()
    expect(readFileSync(path, 'latin1')).toBe(`${kept}{"timestamp":2}\n`)
    expect(log.dropped).toBe(1)
  }
})

describe('on a disk that is full', () => {
  /** Runs a program in a namespace where `disk` is a disk of 64 KiB; what it prints. */
  function onSmallDisk(program: string): unknown {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'disk'))
    const file = join(folder, 'program.mts')
    const log = join(import.meta.dirname, '../../../src/outputs/transport/log-file.ts')
    writeFileSync(
      file,
      `import * as fs from 'node:fs'\nimport { LogFile } from ${JSON.stringify(log)}\nprocess.chdir('disk')\n${program}`,
    )
    const tsx = import.meta.resolve('tsx')
    const script = 'mount -t tmpfs -o size=64k none disk && exec "$0" --import "$1" "$2"'
    const run = spawnSync('unshare', ['-rm', 'sh', '-c', script, process.execPath, tsx, file], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(run.stderr).toBe('')
    return JSON.parse(run.stdout)
  }

  const FILL = `
    const log = new LogFile('eve.json')
    const lines = Array.from({ length: 100 }, (_, i) => '{"timestamp":' + i + ',"x":"' + 'x'.repeat(1000) + '"}')
    for (const line of lines) log.write(line)
    await log.flush()
    const read = (path) => fs.readFileSync(path, 'latin1').split('\\n')
    const isWhole = (all) => all.pop() === '' && all.every((line) => lines.includes(line))`

  test.skipIf(!mayMount())('the file that is moved away and the next one hold whole lines, and all of them', () => {
    const told = onSmallDisk(`${FILL}
      const trouble = log.trouble
      fs.renameSync('eve.json', 'eve.json.1')
      log.reopen()
      const first = read('eve.json.1')
      fs.rmSync('eve.json.1')
      log.close()
      const second = read('eve.json')
      const counts = [isWhole(first), isWhole(second), first.length + second.length, log.dropped]
      console.log(JSON.stringify([trouble.includes('ENOSPC'), ...counts]))`)
    expect(told).toEqual([true, true, true, 100, 0])
  })

  test.skipIf(!mayMount())('a run that ends there leaves whole lines and counts the others', () => {
    const told = onSmallDisk(`${FILL}
      log.close()
      const all = read('eve.json')
      console.log(JSON.stringify([isWhole(all), all.length + log.dropped, all.length < 70]))`)
    expect(told).toEqual([true, 100, true])
  })
})

function mayMount(): boolean {
  return spawnSync('unshare', ['-rm', 'true']).status === 0
}
