import { spawn, spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { alertsCommand, printAlerts } from '../../src/cli/alerts.ts'
import { FORMATS, type Format } from '../../src/cli/alerts-format.ts'
import { columnLines } from '../../src/cli/columns.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import type { Alert } from '../../src/events/alert.ts'
import type { AlertQuery } from '../../src/events/api.ts'
import { ALERT_FORMATS } from '../../src/outputs/format/alert-formats.ts'
import { StoreError } from '../../src/store/errors.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { seekwatch } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'

const HOSTILE = [
  '=cmd|calc',
  '\x1b[31mred\x07',
  '\x9b2J',
  '\u202egnp.exe',
  'a\r\nb',
  '"quoted", twice',
  "'; --",
  '@x',
  '\t=1',
]

function named(id: string, name: string, changes: Parameters<typeof makeAlert>[1] = {}): Alert {
  const alert = makeAlert(id, changes)
  alert.server.name = name
  alert.evidence[0]!.value = name
  return alert
}

function storeOf(...alerts: Alert[]): Store {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  store.write(batchOf(...alerts))
  return store
}

async function printed(
  store: Store,
  format: Format,
  options: { query?: AlertQuery; rows?: number; columns?: number } = {},
): Promise<string> {
  const output: PassThrough & { isTTY?: boolean; columns?: number } = new PassThrough()
  if (options.columns !== undefined) Object.assign(output, { isTTY: true, columns: options.columns })
  let text = ''
  output.on('data', (chunk) => {
    text += chunk
  })
  await printAlerts(store, options.query ?? {}, format, options.rows ?? Number.POSITIVE_INFINITY, output)
  return text
}

describe('columnLines', () => {
  const columns = [{ title: 'a' }, { title: 'long', isFlexible: true }, { title: 'c' }]
  const rows = [['1', 'x'.repeat(40), 'end']]

  test('without a terminal nothing is cut', () => {
    expect(columnLines(columns, rows, null)[1]).toBe(`1  ${'x'.repeat(40)}  end\n`)
  })

  test('the flexible column gives way', () => {
    expect(columnLines(columns, rows, 30)[1]).toBe(`1  ${'x'.repeat(21)}…  end\n`)
  })

  test('but not to nothing', () => {
    expect(columnLines(columns, rows, 3)[1]).toBe(`1  ${'x'.repeat(11)}…  end\n`)
  })
})

describe('what is printed', () => {
  test('jsonl is the record, a line each, oldest first, and the same each time', async () => {
    const alerts = HOSTILE.map((name, i) => named(`a${i}`, name, { minute: i, contact: 'contact-a0' }))
    const store = storeOf(...alerts.toReversed())
    const text = await printed(store, 'jsonl')
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.stringify(JSON.parse(line))),
    ).toEqual(alerts.map((alert) => JSON.stringify(alert)))
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
    expect(await printed(store, 'jsonl')).toBe(text)
  })

  test('csv has a record for each alert, of as many cells as titles, none of them a formula', async () => {
    const store = storeOf(...HOSTILE.map((name, i) => named(`a${i}`, name, { minute: i })))
    const text = await printed(store, 'csv')
    const records = readCsv(text)
    expect(records).toHaveLength(HOSTILE.length + 1)
    for (const record of records) {
      expect(record).toHaveLength(37)
      for (const cell of record) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
    }
    expect(records[1]!.at(records[0]!.indexOf('evidence'))).toMatch(
      /^tls_sni =cmd\|calc, packet \d+ of \S+ at 2026-11-22T09:00:\S+Z$/,
    )
    const name = records[0]!.indexOf('server_name')
    expect(records.slice(1).map((record) => record[name])).toEqual([
      "'=cmd|calc",
      '\\x1b[31mred\\x07',
      '\\x9b2J',
      '\\u{202e}gnp.exe',
      'a\\x0d\\x0ab',
      '"quoted", twice',
      "'; --",
      "'@x",
      "'\\x09=1",
    ])
    expect(await printed(store, 'csv')).toBe(text)
  })

  test('a table is one line of ASCII for each alert, and fits the terminal', async () => {
    const store = storeOf(...HOSTILE.map((name, i) => named(`a${i}`, name.padEnd(90, '.'), { minute: i })))
    const text = await printed(store, 'table', { columns: 130 })
    const lines = text.trimEnd().split('\n')
    expect(lines).toHaveLength(HOSTILE.length + 1)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours are taken off, nothing else may be left
    const bare = lines.map((line) => line.replace(/\x1b\[\d+m/g, ''))
    for (const line of bare) expect(line).toMatch(/^[\x20-\x7e…]{1,130}$/)
    expect(bare[0]).toMatch(/^first seen \(UTC\) +client +name or address +service +category/)
  })

  test('a table says what the service was used for, where that is known', async () => {
    const text = await printed(storeOf(makeAlert('a', { use: 'file_transfer' }), makeAlert('b')), 'table')
    expect(text.split('\n')[0]).toMatch(/ confidence +use +state +id$/)
    expect(text).toMatch(/ high +file_transfer +new +a\n/)
    expect(text).toMatch(/ high +new +b\n/)
  })

  test('colours only on a terminal, and not with NO_COLOR', async () => {
    const store = storeOf(makeAlert('a'))
    expect(await printed(store, 'table')).not.toContain('\x1b')
    expect(await printed(store, 'table', { columns: 100 })).toContain('\x1b[31mhigh')
    vi.stubEnv('NO_COLOR', '1')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await printed(store, 'table', { columns: 100 })).not.toContain('\x1b')
  })

  test.each<Format>(FORMATS)('a limit takes the newest, in %s too', async (format) => {
    const store = storeOf(...Array.from({ length: 10 }, (_, i) => makeAlert(`id-${i}`, { minute: i })))
    const ids = [...(await printed(store, format, { rows: 3 })).matchAll(/(?<![-\w])id-\d/g)].map(([id]) => id)
    expect([...new Set(ids)]).toEqual(['id-7', 'id-8', 'id-9'])
  })

  test('nothing found is a title, or nothing', async () => {
    const store = storeOf()
    expect(await printed(store, 'jsonl')).toBe('')
    expect((await printed(store, 'csv')).split('\r\n')).toHaveLength(2)
    expect((await printed(store, 'table')).split('\n')).toHaveLength(2)
  })
})

describe('seekwatch alerts', () => {
  const run = (...args: string[]): Promise<unknown> => alertsCommand().exitOverride().parseAsync(args, { from: 'user' })

  test.each([
    [['--severity', 'huge'], /^--severity: "huge" is none of info, low, medium, high$/],
    [['--state', 'new,open'], /^--state: "open" is none of new, acknowledged, /],
    [['--client', 'office'], /^--client: "office" is no address or CIDR; write .*, and a name as text$/],
    [['--from', 'yesterday'], /^--from: "yesterday" is no time; write/],
    [['--from', '2025-07-32 10:00'], /^--from: .* is no time; write/],
    [['--from', '2025-07-10 10:00:01', '--to', '2025-07-10T10:00:01Z'], /^--from: is not before to/],
    [['--from', '2025-07-11', '--to', '2025-07-10'], /^--from: is not before to/],
    [['--from', '2025-07-11', '--to', '2025-07-11'], /for the whole of a day the next one as to$/],
    [['--limit', '0'], /^--limit: "0" is no whole number from 1 on; write --limit 100$/],
    [['--limit', 'all'], /^--limit: /],
  ])('%j is wrong usage', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(UsageError)
    await expect(run(...args)).rejects.toThrow(message)
  })

  test('a format that there is not is told with those that there are', async () => {
    const { code, err } = await seekwatch('alerts', '--format', 'xml')
    expect(code).toBe(2)
    expect(err).toContain(`argument 'xml' is invalid. Allowed choices are ${FORMATS.join(', ')}.`)
  })

  test('a form for other systems is a line for each alert', async () => {
    const store = storeOf(...Array.from({ length: 3 }, (_, i) => makeAlert(`id-${i}`, { minute: i })))
    for (const { name } of ALERT_FORMATS) {
      const lines = (await printed(store, name)).split('\n')
      expect([name, lines.length, lines[3]]).toEqual([name, 4, ''])
      for (const i of [0, 1, 2]) expect(lines[i]).toContain(`id-${i}`)
    }
  })

  test('takes a time as its table shows it, in UTC', async () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const store = openStore(path)
    store.write(batchOf(makeAlert('early'), makeAlert('late', { minute: 60 })))
    store.close()
    const ids = async (...span: string[]) => {
      const { out } = await seekwatch('alerts', '--db', path, '--format', 'jsonl', ...span)
      return out.match(/(?<="id":")(early|late)/g)
    }
    expect(await ids('--from', '2026-11-22 09:30:00')).toEqual(['late'])
    expect(await ids('--from', '2026-11-22T10:00')).toEqual(['late'])
    expect(await ids('--to', '2026-11-22 09:30')).toEqual(['early'])
    expect(await ids('--from', '2026-11-22 09:00:09.9999Z', '--to', '2026-11-22 09:00:10.5')).toEqual(['early'])
    expect(await ids('--from', '2026-11-22T10:30:00+01:00')).toEqual(['late'])
  })

  test('a service is found however it is written, and nothing found is said', async () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const store = openStore(path)
    store.write(batchOf(makeAlert('a'), makeAlert('b', { service: 'High-Flyer', minute: 1 })))
    store.close()
    const ask = (...args: string[]) => seekwatch('alerts', '--db', path, '--format', 'jsonl', ...args)
    for (const name of ['DeepSeek', 'deepseek', ' DEEPSEEK'])
      expect(await ask('--service', name)).toMatchObject({ code: 0, out: expect.stringContaining('"id":"a"') })
    const none = async (...args: string[]) => {
      const { code, out, err } = await ask(...args)
      expect([code, out]).toEqual([0, ''])
      return err.slice(err.indexOf('seekwatch: ')) // Node warns of the many commands in one process before
    }
    expect(await none('--service', 'Deep\x1bSeek')).toBe(
      'seekwatch: no alert is of a service "Deep\\x1bSeek"; there are DeepSeek, High-Flyer\n',
    )
    expect(await none('--service', 'deepseek', '--client', '203.0.113.9')).toBe('seekwatch: no alert matches\n')
    expect(await none('--contact', 'c0ffee')).toBe(
      'seekwatch: no alert matches; a contact has its whole id, as "alerts show" gives it\n',
    )
    const empty = join(temporaryFolder(), 'empty.db')
    openStore(empty).close()
    expect((await seekwatch('alerts', '--db', empty)).err).toBe('seekwatch: the database holds no alerts\n')
  })

  test('a missing database is said with what to do, and not made', async () => {
    const path = join(temporaryFolder(), 'none.db')
    await expect(run('--db', path)).rejects.toThrow(StoreError)
    await expect(run('--db', path)).rejects.toThrow(
      /none\.db: no such database: make one with "seekwatch replay PATH --db/,
    )
    expect(existsSync(path)).toBe(false)
  })

  test('prints to standard output, and ends quietly when the reader goes', async () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const store = openStore(path)
    for (let batch = 0; batch < 20; batch++)
      store.write(batchOf(...Array.from({ length: 200 }, (_, i) => makeAlert(`a${batch * 200 + i}`, { minute: i }))))
    store.close()
    const whole = await command(['--db', path, '--format', 'jsonl'], Number.POSITIVE_INFINITY)
    expect(whole).toMatchObject({ code: 0, errors: '' })
    expect(whole.output.trimEnd().split('\n')).toHaveLength(4000)
    const head = await command(['--db', path, '--format', 'jsonl'], 10)
    expect(head).toMatchObject({ code: 0, errors: '' })
    const table = await command(['--db', path, '--client', '192.0.2.0/24'], Number.POSITIVE_INFINITY)
    expect(table.errors).toBe('seekwatch: the newest 200 of 4000 alerts; --limit 4000 shows all\n')
    expect(table.output.split('\n')).toHaveLength(202)
  })
})

test('an export onto a full disk is told as that, and is no failure of ours', () => {
  const path = join(temporaryFolder(), 'seekwatch.db')
  const store = openStore(path)
  store.write(batchOf(...Array.from({ length: 200 }, (_, i) => makeAlert(`a${i}`, { minute: i }))))
  store.close()
  const program = join(import.meta.dirname, '../../bin/seekwatch')
  for (const format of ['csv', 'table']) {
    const line = `${program} alerts --db ${path} --format ${format} > /dev/full`
    const { stderr, status } = spawnSync('bash', ['-c', line], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([2, 'seekwatch: standard output cannot be written: the disk is full (ENOSPC)\n'])
  }
})

describe('seekwatch alerts show', () => {
  /** A database that holds these, and nothing else. */
  function databaseOf(...alerts: Alert[]): string {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const store = openStore(path)
    store.write(batchOf(...alerts))
    store.close()
    return path
  }

  test('tells all of an alert: reasons, evidence, policies, contact, exemption, who did what', async () => {
    const db = databaseOf(
      makeAlert('ab12', { policy: ['cz-nukib-2025-07-10', 'gone'], attempt: true, lossy: true, count: 3 }),
    )
    const about = ['--kind', 'research', '--owner', 'Red team', '--reason', 'Studie aplikace', '--ticket', 'T-7']
    const span = ['--start', '2026-11-22T00:00:00Z', '--end', '2026-11-23T00:00:00Z', '--client', '192.0.2.10']
    const { out: exemption } = await seekwatch('exempt', 'add', '--db', db, ...about, ...span, '--by', 'Eva')
    const { code, out, err } = await seekwatch('alerts', 'show', 'ab12', '--db', db)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const text of [
      'alert       DeepSeek service contacted, service, severity high\n',
      'state       exempt\n',
      `exemption   ${exemption.trim()}: research, Studie aplikace\n            answers for it: Red team (T-7)\n`,
      'confidence  high, an attempt\n',
      'why         The client named chat.deepseek.com in its TLS hello.\n            The server answered.\n',
      'client      192.0.2.10 port 51000, 00:00:5e:00:53:01\n',
      'server      198.51.100.7 port 443, chat.deepseek.com, US, AS64500 Example\n',
      'seen        2026-11-22 09:00:00.000000 to 2026-11-22 09:00:10.000000 (UTC)\n            3 times\n',
      'up 1200 bytes in 9 packets, down 5400 bytes in 11 packets\n            packets were being lost',
      '2026-11-22 09:00:00.020000  tls_sni  chat.deepseek.com  4       office.pcap\n',
      'entry       domain deepseek.com: web chat\nsure        high\nsources     https://chat.deepseek.com/\n',
      'policies    cz-nukib-2025-07-10: NÚKIB (CZ), 2025-07-10, ',
      '\n            gone, which the rules do not hold any more\n',
      'ATT&CK      T1567\n',
      'contact     contact-ab12: 192.0.2.10 with DeepSeek, 0 alerts and 1 exempt, ',
    ])
      expect(out).toContain(text)
    expect(out).toMatch(
      new RegExp(`Eva +command line +alert\\.state +ab12 +new to exempt \\(${exemption.trim()}\\)  covered by `),
    )
  })

  test('nothing of a stranger reaches the terminal as it is', async () => {
    const alert = named('a', HOSTILE.join(''))
    alert.client.name = '\x1b]0;x\x07'
    alert.server.as_name = 'Síť\u202e\x9b2J'
    alert.reasons = ['She said \x1b[31m']
    alert.evidence[0]!.file = 'a\r\nb.pcap'
    const { out } = await seekwatch('alerts', 'show', 'a', '--db', databaseOf(alert))
    expect(out).not.toMatch(/[^\P{C}\n]/u)
    expect(out).toContain('port 51000, \\x1b]0;x\\x07, 00:00')
    expect(out).toContain('AS64500 Síť\\u{202e}\\u{9b}2J')
    expect(out).toContain('a\\x0d\\x0ab.pcap')
  })

  test('as JSON it is the record', async () => {
    const alert = named('a', '\x1b[31m')
    const db = databaseOf(alert)
    const { out } = await seekwatch('alerts', 'show', 'a', '--db', db, '--format', 'json')
    expect(JSON.parse(out)).toEqual(alert)
    expect((await seekwatch('alerts', '--db', db, 'show', 'a', '--format', 'json')).out).toBe(out)
    expect(out).toMatch(/^[\x20-\x7e]+\n$/)
  })

  test('the beginning of an id is enough where no other id has it', async () => {
    const db = databaseOf(...['ab1', 'ab2', 'ab', 'c1', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6'].map((id) => makeAlert(id)))
    const shown = async (id: string) =>
      (await seekwatch('alerts', 'show', id, '--db', db)).out.match(/^id +(.*)$/m)?.[1]
    expect(await shown('c')).toBe('c1')
    expect(await shown(' c1\n')).toBe('c1')
    expect(await shown('ab')).toBe('ab')
    const said = async (id: string) => (await seekwatch('alerts', 'show', id, '--db', db)).err
    expect(await said('a')).toBe(`seekwatch: ${db}: several alerts begin with "a": ab, ab1, ab2; write more of it\n`)
    expect(await said('d')).toContain('d1, d2, d3, d4, d5, and more; write')
    for (const none of ['', 'ab3', '%', 'x'.repeat(1000), '\x1b[2J'])
      expect(await said(none)).toMatch(/there is no alert "[\x20-\x7e]*"; "seekwatch alerts --db .*" lists them\n$/)
    expect(await seekwatch('alerts', 'c1', '--db', db)).toMatchObject({
      code: 2,
      err: 'seekwatch: alerts: "c1" is no command; write "alerts show c1" for the alert with this id\n',
    })
    expect(await seekwatch('alerts', 'acknowledge', 'c1', '--db', db)).toMatchObject({
      code: 2,
      err: 'seekwatch: alerts: "acknowledge" is no command; there are show, ack, escalate, close, reopen; without one of them the alerts are listed\n',
    })
  })

  test('what is decided takes the beginning of an id, too, and the whole contact where that is wanted', async () => {
    const db = databaseOf(
      makeAlert('abc1'),
      makeAlert('abd2', { minute: 1 }),
      makeAlert('far', { minute: 500, contact: 'k2' }),
    )
    const decide = (...args: string[]) => seekwatch('alerts', ...args, '--db', db, '--by', 'eva')
    expect(await decide('ack', 'ab')).toMatchObject({
      code: 2,
      err: expect.stringContaining('several alerts begin with "ab"'),
    })
    expect(await decide('ack', 'abd')).toMatchObject({ code: 0, err: 'seekwatch: 1 alert acknowledged\n' })
    expect(await decide('close', 'abc', '--whole-contact')).toMatchObject({
      code: 0,
      err: 'seekwatch: 2 alerts closed\n',
    })
    const { out } = await seekwatch('alerts', '--db', db, '--state', 'new', '--format', 'jsonl')
    expect(out.match(/(?<="id":")\w+/g)).toContain('far')
    expect(out).not.toContain('abc1')
  })

  test('wrong rule packs are told, and the alert is shown all the same', async () => {
    const site = temporaryFolder()
    writeFileSync(join(site, 'x.yaml'), 'pack: X\n')
    const db = databaseOf(makeAlert('a'))
    const { code, out, err } = await seekwatch('alerts', 'show', 'a', '--db', db, '--site-rules', site)
    expect(err).toContain(`${site}/x.yaml:1:7: pack is not an id`)
    expect({ code, out: out.slice(0, 5) }).toEqual({ code: 0, out: 'alert' })
  })
})

/** Runs the command in a process of its own; its reader goes away after `bytesWanted`. */
function command(
  args: string[],
  bytesWanted: number,
): Promise<{ code: number | null; output: string; errors: string }> {
  const file = pathToFileURL(join(import.meta.dirname, '../../src/cli/alerts.ts')).href
  const script = `const { alertsCommand } = await import(${JSON.stringify(file)})
    await alertsCommand().parseAsync(process.argv.slice(1), { from: 'user' })`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, '--', ...args])
  const result = { output: '', errors: '' }
  child.stdout.on('data', (chunk) => {
    result.output += chunk
    if (result.output.length >= bytesWanted) child.stdout.destroy()
  })
  child.stderr.on('data', (chunk) => {
    result.errors += chunk
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...result })))
}

/** The cells of each record, read the obvious way: line breaks inside of cells are escaped, so each line is a record. */
function readCsv(text: string): string[][] {
  const lines = text.split('\r\n').slice(0, -1)
  return lines.map((line) =>
    Array.from(`${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*)),/g), ([, quoted, plain]) =>
      quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
    ),
  )
}
