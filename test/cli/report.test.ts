import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { coverTest } from '../../src/detect/exemption.ts'
import type { Report } from '../../src/report/report.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { seekwatch } from '../support/command.ts'
import { makeExemption, minute } from '../support/exemptions.ts'
import { temporaryFolder } from '../support/folder.ts'

const RULES = join(import.meta.dirname, '../../rules')

const epoch = process.env['SOURCE_DATE_EPOCH']
beforeEach(() => {
  process.env['SOURCE_DATE_EPOCH'] = '1795900000' // 2026-11-28T21:06:40Z
})
afterEach(() => {
  if (epoch === undefined) delete process.env['SOURCE_DATE_EPOCH']
  else process.env['SOURCE_DATE_EPOCH'] = epoch
})

/** The path of a database with contacts of two clients, on 22 November at 9:00 and 10:00. */
function database(): string {
  const path = join(temporaryFolder(), 'seekwatch.db')
  const store = openStore(path)
  store.write(
    batchOf(makeAlert('a'), makeAlert('b', { minute: 60, client: { ip: '192.0.2.11', port: 1 }, attempt: true })),
  )
  store.close()
  return path
}

async function json(...args: string[]): Promise<Report> {
  const said = await seekwatch('report', '--format', 'json', ...args)
  expect(said).toMatchObject({ code: 0 })
  return JSON.parse(said.out)
}

describe('as JSON', () => {
  test('the whole database, with what is in place now, the same each time', async () => {
    const db = database()
    const report = await json('--db', db, '--title', 'Říjen')
    expect(report).toMatchObject({ report: 1, title: 'Říjen', timezone: 'UTC', made: '2026-11-28T21:06:40.000000Z' })
    expect(report.period).toMatchObject({ from: '2026-11-22T09:00:00.000000Z', is_whole_database: true })
    expect(report.sections.service.figures).toMatchObject({ clients: 1, contacts: 1, attempts: 1 })
    expect(report.policies[0]).toMatchObject({ id: 'cz-nukib-2025-07-10', date: '2025-07-10' })
    expect(report.packs.map(({ pack }) => pack)).toContain('deepseek')
    expect(await json('--db', db, '--title', 'Říjen')).toEqual(report)
  })

  test('a period, in a time zone', async () => {
    const args = ['--db', database(), '--timezone', 'Europe/Prague']
    const day = await json(...args, '--period', '2026-11-22')
    expect(day.period).toEqual({
      from: '2026-11-21T23:00:00.000000Z',
      to: '2026-11-22T23:00:00.000000Z',
      is_whole_database: false,
    })
    const hour = await json(...args, '--from', '2026-11-22 11:00', '--to', '2026-11-22 12:00')
    expect(hour.sections.service.figures).toMatchObject({ contacts: 0, attempts: 1 })
    expect((await json(...args, '--to', '2026-11-22')).sections.service.figures.alerts).toBe(0)
    expect((await json(...args, '--from', '2026-11')).sections.service.figures.alerts).toBe(2)
  })

  test('to a file, which is made whole, and never in the place of a database', async () => {
    const db = database()
    const out = join(temporaryFolder(), 'report.json')
    writeFileSync(out, 'an old report')
    expect(await seekwatch('report', '--format', 'json', '--db', db, '--out', out)).toMatchObject({ code: 0, out: '' })
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ report: 1 })
    const long = join(temporaryFolder(), `${'ř'.repeat(125)}.html`)
    expect(await seekwatch('report', '--db', db, '--out', long)).toMatchObject({ code: 0, err: '' })
    const refused = await seekwatch('report', '--db', db, '--out', db)
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/is left as it is, because it holds an SQLite database; name another file/)
  })
})

describe('as a page', () => {
  test('in English without being asked, and in Czech', async () => {
    const db = database()
    const english = await seekwatch('report', '--db', db, '--rules', RULES)
    expect(english.out).toContain('<html lang="en">')
    const czech = await seekwatch(
      'report',
      '--db',
      db,
      '--lang',
      'cs',
      '--timezone',
      'Europe/Prague',
      '--title',
      'Říjen',
    )
    expect(czech.out).toMatch(/<html lang="cs">.*<title>Říjen<\/title>.*Byl zjištěn kontakt se službou DeepSeek/s)
    expect(czech.out).toContain('https://security.cuni.cz/en/deepseek')
    expect(await seekwatch('report', '--db', db, '--rules', RULES)).toEqual(english)
  })
})

describe('as CSV', () => {
  test('a record for each contact, the sums of which are those of the report', async () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const store = openStore(path)
    const exemption = makeExemption({ client: '192.0.2.10' }, { end: minute(20) })
    store.addExemptions([exemption], { who: 'x', via: 'x', note: '' }, coverTest)
    const of = (ip: string) => ({ client: { ip, port: 1 } })
    const alerts = [
      makeAlert('a', { minute: 1 }),
      makeAlert('b', { minute: 25, state: 'new', use: 'chat' }),
      makeAlert('c', { minute: 30, ...of('192.0.2.11'), attempt: true, service: '=cmd|x' }),
      makeAlert('d', { minute: 90, ...of('2001:db8::1'), category: 'hosting', service: 'Hosting, "cheap"' }),
      ...Array.from({ length: 1200 }, (_, i) =>
        makeAlert(`m${i}`, { minute: 200 + i, ...of(`10.0.${i >> 8}.${i & 255}`) }),
      ),
    ]
    store.write(batchOf(...alerts), coverTest([exemption]))
    store.close()
    const said = await seekwatch('report', '--db', path, '--format', 'csv', '--lang', 'cs')
    const [titles, ...records] = said.out.trimEnd().split('\r\n')
    expect(titles).toMatch(/^contact,client,role,service,names,category,exempt,attempt,confidence,use,first_seen,/)
    expect(records).toHaveLength(1204)
    expect(said.out).toContain(",'=cmd|x,chat.deepseek.com,service,false,true,")
    expect(said.out).toContain('"Hosting, ""cheap"""')
    const shown = records.filter((record) => record.includes(',service,false,false,'))
    expect(shown).toHaveLength((await json('--db', path)).sections.service.figures.contacts)
    expect(records.filter((record) => record.includes(',true,false,'))).toHaveLength(1)
    const october = await seekwatch('report', '--db', path, '--format', 'csv', '--period', '2026-10')
    expect(october.out).toBe(`${titles}\r\n`)
  })
})

test.each([
  [['--from', 'soon'], /--from: "soon" is no time; write 2026-10-31, 2026-10,/],
  [['--to', '2026-02-30'], /--to: "2026-02-30" is no time/],
  [['--period', 'October'], /--period: "October" is no period; write 2026-10-31, 2026-10, 2026-Q4 or 2026/],
  [['--period', '2026', '--from', '2026'], /--period: says both ends already/],
  [['--from', '2026-10', '--to', '2026-10'], /--to: is not after --from/],
  [['--timezone', 'Prague\x1b'], /--timezone: there is no time zone "Prague\\x1b"; write UTC or Europe\/Prague/],
  [['--lang', 'de'], /--lang <language>.* 'de' is invalid. Allowed choices are en, cs/],
  [['--rows', '0'], /--rows: "0" is no whole number from 1 to 10000/],
  [['--title', 'x'.repeat(201)], /--title: is longer than 200 characters/],
])('wrong usage %j', async (args, message) => {
  const said = await seekwatch('report', '--db', database(), ...args)
  expect(said).toMatchObject({ code: 2, out: '' })
  expect(said.err).toMatch(message)
})

test('a database that is not there is told, and none is made', async () => {
  const path = join(temporaryFolder(), 'missing.db')
  const said = await seekwatch('report', '--db', path)
  expect(said.code).toBe(2)
  expect(said.err).toMatch(/no such database: make one with "seekwatch replay PATH/)
  expect(existsSync(path)).toBe(false)
})

test('a clock that was agreed on wrongly is told', async () => {
  process.env['SOURCE_DATE_EPOCH'] = 'now'
  const said = await seekwatch('report', '--db', database())
  expect(said.err).toMatch(/SOURCE_DATE_EPOCH: "now" is no count of seconds since 1970/)
})
