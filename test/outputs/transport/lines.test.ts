import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LineWriter, OutputError } from '../../../src/outputs/transport/lines.ts'
import { LogFile } from '../../../src/outputs/transport/log-file.ts'
import { pcapHeader } from '../../support/capture-files.ts'
import { temporaryFolder } from '../../support/folder.ts'

test('lines come in their order, whatever their length, texts and bytes mixed', async () => {
  const path = join(temporaryFolder(), 'out')
  const writer = new LineWriter(path)
  const want: string[] = []
  for (let i = 0; i < 300; i++) {
    const line = `${i} `.padEnd(i % 50 === 0 ? 700_000 : 2000, 'x')
    want.push(line)
    writer.write(i % 3 === 0 ? line : Buffer.from(line))
    await writer.flush()
  }
  await writer.close()
  expect(readFileSync(path, 'latin1').split('\n')).toEqual([...want, ''])
})

test('bytes are copied: what is done to them later does not show', async () => {
  const path = join(temporaryFolder(), 'out')
  const writer = new LineWriter(path)
  const bytes = Buffer.from('kept')
  writer.write(bytes)
  bytes.fill(0)
  await writer.close()
  expect(readFileSync(path, 'latin1')).toBe('kept\n')
})

test('an hour of chunks leaves no listeners behind', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const writer = new LineWriter(join(temporaryFolder(), 'out'))
  for (let i = 0; i < 40; i++) {
    writer.write('x'.repeat(300_000))
    await writer.flush()
  }
  await writer.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(warnings).toEqual([])
})

test('a disk that is full is told, with the file and the cause', async () => {
  const writer = new LineWriter('/dev/full')
  writer.write('x'.repeat(300_000))
  const fail = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) await writer.flush()
    await writer.close()
  }
  await expect(fail()).rejects.toThrow(/^\/dev\/full: writing failed: the disk is full \(ENOSPC\); mend that/)
  await expect(writer.close()).rejects.toThrow(OutputError)
})

test.each([
  ['replay', 'a capture', LineWriter, pcapHeader()],
  ['replay', 'settings', LineWriter, Buffer.from('{"timestamps":"utc"}')],
  ['replay', 'a character', LineWriter, Buffer.from('[')],
  ['live', 'a capture', LogFile, pcapHeader()],
])('%s: a file that holds something else is left as it is: %s', (_, __, Writer, content) => {
  const path = join(temporaryFolder(), 'monday.pcap')
  writeFileSync(path, content)
  expect(() => new Writer(path)).toThrow(/monday\.pcap: is left as it is, because it holds something else than events/)
  expect(() => new Writer(path)).toThrow(OutputError)
  expect(readFileSync(path)).toEqual(content)
  for (const before of ['', '{"timestamp":1}\n']) {
    writeFileSync(path, before)
    new Writer(path).close()
  }
})

test('a file that cannot be made is told at once', () => {
  const path = join(temporaryFolder(), 'no', 'such', 'folder')
  expect(() => new LineWriter(path)).toThrow(
    /cannot be written: there is no such file or folder \(ENOENT\); name a file in a folder that exists/,
  )
})
