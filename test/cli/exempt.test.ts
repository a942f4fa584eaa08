import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { keepReviewing } from '../../src/cli/reviewing.ts'
import { coverTest } from '../../src/detect/exemption.ts'
import { openStore, Store } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { type Said, seekwatch } from '../support/command.ts'
import { makeExemption } from '../support/exemptions.ts'
import { temporaryFolder } from '../support/folder.ts'

const zone = process.env['TZ']
beforeEach(() => {
  process.env['TZ'] = 'Europe/Prague'
})
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

/** The path of a database with two alerts of 192.0.2.10 (`a` at 9:00, `b` at 10:00, UTC) and one of 192.0.2.11. */
function database(): string {
  const path = join(temporaryFolder(), 'seekwatch.db')
  const store = openStore(path)
  store.write(
    batchOf(
      makeAlert('a'),
      makeAlert('b', { minute: 60 }),
      makeAlert('c', { client: { ip: '192.0.2.11', port: 1 }, client_role: 'proxy' }),
    ),
  )
  store.close()
  return path
}

const CLIENT = ['--client', '192.0.2.10']
const ABOUT = ['--kind', 'research', '--owner', 'Red team', '--reason', 'Příliš mnoho', '--start', '2026-11-22']
const UNTIL = ['--end', '2026-11-22T10:30:00+01:00'] // 9:30 UTC

async function added(db: string, ...more: string[]): Promise<string> {
  const { out, code, err } = await seekwatch(
    'exempt',
    'add',
    '--db',
    db,
    ...ABOUT,
    ...(more.length ? more : [...CLIENT, ...UNTIL]),
  )
  expect(code, err).toBe(0)
  return out.trim()
}

function states(db: string): Record<string, string> {
  const store = openStore(db, { readonly: true })
  onTestFinished(() => store.close())
  return Object.fromEntries(store.alerts({}).alerts.map(({ id, state }) => [id, state]))
}

describe('more stored alerts than are changed at once', () => {
  const COUNT = 1200

  function largeDatabase(): string {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const store = openStore(path)
    store.write(batchOf(...Array.from({ length: COUNT }, (_, i) => makeAlert(`a${i}`, { minute: i / 60 }))))
    store.close()
    return path
  }
  const exempt = (db: string) => {
    const store = openStore(db, { readonly: true })
    const { exempt } = store.overview()
    store.close()
    return exempt
  }

  test('are covered and freed by the command, and told as one number', async () => {
    const db = largeDatabase()
    const { out, err } = await seekwatch('exempt', 'add', '--db', db, ...ABOUT, ...CLIENT, '--end', '2026-11-23')
    expect(err).toContain('500 stored alerts so far')
    expect(err).toContain(`${COUNT} stored alerts made exempt`)
    expect(exempt(db)).toBe(COUNT)
    const ended = await seekwatch('exempt', 'end', out.trim(), '--db', db, '--at', '2026-11-22T00:00:00+01:00')
    expect(ended.err).toContain(`${COUNT} alerts that it hid made new again`)
    expect(exempt(db)).toBe(0)
  })

  test('what a command left that was ended, the next replay goes on with', async () => {
    const db = largeDatabase()
    const store = openStore(db)
    store.addExemptions([makeExemption({ client: '192.0.2.10' })], { who: 'eva', via: 'test', note: '' }, coverTest)
    store.close()
    expect(exempt(db)).toBe(500)
    const { code } = await seekwatch('replay', 'captures/attempt-refused', '--db', db, '--quiet')
    expect([code, exempt(db)]).toEqual([0, COUNT])
  })

  test('a service goes on with it beside its work', async () => {
    const store = openStore(largeDatabase())
    onTestFinished(() => store.close())
    store.addExemptions([makeExemption({ client: '192.0.2.10' })], { who: 'eva', via: 'test', note: '' }, coverTest)
    await new Promise<void>((resolve) => onTestFinished(keepReviewing(store, resolve)))
    expect([store.isReviewing(), store.overview().exempt]).toEqual([false, COUNT])
  })
})

describe('add', () => {
  test('prints the id, covers what is stored inside the time, and says the time zone', async () => {
    const db = database()
    const { out, err } = await seekwatch('exempt', 'add', '--db', db, ...ABOUT, ...CLIENT, ...UNTIL)
    expect(out).toMatch(/^ex-[0-9a-f]{8}\n$/)
    expect(err).toContain(
      'client 192.0.2.10: from 2026-11-22 00:00:00 +01:00 until 2026-11-22 10:30:00 +01:00 (Europe/Prague)',
    )
    expect(err).toContain('1 stored alert made exempt')
    expect(states(db)).toEqual({ a: 'exempt', b: 'new', c: 'new' })
  })

  test('a rule that only the packs of the site have', async () => {
    const [db, site] = [database(), temporaryFolder()]
    writeFileSync(
      join(site, 'own.yaml'),
      `pack: own\ntitle: X\nversion: 2026.11.22\nlicence: CC0-1.0\nrules:\n  - { id: own-rule, title: X, service: X, category: service, severity: high, domains: [{ name: own.example, role: web, confidence: high, sources: [x] }] }\n`,
    )
    const asked = ['exempt', 'add', '--db', db, ...ABOUT, ...CLIENT, ...UNTIL, '--rule', 'own-rule']
    expect(await seekwatch(...asked)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no pack of .*rules has the rule "own-rule"; .*--site-rules/),
    })
    expect(await seekwatch(...asked, '--indicator', 'own.example', '--site-rules', site)).toMatchObject({ code: 0 })
    expect(await seekwatch(...asked, '--indicator', 'other.example', '--site-rules', site)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`rules and ${site} has the entry "other.example"`),
    })
  })

  test('a day as the end is covered to its last moment', async () => {
    const db = database()
    await added(db, ...CLIENT, '--end', '2026-11-22')
    expect(states(db)).toEqual({ a: 'exempt', b: 'exempt', c: 'new' })
    expect((await seekwatch('exempt', 'list', '--db', db)).out).toContain('2026-11-23 00:00:00 +01:00')
  })

  test('a database that was not there is told', async () => {
    const db = join(temporaryFolder(), 'new.db')
    const { err } = await seekwatch('exempt', 'add', '--db', db, ...ABOUT, ...CLIENT, ...UNTIL)
    expect(err).toContain(`seekwatch: take care: ${db} was not there, and is a new database now\n`)
    expect((await seekwatch('exempt', 'add', '--db', db, ...ABOUT, ...CLIENT, ...UNTIL)).err).not.toContain(
      'new database',
    )
  })

  test('a name as address is told where it goes', async () => {
    const { code, err } = await seekwatch('exempt', 'add', '--db', database(), ...ABOUT, ...UNTIL, '--client', 'lab-7')
    expect(code).toBe(2)
    expect(err).toBe(
      'seekwatch: --client: "lab-7" is no address or network; write 192.0.2.7 or 10.1.2.0/24, and a name with --name\n',
    )
  })

  test('a log without an entry says so', async () => {
    const db = database()
    expect((await seekwatch('exempt', 'audit', '--db', db)).err).toBe('seekwatch: nothing was changed yet\n')
    const { err } = await seekwatch('exempt', 'audit', 'a\x1b', '--db', db)
    expect(err).toBe('seekwatch: no change of "a\\x1b" is on record\n')
  })

  test('is written down under the name of the account, or the one given', async () => {
    const db = database()
    await added(db)
    await added(db, ...CLIENT, ...UNTIL, '--by', 'Eva', '--note', 'asked by phone')
    const { out } = await seekwatch('exempt', 'audit', '--db', db, '--format', 'jsonl')
    const entries = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ action }) => action === 'exemption.add')
    expect(entries.map(({ who, note }) => [who, note])).toEqual([
      ['Eva', 'asked by phone'],
      [userInfo().username, ''],
    ])
  })

  test('--preview shows what it would have covered, and adds nothing', async () => {
    const db = database()
    const { out, err, code } = await seekwatch(
      'exempt',
      'add',
      '--db',
      db,
      ...ABOUT,
      ...CLIENT,
      ...UNTIL,
      '--preview',
      '--days',
      '36500',
    )
    expect(code).toBe(0)
    expect(
      out
        .split('\n')
        .slice(1, 3)
        .map((line) => line.trim().split(/\s+/).at(-1)),
    ).toEqual(['a', 'b'])
    expect(err).toContain('it would have covered 2 of 2 alerts, of 1 client, in the last 36500 days')
    expect(err).toContain('1 stored alert would be exempt at once; nothing was added')
    expect(states(db)).toEqual({ a: 'new', b: 'new', c: 'new' })
    expect((await seekwatch('exempt', 'audit', '--db', db, '--format', 'jsonl')).out).toBe('')
  })

  test('--preview says so when it did not look at all', async () => {
    const db = database()
    const spy = vi.spyOn(Store.prototype, 'previewExemption').mockReturnValue({
      total: 7,
      clients: 1,
      now: 0,
      looked_at: 20_000,
      has_older: true,
      alerts: [],
    })
    onTestFinished(() => spy.mockRestore())
    const { err } = await seekwatch('exempt', 'add', '--db', db, ...ABOUT, ...CLIENT, ...UNTIL, '--preview')
    expect(err).toContain('take care: only the newest 20000 of these days were looked at, so it may be more\n')
  })

  test('--preview says so when the alerts are older than it looks', async () => {
    vi.useFakeTimers({ now: Date.UTC(2027, 5, 1), toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { err } = await seekwatch(
      'exempt',
      'add',
      '--db',
      database(),
      ...ABOUT,
      ...CLIENT,
      '--end',
      '2027-12-01',
      '--preview',
    )
    expect(err).toMatch(/the newest alert of the database is of 2026-11-22: --days \d+ looks that far back/)
  })

  test.each<[args: string[], warning: RegExp]>([
    [['--everyone', ...UNTIL], /take care: this covers every alert of everybody/],
    [['--name', 'laptop-7', ...UNTIL], /take care: a client says its name itself/],
    [['--client', '192.0.2.11', ...UNTIL], /take care: 1 alert of a resolver or proxy: everybody behind it is covered/],
    [[...CLIENT, ...UNTIL], /take care: it is over already/],
  ])('%j warns', async (args, warning) => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 23), toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    expect((await seekwatch('exempt', 'add', '--db', database(), ...ABOUT, ...args)).err).toMatch(warning)
  })

  const refused: Array<[name: string, args: string[], message: RegExp]> = [
    ['no end', CLIENT, /--end: is missing: an exemption always has an end; write 2026-12-24/],
    [
      'an end before the start',
      [...CLIENT, '--end', '2026-11-01'],
      /--end: is not after the start, 2026-11-21T23:00:00/,
    ],
    ['an end that is none', [...CLIENT, '--end', '30.11.2026'], /--end: "30.11.2026" is no time; write 2026-12-24 or/],
    ['a day that is none', [...CLIENT, '--end', '2027-02-29'], /--end: "2027-02-29" is no time/],
    ['an hour that is none', [...CLIENT, '--end', '2026-12-24 25:00'], /--end: "2026-12-24 25:00" is no time/],
    [
      'nobody',
      UNTIL,
      /--client: names no client and would cover everybody; write --client, --mac or --name, or --everyone/,
    ],
    ['nobody, but a rule', [...UNTIL, '--rule', 'deepseek-service'], /--client: names no client/],
    ['everybody by range', [...UNTIL, '--client', '0.0.0.0/0'], /--client: "0.0.0.0\/0" is every address there is/],
    ['everybody and somebody', [...UNTIL, ...CLIENT, '--everyone'], /--everyone: is said beside a client/],
    ['host bits', [...UNTIL, '--client', '10.1.2.3/24'], /--client: .* has host bits set; write 10\.1\.2\.0\/24/],
    [
      'a range from to',
      [...UNTIL, '--client', '10.1.2.3-9'],
      /--client: .*is no address or network; write 192\.0\.2\.7 or/,
    ],
    ['a MAC that is none', [...UNTIL, '--mac', '00:00:5e:00:53'], /--mac: .* is no hardware address/],
    ['a name with a star', [...UNTIL, '--name', 'lap*'], /--name: .*compared as a whole/],
    ['an escape sequence', [...UNTIL, ...CLIENT, '--ticket', '\x1b[2J'], /--ticket: holds control characters/],
    [
      'a rule with a typo',
      [...UNTIL, ...CLIENT, '--rule', 'deepseek-servce'],
      /--rule: no pack of .* has the rule "deepseek-servce"; did you mean deepseek-service/,
    ],
    [
      'an entry with a typo',
      [...UNTIL, ...CLIENT, '--indicator', 'depseek.com'],
      /--indicator: .* did you mean deepseek\.com/,
    ],
    [
      'an unknown category',
      [...UNTIL, ...CLIENT, '--category', 'chat'],
      /--category: "chat" is none of service, affiliate/,
    ],
    ['a client twice', [...UNTIL, ...CLIENT, ...CLIENT], /given twice: an exemption has one --client; add another/],
    ['too many days', [...UNTIL, ...CLIENT, '--days', '0'], /whole number from 1 to 36500/],
  ]
  for (const [name, args, message] of refused)
    test(`${name} is refused with what to write`, async () => {
      const db = database()
      const { code, err, out } = await seekwatch('exempt', 'add', '--db', db, ...ABOUT, ...args)
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toMatch(message)
      expect(err).not.toContain('\x1b')
      expect((await seekwatch('exempt', 'list', '--db', db, '--format', 'jsonl')).out).toBe('')
    })

  test('all that is missing is said at once', async () => {
    const { err } = await seekwatch('exempt', 'add', '--db', database())
    for (const option of ['--kind', '--reason', '--owner', '--end', '--client'])
      expect(err).toContain(`seekwatch: ${option}: `)
  })
})

describe('end', () => {
  test('frees what was hidden after that time', async () => {
    const db = database()
    const id = await added(db, ...CLIENT, '--end', '2026-11-22')
    const { err, code } = await seekwatch(
      'exempt',
      'end',
      id,
      '--db',
      db,
      '--at',
      '2026-11-22T09:30:00Z',
      '--by',
      'Eva',
    )
    expect(code, err).toBe(0)
    expect(err).toContain('1 alert that it hid made new again; they go to EVE')
    expect(states(db)).toEqual({ a: 'exempt', b: 'new', c: 'new' })
    const shown = await seekwatch('exempt', 'show', id, '--db', db)
    expect(shown.out).toMatch(/status {2}ended\n[\s\S]*alerts {2}1 are exempt by it[\s\S]*Eva .*exemption.end/)
  })

  test.each<[args: string[], message: RegExp]>([
    [['--at', '2026-11-23'], /the exemption ends at 2026-11-22T09:30:00\.000000Z already.*add another exemption/],
    [['--at', '2026-11-01'], /^seekwatch: --at: is before its start; write 2026-11-21T23:00:00\.000000Z/],
    [['--at', 'now'], /--at: "now" is no time; write/],
  ])('%j is refused', async (args, message) => {
    const db = database()
    const id = await added(db)
    const { code, err } = await seekwatch('exempt', 'end', id, '--db', db, ...args)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(states(db)['a']).toBe('exempt')
  })

  test('one that is none, in a database that is none', async () => {
    expect((await seekwatch('exempt', 'end', 'ex-1', '--db', database())).err).toMatch(/there is no exemption "ex-1"/)
    const path = join(temporaryFolder(), 'none.db')
    expect((await seekwatch('exempt', 'end', 'ex-1', '--db', path)).err).toMatch(/no such database/)
  })

  test('one that is over already is not made longer', async () => {
    const db = database()
    const id = await added(db)
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 23), toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { err, code } = await seekwatch('exempt', 'end', id, '--db', db)
    expect(code).toBe(0)
    expect(err).toContain('it was over already')
    expect(err).toContain('until 2026-11-22 10:30:00')
  })
})

describe('YAML', () => {
  async function exported(db: string): Promise<string> {
    return (await seekwatch('exempt', 'export', '--db', db)).out
  }

  test('what is exported and imported elsewhere is the same', async () => {
    const db = database()
    await added(db, '--everyone', '--category', 'hosting', '--network', 'cn', '--ticket', 'yes', ...UNTIL)
    await added(
      db,
      '--client',
      '2001:DB8::/48',
      '--mac',
      '00-00-5E-00-53-01',
      '--name',
      'Lap.',
      '--rule',
      'deepseek-service',
      '--indicator',
      'deepseek.com',
      '--end',
      '2030-01-01',
    )
    const text = await exported(db)
    const file = join(temporaryFolder(), 'e.yaml')
    writeFileSync(file, text)
    const other = database()
    expect((await seekwatch('exempt', 'import', file, '--db', other)).err).toContain('2 exemptions added')
    expect(await exported(other)).toBe(text)
    expect((await seekwatch('exempt', 'import', file, '--db', other)).err).toContain('0 exemptions added')
    expect(text).toContain('ticket: "yes"'.replaceAll('"', text.includes('ticket: yes') ? '' : '"'))
  })

  async function imported(text: string): Promise<Said & { db: string }> {
    const file = join(temporaryFolder(), 'e.yaml')
    writeFileSync(file, text)
    const db = database()
    return { ...(await seekwatch('exempt', 'import', file, '--db', db)), db }
  }

  const GOOD = `exemptions:
  - kind: testing
    reason: r
    owner: o
    start: 2026-11-22
    end: 2026-11-22
    scope: { client: 192.0.2.10 }
`

  test('written by hand, without id and author, in local days', async () => {
    const { db, code, err } = await imported(GOOD)
    expect(code, err).toBe(0)
    expect(states(db)).toEqual({ a: 'exempt', b: 'exempt', c: 'new' })
  })

  function giveInput(pieces: Buffer[]): void {
    const spy = vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from(pieces) as typeof process.stdin)
    onTestFinished(() => spy.mockRestore())
  }

  test('from standard input, in pieces', async () => {
    giveInput([Buffer.from(GOOD.slice(0, 30)), Buffer.from(GOOD.slice(30))])
    const db = database()
    const { code, err } = await seekwatch('exempt', 'import', '-', '--db', db)
    expect(code, err).toBe(0)
    expect(states(db)).toEqual({ a: 'exempt', b: 'exempt', c: 'new' })
  })

  test.each<[name: string, pieces: Buffer[], message: RegExp]>([
    ['a mistake', [Buffer.from(GOOD.replace(/ {4}end.*\n/, ''))], /standard input:2:5: end: is missing/],
    ['what is no text', [Buffer.from(GOOD), Buffer.of(0xff)], /standard input:8:1: is not UTF-8 text/],
    ['too much', Array(17).fill(Buffer.alloc(1 << 20)), /standard input has more than 16777216 bytes/],
  ])('%s from standard input is refused whole', async (_name, pieces, message) => {
    giveInput(pieces)
    const db = database()
    const { code, err } = await seekwatch('exempt', 'import', '-', '--db', db)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(await exported(db)).toBe('exemptions: []\n')
  })

  test('a file that is not there makes no database', async () => {
    const db = join(temporaryFolder(), 'new.db')
    const { code, err } = await seekwatch('exempt', 'import', `${db}.yaml`, '--db', db)
    expect(code).toBe(2)
    expect(err).toMatch(/new\.db\.yaml: cannot be read/)
    expect(existsSync(db)).toBe(false)
  })

  test('a rule or an entry that no pack has: added, and said', async () => {
    const scope = 'scope: { client: 192.0.2.10, rule: deepsek-service, indicator: chat.deepseek.co }'
    const { err, code } = await imported(GOOD.replace(/scope: .*/, scope))
    expect(code, err).toBe(0)
    expect(err).toContain('1 exemption added, 0 stored alerts made exempt')
    expect(err).toMatch(
      /take care: ex-\w+ covers nothing as it is: .* the rule "deepsek-service"; did you mean deepseek-service/,
    )
    expect(err).toMatch(
      /take care: ex-\w+ covers nothing as it is: .* the entry "chat.deepseek.co"; did you mean chat.deepseek.com/,
    )
    const { err: quiet } = await imported(GOOD.replace('192.0.2.10 }', '192.0.2.10, rule: deepseek-service }'))
    expect(quiet).not.toContain('take care')
  })

  test.each<[name: string, text: string, message: RegExp]>([
    ['no end', GOOD.replace(/ {4}end.*\n/, ''), /e\.yaml:2:5: end: is missing: an exemption always has an end/],
    [
      'a typo in a key',
      GOOD.replace('owner', 'ower'),
      /^seekwatch: the exemptions cannot be imported:\n.*owner: is missing.*\n.*e\.yaml:4:11: ower: is not known here/,
    ],
    [
      'a range with a mistake',
      GOOD.replace('2.10 }', '2.10/24 }'),
      /e\.yaml:7:22: client: "192\.0\.2\.10\/24" has host bits set; write 192\.0\.2\.0\/24/,
    ],
    ['nobody', GOOD.replace('{ client: 192.0.2.10 }', '{ rule: x }'), /e\.yaml:7:12: scope: names no client/],
    ['everyone: no', GOOD.replace('client: 192.0.2.10', 'everyone: no'), /everyone: is true or left out/],
    ['a number as a ticket', GOOD.replace('owner: o', 'owner: o\n    ticket: 007'), /ticket: must be text, in quotes/],
    ['no list', 'exemptions: none', /e\.yaml:1:13: exemptions: must be a list/],
    ['something else', 'packs: []', /packs: is not known here/],
    ['nothing', '', /exemptions: must be a list/],
    [
      'escape sequences, shown and not obeyed',
      GOOD.replace(/kind: .*/, 'kind: "a\\x9b31m\\u202e"'),
      /kind: "a\\u\{9b\}31m\\u\{202e\}" is none of/,
    ],
    ['no YAML', 'a: [', /e\.yaml:1:\d+: .*not YAML/],
    [
      'the same id twice',
      GOOD.replace('- kind', '- id: ex-1\n    kind') +
        GOOD.replace('exemptions:\n', '').replace('- kind', '- id: ex-1\n    kind'),
      /e\.yaml:9:\d+: id: ex-1 stands in this file twice/,
    ],
    ['an id with a path', GOOD.replace('- kind', '- id: ../x\n    kind'), /id: may hold letters, digits/],
  ])('%s is refused whole, with its place', async (_name, text, message) => {
    const { code, err, db } = await imported(text)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(await exported(db)).toBe('exemptions: []\n')
  })

  test('an id that is another exemption there is refused', async () => {
    const db = database()
    const id = await added(db)
    const file = join(temporaryFolder(), 'e.yaml')
    writeFileSync(file, GOOD.replace('- kind', `- id: ${id}\n    kind`))
    const { err, code } = await seekwatch('exempt', 'import', file, '--db', db)
    expect(code).toBe(2)
    expect(err).toMatch(/id: the database has another exemption ex-.*leave the id out/)
    expect(readFileSync(file, 'utf8')).toContain(id)
  })
})

describe('alerts ack, escalate, close, reopen', () => {
  test('set the state, and write down why', async () => {
    const db = database()
    await seekwatch('alerts', 'ack', 'a', 'b', '--db', db, '--note', 'seen', '--by', 'Eva')
    await seekwatch('alerts', '--db', db, 'escalate', 'b')
    await seekwatch('alerts', 'close', 'c', '--db', db)
    expect(states(db)).toEqual({ a: 'acknowledged', b: 'escalated', c: 'closed' })
    await seekwatch('alerts', 'reopen', 'c', '--db', db)
    expect(states(db)['c']).toBe('new')
    const { out } = await seekwatch('exempt', 'audit', 'a', '--db', db)
    expect(out).toMatch(/Eva .*command line .*alert\.state .* a .*new to acknowledged +seen/)
  })

  test('one wrong id changes nothing', async () => {
    const db = database()
    const { code, err } = await seekwatch('alerts', 'close', 'a', 'zz', '--db', db)
    expect(code).toBe(2)
    expect(err).toContain('there is no alert "zz"')
    expect(states(db)['a']).toBe('new')
  })

  test('the search goes on as it was, by several states too', async () => {
    const db = database()
    await seekwatch('alerts', 'ack', 'a', '--db', db)
    await seekwatch('alerts', 'close', 'b', '--db', db)
    const ids = async (...args: string[]): Promise<string[]> =>
      (await seekwatch('alerts', '--db', db, '--format', 'csv', ...args)).out
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',')[0]!)
    expect(await ids('--state', 'acknowledged')).toEqual(['a'])
    expect(await ids('--state', 'acknowledged,closed')).toEqual(['a', 'b'])
    expect((await seekwatch('alerts', '--db', db, '--state', 'open')).err).toMatch(/--state.*"open" is none of new/)
  })
})
