/**
 * The archive for machines without a network: it runs where it is unpacked, cut off. That it
 * comes out the same when it is made again is checked by .ci/run.
 */

import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sayWhySkipped, until, whyNoNamespace } from '../support/wire.ts'

const ROOT = join(import.meta.dirname, '../..')
const BUILDER = join(ROOT, 'dist/cli/build-bundle.js')
const NETNS = `sw-bundle-${process.pid}`

const reason = whyNoNamespace()
sayWhySkipped('test/cli/bundle.test.ts (without a network)', reason)

let folder: string
let archive: string
let home: string

function makeBundle(out: string): string {
  return execFileSync(process.execPath, [BUILDER, '--out', out], { encoding: 'utf8' }).trim()
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seekwatch-test-'))
  archive = makeBundle(folder)
  execFileSync('tar', ['-xzf', archive, '-C', folder])
  home = join(folder, basename(archive, '.tar.gz'))
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the archive', () => {
  test('its name says for what it is, and its digest is beside it', () => {
    const [major] = process.versions.node.split('.')
    expect(basename(archive)).toBe(`seekwatch-0.1.0-${process.platform}-${process.arch}-node${major}.tar.gz`)
    const digest = createHash('sha256').update(readFileSync(archive)).digest('hex')
    expect(readFileSync(`${archive}.sha256`, 'utf8')).toBe(`${digest}  ${basename(archive)}\n`)
  })

  test('it has what runs and what must be told, and nothing of how it was made', () => {
    const names = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8', maxBuffer: 1 << 26 })
      .split('\n')
      .map((name) => name.slice(basename(home).length + 1))
    for (const name of [
      'LICENSE',
      'NOTICE',
      'README.md',
      'bin/seekwatch',
      'rules/README.md',
      'dist/dashboard/index.html',
    ])
      expect(names).toContain(name)
    expect(names).toContain('share/seekwatch.service')
    expect(names).toContain('node_modules/better-sqlite3/build/Release/better_sqlite3.node')
    expect(names.filter((name) => /^node_modules\/(typescript|vitest|svelte|@ip-location-db)\//.test(name))).toEqual([])
    expect(names.filter((name) => /\.(o|a|cc?|h|gyp)$/.test(name) && name.startsWith('node_modules/better-'))).toEqual(
      [],
    )
    const packages = names.flatMap((name) => /^node_modules\/(?:@[^/]+\/)?[^/@]+(?=\/package\.json$)/.exec(name) ?? [])
    expect(packages.length).toBeGreaterThan(50)
  })
})

describe.skipIf(reason !== '')('unpacked where there is no network, no npm and no home', () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', NETNS])
    execFileSync('ip', ['-n', NETNS, 'link', 'set', 'lo', 'up'])
    mkdirSync(join(folder, 'work'))
  })
  afterAll(() => {
    execFileSync('ip', ['netns', 'del', NETNS])
  })

  /** Without our environment. PATH has Node (and npm beside it, which would find no registry) and the system's own. */
  function command(args: string[]): string[] {
    const environment = ['HOME=/nonexistent', `PATH=${dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`]
    return ['netns', 'exec', NETNS, 'env', '-i', ...environment, join(home, 'bin/seekwatch'), ...args]
  }

  function run(args: string[]): SpawnSyncReturns<string> {
    return spawnSync('ip', command(args), { cwd: join(folder, 'work'), encoding: 'utf8' })
  }

  test('there is no way out', () => {
    expect(execFileSync('ip', ['-n', NETNS, 'route', 'show', 'table', 'all', 'type', 'unicast']).toString()).toBe('')
  })

  test('replay, alerts and doctor', () => {
    const replay = run(['replay', join(home, 'captures/tls13-openssl/input.pcap'), '--quiet', '--json'])
    expect(replay.stderr).toBe('')
    expect(JSON.parse(replay.stdout)).toMatchObject({ files: 1, alerts: 2 })
    expect(run(['alerts', '--format', 'csv']).stdout.split('\n').length).toBeGreaterThan(2)
    const { status, stdout } = run(['doctor'])
    expect(stdout).toMatch(/^ok {3}Node\.js: v/m)
    expect(stdout).toMatch(/^ok {3}database: /m)
    expect(status).toBe(0)
  })

  test('the demo shows its page', async () => {
    const demo = spawn('ip', command(['demo', '--listen', '127.0.0.1:8787']), { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    demo.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const over = new Promise((resolve) => demo.on('close', resolve))
    await until(
      () => said.includes('The dashboard is on'),
      60_000,
      () => said,
    )
    const fetch = "fetch('http://127.0.0.1:8787/').then((r) => r.text()).then(console.log)"
    const page = execFileSync('ip', ['netns', 'exec', NETNS, process.execPath, '-e', fetch], { encoding: 'utf8' })
    demo.kill('SIGINT')
    expect(await over).toBe(0)
    expect(page).toContain('<title>Seekwatch')
  })
})
