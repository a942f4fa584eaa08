import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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
