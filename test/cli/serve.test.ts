import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
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

const PROGRAM = join(import.meta.dirname, '../../bin/seekwatch')

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

  test('lists and policies are those of the packs and of the site, and follow on SIGHUP, whole or not at all', async () => {
    const rules = temporaryFolder()
    const site = temporaryFolder()
    const pack = (id: string, name: string) =>
      `pack: ${id}\ntitle: X\nversion: 2026.11.22\nlicence: CC0-1.0\nrules:\n  - { id: ${id}, title: X, service: X, category: service, severity: high, domains: [{ name: ${name}, role: web, confidence: high, sources: [x] }] }\n`
    const policy = (title: string) =>
      `policies:\n  - { id: p, title: ${title}, country: CZ, authority: A, date: '2025', reference: r, scope: s, sources: [x] }\n`
    writeFileSync(join(rules, 'a.yaml'), pack('a', 'a.example'))
    writeFileSync(join(site, 'b.yaml'), pack('b', 'b.example'))
    writeFileSync(join(site, 'p.yaml'), policy('first'))
    // built: the thread that reads rules cannot be run from its source
    const args = ['serve', '--db', filled(), '--listen', '127.0.0.1:0', '--rules', rules, '--site-rules', site]
    const child = spawn(PROGRAM, args)
    onTestFinished(() => void child.kill('SIGKILL'))
    const [, url] = await untilSaid(child, /the dashboard is at (http:\/\/127\.0\.0\.1:\d+\/)/)
    const shown = async () => {
      const list = await (await fetch(`${url}feeds/service-domains.txt`)).text()
      const { policies } = (await (await fetch(`${url}api/policies`)).json()) as { policies: Array<{ title: string }> }
      return [list, policies.map(({ title }) => title)]
    }
    expect(await shown()).toEqual(['a.example\nb.example\n', ['first']])

    writeFileSync(join(site, 'p.yaml'), policy('second'))
    writeFileSync(join(rules, 'a.yaml'), pack('a', 'c.example'))
    child.kill('SIGHUP')
    await untilSaid(child, /the rules were read again: 1 added \(a: c\.example\), 1 removed \(a: a\.example\)/)
    expect(await shown()).toEqual(['b.example\nc.example\n', ['second']])

    writeFileSync(join(site, 'p.yaml'), policy('third'))
    writeFileSync(join(rules, 'a.yaml'), pack('a', 'not a name'))
    child.kill('SIGHUP')
    await untilSaid(child, /the rules stay what they were[\s\S]*a\.yaml:6:89: "not a name" is not a domain name/)
    expect(await shown()).toEqual(['b.example\nc.example\n', ['second']])
  })

  test('wrong packs at the start are told with their place', async () => {
    const rules = temporaryFolder()
    writeFileSync(join(rules, 'a.yaml'), 'pack: X\n')
    await expect(run('--db', filled(), '--listen', '0', '--rules', rules)).rejects.toThrow(
      /a\.yaml:1:7: pack is not an id/,
    )
    await expect(run('--db', filled(), '--listen', '0', '--site-rules', join(rules, 'none'))).rejects.toThrow(
      /cannot be read/,
    )
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
