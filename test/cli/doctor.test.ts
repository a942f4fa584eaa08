/** `seekwatch doctor` and `seekwatch unit`. */

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unitText } from '../../src/cli/unit.ts'
import { temporaryFolder } from '../support/folder.ts'
import { sayWhySkipped, whyNoNamespace } from '../support/wire.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/seekwatch')

const reason = whyNoNamespace(['tcpdump'])
sayWhySkipped('test/cli/doctor.test.ts (interfaces of our own)', reason)

function run(args: string[]) {
  return spawnSync(PROGRAM, args, { cwd: temporaryFolder(), encoding: 'utf8' })
}

interface Finding {
  what: string
  verdict: string
  found: string
  mend: string
}

/** What the doctor finds when it is started by another program than the shell. */
function findings(command: string[], environment: NodeJS.ProcessEnv = process.env): { list: Finding[]; code: number } {
  const [program, ...args] = command
  const options = { cwd: temporaryFolder(), encoding: 'utf8', env: environment } as const
  const { stdout, stderr, status } = spawnSync(program!, args, options)
  if (stdout === '') throw new Error(stderr)
  return { list: (JSON.parse(stdout) as { findings: Finding[] }).findings, code: status! }
}

function one(list: readonly Finding[], what: string): Finding | undefined {
  return list.find((finding) => finding.what === what)
}

describe('doctor', () => {
  test('an interface that is not there is bad, and code 2', () => {
    const { status, stdout } = run(['doctor', '-i', 'nosuch0', '--json'])
    const { findings } = JSON.parse(stdout) as { findings: Array<{ what: string; verdict: string; mend: string }> }
    expect(status).toBe(2)
    expect(findings.find(({ what }) => what === 'interface nosuch0')).toMatchObject({ verdict: 'bad' })
    expect(findings.filter(({ verdict, mend }) => verdict === 'bad' && mend === '')).toEqual([])
  })

  test('of an interface that is not there nothing else is asked', () => {
    const { list } = findings([PROGRAM, 'doctor', '-i', 'nosuch0', '--json'])
    expect(one(list, 'interface nosuch0')!.mend).toMatch(/^choose one of .*\blo\b/)
    for (const what of ['offloading', 'ring of the card', 'a capture', 'promiscuous mode'])
      expect(one(list, what)).toBeUndefined()
  })

  test('without any program: what is needed is said, and what cannot be told is not called good', () => {
    const environment = { PATH: '/nonexistent' }
    const { list, code } = findings([process.execPath, PROGRAM, 'doctor', '-i', 'lo', '--json'], environment)
    expect(code).toBe(2)
    expect(one(list, 'tcpdump')).toMatchObject({
      verdict: 'bad',
      mend: expect.stringMatching(/apt-get install tcpdump$/),
    })
    expect(one(list, 'dumpcap')!.found).toBe('not installed; it would do in place of tcpdump')
    for (const what of ['offloading', 'ring of the card'])
      expect(one(list, what)).toMatchObject({ verdict: 'warn', found: 'unknown: no ethtool' })
    expect(one(list, 'a capture')).toMatchObject({ verdict: 'warn', found: 'not tried: neither tcpdump nor dumpcap' })
    expect(list.filter(({ verdict, mend }) => verdict !== 'ok' && mend === '')).toEqual([])
  })

  test.skipIf(process.getuid?.() !== 0)('a user without rights is told which to give', () => {
    const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all']
    const { list, code } = findings([
      ...asNobody,
      process.execPath,
      PROGRAM,
      'doctor',
      '-i',
      'lo',
      '--db',
      '/tmp/x.db',
      '--json',
    ])
    expect(code).toBe(2)
    expect(one(list, 'right to capture')).toMatchObject({ verdict: 'bad', mend: expect.stringMatching(/^sudo setcap/) })
    expect(one(list, 'a capture')!.verdict).toBe('bad')
    expect(one(list, 'offloading')!.mend).toMatch(/^(sudo .*)?$/)
  })

  describe.skipIf(reason !== '')('interfaces', () => {
    const netns = `sw-doctor-${process.pid}`
    const ip = (...args: string[]): Buffer => execFileSync('ip', args)
    const ask = (device: string): Finding[] =>
      findings(['ip', 'netns', 'exec', netns, PROGRAM, 'doctor', '-i', device, '--json']).list
    beforeAll(() => {
      ip('netns', 'add', netns)
      ip('-n', netns, 'link', 'set', 'lo', 'up')
      ip('-n', netns, 'link', 'add', 'span', 'type', 'veth', 'peer', 'name', 'far')
      ip('-n', netns, 'link', 'add', 'good', 'type', 'veth', 'peer', 'name', 'goodfar')
      for (const device of ['good', 'goodfar']) ip('-n', netns, 'link', 'set', device, 'up')
    })
    afterAll(() => {
      ip('netns', 'del', netns)
    })

    test('one that is switched off', () => {
      const list = ask('span')
      expect(one(list, 'interface span')).toMatchObject({ verdict: 'bad', mend: 'ip link set span up' })
      expect(one(list, 'a capture')).toBeUndefined()
    })

    test('one whose other end is off: the cable', () => {
      ip('-n', netns, 'link', 'set', 'span', 'up')
      expect(one(ask('span'), 'interface span')).toMatchObject({ verdict: 'warn', found: 'up, link lowerlayerdown' })
    })

    test('the loopback is no mirror port', () => {
      expect(one(ask('lo'), 'kind of interface')).toMatchObject({ verdict: 'warn' })
    })

    test('a good one: a capture is opened and closed', () => {
      const list = ask('good')
      expect(one(list, 'a capture')).toMatchObject({ verdict: 'ok', found: 'opened and closed by tcpdump' })
      expect(one(list, 'kind of interface')).toBeUndefined()
      expect(list.filter(({ verdict }) => verdict === 'bad')).toEqual([])
    })
  })

  test('a folder that is not there', () => {
    expect(run(['doctor', '--db', 'no/such/folder.db']).stdout).toMatch(/BAD {2}disk: .*does not exist\n +mkdir -p /)
  })

  test.each([
    ['below a file', `${PROGRAM}/x.db`, `${PROGRAM} is a file and not a folder`],
    ['deep below a file', `${PROGRAM}/a/x.db`, `${PROGRAM}/a: a part of the path is a file and not a folder (ENOTDIR)`],
    ['a folder', import.meta.dirname, `${import.meta.dirname} is a folder`],
  ])('a database that is %s', (_, db, found) => {
    const { list, code } = findings([PROGRAM, 'doctor', '--db', db, '--json'])
    expect(code).toBe(2)
    expect(one(list, 'disk')).toMatchObject({ verdict: 'bad', found })
    expect(one(list, 'disk')!.mend).toMatch(/^name another file with --db/)
  })

  test.skipIf(process.getuid?.() !== 0)('a database in a folder that may not be written', () => {
    const db = join(temporaryFolder(), 'x.db')
    writeFileSync(db, '')
    chmodSync(db, 0o666)
    chmodSync(dirname(db), 0o755)
    const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const { list } = findings([...asNobody, process.execPath, PROGRAM, 'doctor', '--db', db, '--json'])
    expect(one(list, 'disk')).toMatchObject({ verdict: 'bad', found: `${dirname(db)} may not be written` })
  })

  test('a name that is none is refused', () => {
    expect(run(['doctor', '-i', '../x']).status).toBe(2)
  })
})

describe('unit', () => {
  const parts = {
    config: '/etc/seekwatch/seekwatch.yaml',
    user: 'seekwatch',
    node: '/usr/bin/node',
    program: '/opt/s/bin/seekwatch',
  }

  test('it has CAP_NET_RAW and no other right', () => {
    const unit = unitText(parts)
    expect(unit.match(/CAP_\w+/g)).toEqual(['CAP_NET_RAW', 'CAP_NET_RAW'])
    expect(unit).toContain('ExecStart=/usr/bin/node /opt/s/bin/seekwatch live --config /etc/seekwatch/seekwatch.yaml\n')
  })

  test.each([
    ['--user', 'a b'],
    ['--user', 'x\nExecStart=/bin/sh'],
    ['--config', 'relative.yaml'],
    ['--config', '/a\nb'],
  ])('%s %j is refused', (option, value) => {
    expect(run(['unit', option, value]).status).toBe(2)
  })
})
