/** The bundle around the packets: what is in it, where it is written, and that a stranger's names do no harm there. */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Alert } from '../../src/events/alert.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert, SUMMARY } from '../support/alerts.ts'
import { pcapFile } from '../support/capture-files.ts'
import { seekwatch } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'
import { isInstalled } from '../support/setup.ts'
import { readZip } from '../support/zip.ts'

const ID = '171cd85db977aaaaaaaaaaaa'
const HOSTILE = '../../etc/x\x1b[2J\u202e=cmd|calc\r\nsha256sum'

let folder: string
let db: string
let out: string

beforeEach(() => {
  folder = temporaryFolder()
  db = join(folder, 'a.db')
  out = join(folder, 'out.zip')
})

function stored(...alerts: Alert[]): void {
  const store = openStore(db)
  store.startRun({ id: 'run-1', command: 'replay' })
  store.write(batchOf(...alerts))
  store.finishRun('run-1', { ...SUMMARY, not_decoded: { malformed_ipv4: 3 } })
  store.close()
}

function evidence(...args: string[]) {
  return seekwatch('evidence', ID, '--db', db, '--out', out, ...args)
}

describe('what is in it', () => {
  test('the alert, its contact, rule, run and record, and a manifest of all that', async () => {
    const other = makeAlert('b', { contact: 'c', minute: 1 })
    stored(makeAlert(ID, { contact: 'c' }), other)
    const said = await seekwatch('evidence', ID.slice(0, 6), '--db', db, '--out', out)
    expect(said.err).toContain('no packets')
    expect(said.code).toBe(3)
    const zip = readZip(out)
    expect(zip.names.every((name) => name.startsWith(`seekwatch-evidence-${ID}/`))).toBe(true)
    expect(zip.json<Alert>('alert.json').id).toBe(ID)
    expect(zip.json<{ alerts: Alert[] }>('contact.json').alerts.map(({ id }) => id)).toEqual([ID, 'b'])
    expect(zip.json('run.json')).toMatchObject({ id: 'run-1', on_record: { command: 'replay' } })
    const lines = zip.text('MANIFEST.sha256').trimEnd().split('\n')
    expect(lines.length).toBe(zip.names.length - 1)
    for (const line of lines) {
      const [digest, name] = line.split('  ')
      expect(createHash('sha256').update(zip.bytes(name!)).digest('hex'), name).toBe(digest)
    }
  })

  test('README.txt says it in plain words', async () => {
    stored(makeAlert(ID))
    await evidence()
    const text = readZip(out).text('README.txt')
    for (const words of [
      `EVIDENCE OF THE ALERT ${ID}`,
      'DeepSeek service contacted.',
      'server name in a TLS hello: chat.deepseek.com; packet 4 of office.pcap',
      'Confidence high, severity high.',
      'malformed_ipv4 3',
      'PACKETS: none are in this bundle.',
      'sha256sum -c MANIFEST.sha256',
      'Nobody has changed its state.',
    ])
      expect(text).toContain(words)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(88)
  })

  test('another version of the pack is said', async () => {
    stored(makeAlert(ID, { pack_version: '2020.01.01' }))
    await evidence()
    expect(readZip(out).text('README.txt').replace(/\s+/g, ' ')).toContain(
      'Mind the versions: the alert was raised by version 2020.01.01',
    )
    expect(readZip(out).json('rule.json')).toMatchObject({
      at_the_time: { pack_version: '2020.01.01' },
      today: { same_version: false },
    })
  })

  test('who changed its state, and what an exemption did', async () => {
    stored(makeAlert(ID))
    await seekwatch('alerts', 'ack', ID, '--db', db, '--by', 'Eva', '--note', 'case 7')
    await evidence()
    const zip = readZip(out)
    expect(zip.text('README.txt')).toMatch(/Eva \(command line\), to acknowledged: case 7/)
    expect(zip.json('record.json')).toMatchObject({ alert_changes: { entries: [{ who: 'Eva', note: 'case 7' }] } })
  })

  test("a stranger's names steer nothing: neither a terminal nor a path", async () => {
    const id = `${HOSTILE}\0`
    const alert = makeAlert(id, { rule: HOSTILE, pack: HOSTILE, title: HOSTILE, reasons: [HOSTILE], sensor: HOSTILE })
    alert.evidence[0]!.value = HOSTILE
    alert.evidence[0]!.file = HOSTILE
    alert.client.name = HOSTILE
    stored(alert)
    const said = await seekwatch('evidence', id, '--db', db, '--out', out)
    expect(said.code).toBe(3)
    const zip = readZip(out)
    for (const name of zip.names) expect(name).toMatch(/^seekwatch-evidence-[0-9a-f]{24}\/[A-Za-z0-9.]+$/)
    for (const name of zip.names) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(zip.text(name.split('/')[1]!)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    }
  })

  test('a contact of many alerts is cut, and that is said', async () => {
    stored(
      ...Array.from({ length: 1100 }, (_, i) => makeAlert(i === 1099 ? ID : `a${i}`, { contact: 'c', minute: i / 60 })),
    )
    await evidence()
    const zip = readZip(out)
    const contact = zip.json<{ alerts_total: number; alerts: Alert[] }>('contact.json')
    expect(contact.alerts_total).toBe(1100)
    expect(contact.alerts.length).toBe(1000)
    expect(contact.alerts.some(({ id }) => id === ID)).toBe(true)
    expect(zip.text('README.txt')).toContain('contact.json has 1000 of its 1100 alerts.')
    const whole = await evidence('--contact', '--force')
    expect([whole.code, whole.err]).toEqual([
      3,
      expect.stringContaining('Of the 1100 alerts of the contact the packets of 1000'),
    ])
  })
})

describe('the same bytes', () => {
  test('on two runs, in any time zone', async () => {
    stored(makeAlert(ID))
    await evidence()
    const first = readFileSync(out)
    const zone = process.env['TZ']
    onTestFinished(() => {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    })
    process.env['TZ'] = 'Pacific/Auckland'
    await evidence('--force')
    expect(readFileSync(out).equals(first)).toBe(true)
  })

  test('who and when is in it when that is asked for, and nowhere else', async () => {
    stored(makeAlert(ID))
    process.env['SOURCE_DATE_EPOCH'] = '1800000000'
    onTestFinished(() => {
      delete process.env['SOURCE_DATE_EPOCH']
    })
    await evidence('--by', 'Eva', '--note', 'case 7')
    expect(readZip(out).json('custody.json')).toMatchObject({
      by: 'Eva',
      note: 'case 7',
      at: '2027-01-15T08:00:00.000000Z',
    })
    expect(readZip(out).text('MANIFEST.sha256')).toContain('custody.json')
    process.env['SOURCE_DATE_EPOCH'] = 'now'
    const said = await evidence('--by', 'Eva', '--force')
    expect(said).toMatchObject({ code: 2, err: expect.stringContaining('SOURCE_DATE_EPOCH: "now" is no count') })
  })
})

describe('where it is written', () => {
  test('for its owner alone, and nothing is left beside it', async () => {
    stored(makeAlert(ID))
    await evidence()
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).filter((name) => !name.startsWith('a.db'))).toEqual(['out.zip'])
  })

  test('a folder gets a file with the name of the alert', async () => {
    stored(makeAlert(ID))
    await seekwatch('evidence', ID, '--db', db, '--out', folder)
    expect(existsSync(join(folder, `seekwatch-evidence-${ID}.zip`))).toBe(true)
  })

  test('a file that is there stays, unless --force is said', async () => {
    stored(makeAlert(ID))
    writeFileSync(out, 'mine')
    const said = await evidence()
    expect(said.code).toBe(2)
    expect(said.err).toContain('is there already')
    expect(readFileSync(out, 'utf8')).toBe('mine')
    await evidence('--force')
    expect(readZip(out).names.length).toBeGreaterThan(5)
  })

  test('a capture or a database stays even then', async () => {
    stored(makeAlert(ID))
    const capture = pcapFile([])
    writeFileSync(out, capture)
    const said = await evidence('--force')
    expect(said.code).toBe(2)
    expect(readFileSync(out).equals(capture)).toBe(true)
    expect((await seekwatch('evidence', ID, '--db', db, '--out', db, '--force')).code).toBe(2)
  })

  test('a link stays one', async () => {
    stored(makeAlert(ID))
    const real = join(folder, 'real.zip')
    writeFileSync(real, 'old')
    symlinkSync(real, out)
    await evidence('--force')
    expect(lstatSync(out).isSymbolicLink()).toBe(true)
    expect(readZip(real).names.length).toBeGreaterThan(5)
  })

  test('a full disk is told with the place, and leaves nothing', async () => {
    stored(makeAlert(ID))
    const said = await seekwatch('evidence', ID, '--db', db, '--out', '/dev/full')
    expect(said.code).toBe(2)
    expect(said.err).toContain('--out /dev/full: cannot be written: the disk is full (ENOSPC)')
  })

  test('a name as long as names can be', async () => {
    stored(makeAlert(ID))
    out = join(folder, `${'ř'.repeat(125)}.zip`)
    expect(await evidence()).toMatchObject({ code: 3 })
    expect(await evidence('--force')).toMatchObject({ code: 3 })
    out = join(folder, `${'ř'.repeat(126)}.zip`)
    expect((await evidence()).err).toMatch(/cannot be written: .*ENAMETOOLONG.*; name another place/)
  })

  test('a place that is not there, an alert that is none', async () => {
    stored(makeAlert(ID))
    const said = await seekwatch('evidence', ID, '--db', db, '--out', join(folder, 'no/where.zip'))
    expect(said.code).toBe(2)
    expect(said.err).toContain('there is no such file or folder')
    expect((await seekwatch('evidence', 'ff', '--db', db)).err).toContain('there is no alert "ff"')
  })
})

describe.skipIf(!isInstalled('unzip'))('by hand', () => {
  test('unzip and sha256sum agree', async () => {
    stored(makeAlert(ID))
    await evidence()
    expect(spawnSync('unzip', ['-q', out, '-d', folder]).status).toBe(0)
    const check = spawnSync('sha256sum', ['-c', '--strict', 'MANIFEST.sha256'], {
      cwd: join(folder, `seekwatch-evidence-${ID}`),
      encoding: 'utf8',
    })
    expect(check.status, check.stdout + check.stderr).toBe(0)
  })
})
