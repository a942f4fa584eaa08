/** Where settings come from: the command line, the environment, the file; and what is said about a wrong file. */

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readSettings } from '../../src/config/file.ts'
import { seekwatch } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')
const GOLDEN = join(ROOT, 'captures/dns-only/input.pcap')

describe('the file', () => {
  test('its values', () => {
    expect(
      readSettings('s.yaml', 'interface: eth1\nevents: [alert, dns]\nworkers: 2\nserve: false\n').settings,
    ).toEqual({
      interface: ['eth1'],
      events: 'alert,dns',
      workers: 2,
      serve: false,
    })
    expect(readSettings('s.yaml', '# nothing\n').settings).toEqual({})
  })

  test('destinations: a URL, or its parts, one or several', () => {
    const forward = (source: string) => readSettings('s.yaml', source).settings.forward
    expect(forward('forward: syslog+tcp://a\n')).toEqual(['syslog+tcp://a'])
    expect(
      forward(
        'forward:\n  - syslog+tcp://a\n  - to: syslog+tls://b\n    ca: /x&y.pem\n    max-bytes: 4096\n    bom: true\n',
      ),
    ).toEqual(['syslog+tcp://a', 'syslog+tls://b?ca=%2Fx%26y.pem&max-bytes=4096&bom=true'])
  })

  test.each([
    ['db: a\nforward: []\n', 's.yaml:2: forward is an empty list; leave it out instead'],
    ['forward:\n  - format: cef\n', 's.yaml:1: forward is no list of destinations'],
    ['forward: 7\n', 's.yaml:1: forward is no list of destinations'],
    ['db: a\nworkers: many\n', 's.yaml:2: workers is no whole number from 1 to 32'],
    ['workers: 0\n', 's.yaml:1: workers is no whole number from 1 to 32'],
    ['\n\nlistne: 1\n', 's.yaml:3: there is no setting "listne"; there are interface, capture,'],
    ['capture: pcap\n', 's.yaml:1: capture is none of auto, tcpdump, dumpcap, cap'],
    ['db: a\ndb: b\n', 's.yaml:2: '],
    ['db: [\n', 's.yaml:2: '],
    ['- db\n', 's.yaml:1: is no list of settings'],
    ['serve: maybe\n', 's.yaml:1: serve is neither true nor false'],
    ['a: &a [1]\nb: *a\n', 's.yaml:'],
  ])('%j', (source, complaint) => {
    expect(() => readSettings('s.yaml', source)).toThrow(complaint)
  })
})

describe('which one wins', () => {
  function sensorOf(args: string[], env: Record<string, string>): string {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 's.yaml'), 'sensor: of-the-file\neve: out.json\nstore: false\n')
    const options = { cwd: folder, encoding: 'utf8' as const, env: { ...process.env, ...env } }
    const run = spawnSync(join(ROOT, 'bin/seekwatch'), ['replay', GOLDEN, '--config', 's.yaml', ...args], options)
    expect(run.stderr + run.status).toMatch(/0$/)
    const [line] = readFileSync(join(folder, 'out.json'), 'utf8').split('\n')
    return (JSON.parse(line!) as { host: string }).host
  }

  test('the file wins over the default', () => expect(sensorOf([], {})).toBe('of-the-file'))
  test('the environment wins over the file', () =>
    expect(sensorOf([], { SEEKWATCH_SENSOR: 'of-the-environment' })).toBe('of-the-environment'))
  test('the command line wins over all', () =>
    expect(sensorOf(['--sensor', 'mine'], { SEEKWATCH_SENSOR: 'of-the-environment' })).toBe('mine'))

  test('a wrong file ends with code 2, its line and what to write', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 's.yaml'), 'db: x\nworkers: -1\n')
    const run = spawnSync(join(ROOT, 'bin/seekwatch'), ['live', '-i', 'lo', '--config', 's.yaml'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(run.status).toBe(2)
    expect(run.stderr).toContain('s.yaml:2: workers is no whole number from 1 to 32')
  })

  test('what only the command can judge is told with the file and the line', async () => {
    const path = join(temporaryFolder(), 's.yaml')
    writeFileSync(path, 'sensor: " border-1"\n')
    const { code, err } = await seekwatch('replay', GOLDEN, '--no-store', '--config', path)
    expect([code, err]).toEqual([2, expect.stringMatching(/^seekwatch: .*s\.yaml:1: sensor: give a name of 1 to 253 /)])
  })

  test.each([
    ['listen: nowhere', /^seekwatch: .*s\.yaml:2: listen: "nowhere" is not ADDRESS:PORT; write /],
    ['forward: siem:514', /^seekwatch: .*s\.yaml:2: forward: "siem:514" is no destination; write for example /],
    [
      'forward: { to: syslog+tcp://a, facilty: 1 }',
      /s\.yaml:2: forward: syslog\+tcp:\/\/a:514: there is no setting "facilty"/,
    ],
    ['allow-host: http://a/', /^seekwatch: .*s\.yaml:2: allow-host: "http:\/\/a\/" is the address of a page; /],
    ['allow-host: [a.example, "b c"]', /^seekwatch: .*s\.yaml:2: allow-host: "b c" has a space in it; /],
  ])('so is where it listens and what it answers to: %s', async (line, complaint) => {
    const path = join(temporaryFolder(), 's.yaml')
    writeFileSync(path, `events: alert\n${line}\n`)
    for (const command of [
      ['watch', '.'],
      ['live', '-i', 'lo'],
    ]) {
      const { code, err } = await seekwatch(...command, '--config', path)
      expect([code, err]).toEqual([2, expect.stringMatching(complaint)])
    }
  })

  test('a wrong variable is named, and not the option that it stands for', async () => {
    vi.stubEnv('SEEKWATCH_WORKERS', 'many')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { code, err } = await seekwatch('live', '-i', 'lo')
    expect(code).toBe(2)
    expect(err).toBe('seekwatch: SEEKWATCH_WORKERS: "many" is no whole number from 1 to 32\n')
  })

  test.each([
    ['is not there', 'none.yaml', 'there is no such file or folder (ENOENT)'],
    ['is a folder', '.', 'it is a folder and not a file (EISDIR)'],
    ['is below a file', 's.yaml/x', 'a part of the path is a file and not a folder (ENOTDIR)'],
  ])('a file that %s is named, by an option or the environment', async (_, name, reason) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 's.yaml'), '')
    const path = join(folder, name)
    const told = { code: 2, out: '', err: `seekwatch: --config: ${path}: ${reason}; name the file with the settings\n` }
    expect(await seekwatch('live', '-i', 'lo', '--config', path)).toEqual(told)
    vi.stubEnv('SEEKWATCH_CONFIG', path)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await seekwatch('live', '-i', 'lo')).toEqual(told)
  })
})
