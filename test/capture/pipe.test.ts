/** The pipe of a capturing child: all its bytes in order, its end, and nothing more held than one buffer. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, readdirSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makePipe, PipeSource } from '../../src/capture/pipe.ts'
import { temporaryFolder } from '../support/folder.ts'

/** A shell that writes into a pipe, and the source of what it writes. */
function piped(script: string): { source: PipeSource; child: ChildProcess } {
  const { reading, writing } = makePipe()
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', writing, 'ignore'] })
  closeSync(writing)
  const source = new PipeSource(reading)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await source.close()
  })
  return { source, child }
}

async function readAll(source: PipeSource, step: number): Promise<string> {
  const into = Buffer.alloc(step + 20)
  let text = ''
  for (let count = await source.read(into, 10, 10 + step); count > 0; count = await source.read(into, 10, 10 + step))
    text += into.toString('latin1', 10, 10 + count)
  return text
}

test.each([1000, 65_536, 1 << 20])('all bytes come in order, %i at most at a time', async (step) => {
  const { source } = piped('seq 1 200000')
  const want = Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join('')
  expect((await readAll(source, step)) === want).toBe(true)
  expect(source.bytesRead).toBe(want.length)
  expect(await source.read(Buffer.alloc(1), 0, 1)).toBe(0)
})

test('what has come is there at once, though more will follow', async () => {
  const { source, child } = piped('printf one; exec sleep 60')
  const into = Buffer.alloc(10)
  expect(into.toString('latin1', 0, await source.read(into, 0, 10))).toBe('one')
  const next = source.read(into, 0, 10)
  child.kill('SIGKILL')
  expect(await next).toBe(0)
})

test('a writer waits while nobody reads', async () => {
  const { source, child } = piped('seq 1 100000')
  const into = Buffer.alloc(8)
  expect(await source.read(into, 0, 8)).toBe(8)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(child.exitCode).toBeNull()
  expect((await readAll(source, 100_000)).endsWith('\n100000\n')).toBe(true)
})

test('a source that is closed ends what waits for it', async () => {
  const { source } = piped('exec sleep 60')
  const waiting = source.read(Buffer.alloc(1), 0, 1)
  await source.close()
  expect(await waiting).toBe(0)
})

test('nothing is left in the folder for temporary files', () => {
  const folder = temporaryFolder()
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { reading, writing } = makePipe()
  expect(readdirSync(folder)).toEqual([])
  closeSync(reading)
  closeSync(writing)
})
