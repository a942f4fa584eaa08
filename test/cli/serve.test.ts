import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serveCommand } from '../../src/cli/serve.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { ListenError } from '../../src/server/listen-error.ts'
import { StoreError } from '../../src/store/errors.ts'
import { openStore } from '../../src/store/store.ts'
import { testServer } from '../server/support.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { temporaryFolder } from '../support/folder.ts'

const run = (...args: string[]): Promise<unknown> => serveCommand().exitOverride().parseAsync(args, { from: 'user' })

function filled(): string {
  const path = join(temporaryFolder(), 'seekwatch.db')
  const store = openStore(path)
  store.write(batchOf(makeAlert('a')))
  store.close()
  return path
}

describe('seekwatch serve', () => {
  test('a missing database is said with what to do, and not made', async () => {
    const path = join(temporaryFolder(), 'none.db')
    await expect(run('--db', path, '--listen', '0')).rejects.toThrow(StoreError)
    await expect(run('--db', path, '--listen', '0')).rejects.toThrow(/make one with "seekwatch replay PATH --db/)
    expect(existsSync(path)).toBe(false)
  })

  test('an address that is none is wrong usage', async () => {
    await expect(run('--listen', 'here')).rejects.toThrow(UsageError)
  })

  test('a port in use is told, and what to do', async () => {
    const { server } = await testServer()
    const { host } = new URL(server.url)
    await expect(run('--db', filled(), '--listen', host)).rejects.toThrow(ListenError)
    await expect(run('--db', filled(), '--listen', host)).rejects.toThrow(/in use/)
  })

  test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])('says where it is, answers, and ends on %s', async (signal) => {
    const child = start('--db', filled(), '--listen', '127.0.0.1:0')
    const said = await untilSaid(child, /the dashboard is at (http:\/\/127\.0\.0\.1:\d+\/)/)
    const answer = await fetch(`${said[1]}api/overview`)
    expect(await answer.json()).toMatchObject({ alerts: 1 })
    const ended = new Promise((resolve) => child.once('close', (code) => resolve(code)))
    child.kill(signal)
    expect(await ended).toBe(0)
  })
})

function start(...args: string[]): ChildProcess {
  const file = pathToFileURL(join(import.meta.dirname, '../../src/cli/serve.ts')).href
  const script = `const { serveCommand } = await import(${JSON.stringify(file)})
    await serveCommand().parseAsync(process.argv.slice(1), { from: 'user' })`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, '--', ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

function untilSaid(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr!.on('data', (chunk) => {
      text += chunk
      const match = pattern.exec(text)
      if (match !== null) resolve(match)
    })
    child.once('close', () => reject(new Error(`it ended and said: ${text}`)))
  })
}
