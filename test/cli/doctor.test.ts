/** `seekwatch doctor` and `seekwatch unit`. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { unitText } from '../../src/cli/unit.ts'
import { temporaryFolder } from '../support/folder.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/seekwatch')

function run(args: string[]) {
  return spawnSync(PROGRAM, args, { cwd: temporaryFolder(), encoding: 'utf8' })
}

describe('doctor', () => {
  test('an interface that is not there is bad, and code 2', () => {
    const { status, stdout } = run(['doctor', '-i', 'nosuch0', '--json'])
    const { findings } = JSON.parse(stdout) as { findings: Array<{ what: string; verdict: string; mend: string }> }
    expect(status).toBe(2)
    expect(findings.find(({ what }) => what === 'interface nosuch0')).toMatchObject({ verdict: 'bad' })
    expect(findings.filter(({ verdict, mend }) => verdict === 'bad' && mend === '')).toEqual([])
  })

  test('a folder that is not there', () => {
    expect(run(['doctor', '--db', 'no/such/folder.db']).stdout).toMatch(/BAD {2}disk: .*does not exist\n +mkdir -p /)
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
