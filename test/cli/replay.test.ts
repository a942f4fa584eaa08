/** The command `seekwatch replay` as a user meets it: real processes, the built program, real files. */

import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makePipe } from '../../src/capture/pipe.ts'
import { contactTable } from '../../src/cli/contact-table.ts'
import type { Contact } from '../../src/events/alert.ts'
import type { RunSummary } from '../../src/events/batch.ts'
import { pcapFile, pcapHeader, pcapRecord } from '../support/capture-files.ts'
import { temporaryFolder } from '../support/folder.ts'
import { pause, until } from '../support/wire.ts'

const ROOT = join(import.meta.dirname, '../..')
const GOLDEN = join(ROOT, 'captures/tls13-openssl/input.pcap')
const isRoot = process.getuid?.() === 0

function run(folder: string, args: string[], input?: Uint8Array) {
  const options = { cwd: folder, encoding: 'utf8' as const, ...(input ? { input } : {}) }
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'bin/seekwatch'), args, options)
  return { status, stdout, stderr }
}

function summaryOf(stdout: string): RunSummary {
  return JSON.parse(stdout) as RunSummary
}

test('the program is built', () => expect(existsSync(join(ROOT, 'dist/cli/main.js')), 'run npm run build').toBe(true))

describe('what a replay says and stores', () => {
  test('a table of contacts, and the figures on standard error', () => {
    const folder = temporaryFolder()
    const { status, stdout, stderr } = run(folder, ['replay', GOLDEN])
    expect(status).toBe(0)
    expect(stdout).toContain('chat.deepseek.com')
    expect(stdout).toContain('high')
    expect(stderr).toMatch(/^1 file, \d+ packets, .*\n1 contact, 2 alerts, 2 of them new in seekwatch\.db\n/)
    expect(existsSync(join(folder, 'seekwatch.db'))).toBe(true)
  })

  test('contacts of other runs in the table are said to be that', () => {
    const folder = temporaryFolder()
    const others = 'the table has all contacts of seekwatch.db, also those of other runs\n'
    writeFileSync(join(folder, 'none.pcap'), pcapFile([{ data: new Uint8Array(60) }]))
    expect(run(folder, ['replay', GOLDEN]).stderr).not.toContain(others)
    const again = run(folder, ['replay', 'none.pcap'])
    expect(again.stdout).toContain('chat.deepseek.com')
    expect(again.stderr).toContain(`${others}1 file, 1 packet, 0.0 MB, 0 flows in `)
  })

  test('the same folder twice: nothing new, and the exports are the same bytes', () => {
    const folder = temporaryFolder()
    const captures = join(ROOT, 'captures')
    const first = summaryOf(run(folder, ['replay', captures, '--json', '--eve', 'a.json']).stdout)
    const exported = run(folder, ['alerts', '--format', 'jsonl']).stdout
    const second = summaryOf(run(folder, ['replay', captures, '--json', '--eve', 'b.json']).stdout)
    expect(first.alerts_new).toBeGreaterThan(50)
    expect(first.counters).toMatchObject({ 'capture.packets': first.packets, 'detect.alerts': first.alerts })
    expect(Object.values(first.counters)).not.toContain(0)
    expect(second.alerts_new).toBe(0)
    expect({ ...second, alerts_new: 0, seconds: 0 }).toEqual({ ...first, alerts_new: 0, seconds: 0 })
    expect(run(folder, ['alerts', '--format', 'jsonl']).stdout).toBe(exported)
    // some scenarios show the same moment of the same flow, and so the same alert
    expect(exported.trimEnd().split('\n')).toHaveLength(first.alerts_new)
    expect(readFileSync(join(folder, 'b.json'))).toEqual(readFileSync(join(folder, 'a.json')))
  })

  test('a signal ends it in order, says so, and the same again adds the rest', async () => {
    const folder = temporaryFolder()
    const args = ['replay', '-', '--json', '--eve', 'eve.json']
    const golden = readFileSync(GOLDEN)
    const child = spawn(join(ROOT, 'bin/seekwatch'), args, { cwd: folder })
    let said = ''
    child.stderr.on('data', (text) => {
      said += text
    })
    child.stdin.write(golden.subarray(0, golden.length / 2))
    await until(
      () => existsSync(join(folder, 'eve.json')),
      10_000,
      () => said,
    )
    const closed = once(child, 'close')
    child.kill('SIGINT')
    const [code] = await closed
    expect(code).toBe(130)
    expect(said).toContain('seekwatch: ended by a signal before all was read; the same command again adds the rest')
    const whole = summaryOf(run(folder, ['replay', GOLDEN, '--no-store', '--json']).stdout)
    expect(summaryOf(run(folder, args, golden).stdout).alerts).toBe(whole.alerts)
    expect(run(folder, ['alerts', '--format', 'jsonl']).stdout.trimEnd().split('\n')).toHaveLength(whole.alerts)
  })

  describe.each([
    ['nothing came', 0],
    ['half a capture came', 0.5],
  ])('a signal while a pipe is silent: %s', (_, share) => {
    test.each(['standard input', 'a socket as standard input', 'a pipe with a name'])('%s', async (kind) => {
      const folder = temporaryFolder()
      const { reading, writing } = makePipe()
      const golden = readFileSync(GOLDEN)
      const path = kind === 'a pipe with a name' ? '/dev/fd/3' : '-'
      const standard = kind === 'standard input' ? reading : 'pipe'
      const args = ['replay', path, '--json', '--eve', 'eve.json']
      const child = spawn(join(ROOT, 'bin/seekwatch'), args, {
        cwd: folder,
        stdio: [standard, 'pipe', 'pipe', reading],
      })
      closeSync(reading)
      onTestFinished(() => {
        child.kill('SIGKILL')
        closeSync(writing)
      })
      let [out, err] = ['', '']
      child.stdout!.on('data', (text) => {
        out += text
      })
      child.stderr!.on('data', (text) => {
        err += text
      })
      const half = golden.subarray(0, golden.length * share)
      if (kind === 'a socket as standard input') child.stdin!.write(half)
      else writeSync(writing, half)
      await until(
        () => existsSync(join(folder, 'eve.json')),
        10_000,
        () => err,
      )
      await pause(300)
      const closed = once(child, 'close')
      child.kill('SIGINT')
      const code = await Promise.race([closed.then(([code]) => code as number), pause(1000)])
      expect(code, `it goes on: ${err}`).toBe(130)
      expect(err).toMatch(/^seekwatch: ending with what was read; .*\n1 file, /)
      expect(err).not.toContain('at byte')
      const { packets, files_failed, faults } = summaryOf(out)
      expect({ files_failed, faults }).toEqual({ files_failed: 0, faults: [] })
      expect(packets > 0).toBe(share > 0)
    })
  })

  test('a capture that lies beside its packed copy counts once, and that is said', () => {
    const folder = temporaryFolder()
    const archive = join(folder, 'archive')
    mkdirSync(archive)
    copyFileSync(GOLDEN, join(archive, 'a.pcap'))
    writeFileSync(join(archive, 'a.pcap.gz'), gzipSync(readFileSync(GOLDEN)))
    const { status, stdout, stderr } = run(folder, ['replay', 'archive', '--no-store', '--json'])
    const once = summaryOf(run(folder, ['replay', 'archive/a.pcap', '--no-store', '--json']).stdout)
    const { files, packets, bytes, remarks } = summaryOf(stdout)
    expect({ status, files, packets, bytes }).toEqual({ status: 0, files: 1, packets: once.packets, bytes: once.bytes })
    expect(stderr).toContain('archive/a.pcap.gz holds the same as archive/a.pcap, so it was not read again\n')
    expect(remarks).toHaveLength(1)
    expect(once.remarks).toBeUndefined()
  })

  test('a capture in a packing that is not read is no clean end, and other files are counted', () => {
    const folder = temporaryFolder()
    const archive = join(folder, 'archive')
    mkdirSync(archive)
    copyFileSync(GOLDEN, join(archive, 'a.pcap'))
    writeFileSync(join(archive, 'b.pcap.xz'), Buffer.from('fd377a585a000004', 'hex'))
    writeFileSync(join(archive, 'notes.txt'), 'what we saw')
    const { status, stderr } = run(folder, ['replay', 'archive', '--no-store'])
    expect(status).toBe(3)
    expect(stderr).toContain('archive/b.pcap.xz: unknown magic fd 37 7a 58 (xz data?). Unpack it first;')
    expect(stderr).toContain('passed over for being no captures: 1 file\n')
  })

  describe('a FIFO that nobody writes yet', () => {
    function start(): { child: ChildProcessWithoutNullStreams; fifo: string; said: { out: string; err: string } } {
      const folder = temporaryFolder()
      const fifo = join(folder, 'fifo')
      execFileSync('mkfifo', [fifo])
      const child = spawn(join(ROOT, 'bin/seekwatch'), ['replay', fifo, '--json', '--eve', 'eve.json'], { cwd: folder })
      onTestFinished(() => void child.kill('SIGKILL'))
      const said = { out: '', err: '' }
      child.stdout.on('data', (text) => {
        said.out += text
      })
      child.stderr.on('data', (text) => {
        said.err += text
      })
      return { child, fifo, said }
    }

    test.each(['SIGINT', 'SIGTERM'] as const)('one %s ends it', async (signal) => {
      const { child, fifo, said } = start()
      await until(
        () => existsSync(join(fifo, '../eve.json')),
        10_000,
        () => said.err,
      )
      await pause(300)
      const closed = once(child, 'close')
      child.kill(signal)
      const code = await Promise.race([closed.then(([code]) => code as number), pause(1000)])
      expect(code, `it goes on: ${said.err}`).toBe(130)
      expect(summaryOf(said.out)).toMatchObject({ packets: 0, files_failed: 0 })
    })

    test('whoever writes it later is read to the end', async () => {
      const { child, fifo, said } = start()
      const closed = once(child, 'close')
      await pause(700)
      const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', GOLDEN, fifo])
      onTestFinished(() => void writer.kill('SIGKILL'))
      expect([(await closed)[0], said.err]).toEqual([0, expect.not.stringContaining('at byte')])
      const whole = summaryOf(run(temporaryFolder(), ['replay', GOLDEN, '--no-store', '--json']).stdout)
      expect(summaryOf(said.out)).toMatchObject({ packets: whole.packets, alerts: whole.alerts })
    })
  })

  test('--no-store leaves nothing behind', () => {
    const folder = temporaryFolder()
    const { status, stdout } = run(folder, ['replay', GOLDEN, '--no-store', '--json'])
    expect(status).toBe(0)
    expect(summaryOf(stdout)).toMatchObject({ files: 1, files_failed: 0, alerts: 2, alerts_new: 2, contacts: 1 })
    expect(existsSync(join(folder, 'seekwatch.db'))).toBe(false)
  })

  test('--eve - gives EVE lines and nothing else on standard output', () => {
    const { stdout, status } = run(temporaryFolder(), [
      'replay',
      GOLDEN,
      '--no-store',
      '--eve',
      '-',
      '--events',
      'alert,tls,dns,flow,stats',
    ])
    const kinds = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event_type: string }).event_type)
    expect(status).toBe(0)
    expect(new Set(kinds)).toEqual(new Set(['alert', 'tls', 'dns', 'flow', 'stats']))
  })

  test('--quiet says nothing', () => {
    const { status, stdout, stderr } = run(temporaryFolder(), ['replay', GOLDEN, '--quiet'])
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('standard input, plain and in gzip', () => {
    const folder = temporaryFolder()
    const bytes = readFileSync(GOLDEN)
    for (const input of [bytes, gzipSync(bytes)]) {
      const { status, stdout } = run(folder, ['replay', '-', '--no-store', '--json'], input)
      expect(status).toBe(0)
      expect(summaryOf(stdout)).toMatchObject({
        alerts: 2,
        packets: summaryOf(run(folder, ['replay', GOLDEN, '--no-store', '--json']).stdout).packets,
      })
    }
  })

  test('a flow that goes on in the next file is one flow', () => {
    const folder = temporaryFolder()
    const bytes = readFileSync(GOLDEN)
    const whole = summaryOf(run(folder, ['replay', GOLDEN, '--no-store', '--json']).stdout)
    const cut = recordBoundary(bytes, Math.floor(whole.packets / 2))
    mkdirSync(join(folder, 'parts'))
    // named against the order of time
    writeFileSync(join(folder, 'parts/b.pcap'), bytes.subarray(0, cut))
    writeFileSync(join(folder, 'parts/a.pcap'), Buffer.concat([bytes.subarray(0, 24), bytes.subarray(cut)]))
    const parts = summaryOf(run(folder, ['replay', 'parts', '--no-store', '--json']).stdout)
    expect(parts).toMatchObject({ files: 2, packets: whole.packets, flows: whole.flows, alerts: whole.alerts })
  })
})

/** Offset of the record with this number (from 0) in a little-endian pcap file. */
function recordBoundary(bytes: Buffer, number: number): number {
  let at = 24
  for (let i = 0; i < number; i++) at += 16 + bytes.readUInt32LE(at + 8)
  return at
}

describe('input that cannot be read: exit code 3, place, reason and advice, and the rest is stored', () => {
  const good = readFileSync(GOLDEN)
  const frame = { data: new Uint8Array(60) }
  const cases: Array<[string, Uint8Array, string]> = [
    ['unknown magic', Buffer.from('PK\x03\x04 something else entirely'), 'bad.pcap: unknown magic 50 4b'],
    ['empty', new Uint8Array(0), 'bad.pcap: it is empty. Usually'],
    ['three bytes', good.subarray(0, 3), 'bad.pcap: it has only 3 bytes. Usually'],
    ['header cut short', pcapHeader().subarray(0, 11), 'bad.pcap: the file ends 11 bytes into'],
    ['record cut short', good.subarray(0, good.length - 5), 'bad.pcap: at byte'],
    [
      'captured length over 256 KiB',
      Buffer.concat([good, pcapRecord(frame, {}, 300_000), new Uint8Array(300_000)]),
      `at byte ${good.length}`,
    ],
    ['captured length over what is left', Buffer.concat([good, pcapRecord(frame, {}, 2000)]), `at byte ${good.length}`],
    ['broken gzip', gzipSync(good).subarray(0, -20), 'at byte'],
  ]
  test.each(cases)('%s', (name, bytes, place) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'bad.pcap'), bytes)
    copyFileSync(GOLDEN, join(folder, 'good.pcap'))
    const { status, stdout, stderr } = run(folder, ['replay', 'bad.pcap', 'good.pcap', '--json'])
    const summary = summaryOf(stdout)
    expect(status, stderr).toBe(3)
    expect(stderr).toContain('bad.pcap')
    expect(stderr).toContain(place)
    expect(stderr.length, name).toBeGreaterThan(60)
    expect(summary.files_failed).toBe(1)
    expect(summary.faults).toHaveLength(1)
    expect(summary.alerts_new).toBe(2)
  })

  test('a folder without captures', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'empty'))
    const { status, stdout, stderr } = run(folder, ['replay', 'empty', '--no-store'])
    expect(status).toBe(3)
    expect(stdout).toBe('No packet was read, so nothing can be said of contacts.\n')
    expect(stderr).toContain('no captures in this folder')
  })

  test('a file that is not there, for which no database is made', () => {
    const folder = temporaryFolder()
    const { status, stderr } = run(folder, ['replay', 'nowhere.pcap'])
    expect(status).toBe(3)
    expect(readdirSync(folder)).toEqual([])
    expect(stderr).not.toContain('seekwatch.db')
    expect(stderr).toMatch(/^seekwatch: nowhere\.pcap: there is no such file or folder \(ENOENT\)\. Check the path;/)
  })

  test('standard input, on which nothing comes', () => {
    const { status, stderr } = run(temporaryFolder(), ['replay', '-', '--no-store'], new Uint8Array(0))
    expect(status).toBe(3)
    expect(stderr).toMatch(/^seekwatch: standard input: it is empty\. .* behind a pipe, the program before it/)
  })

  test.skipIf(isRoot)('a file that may not be read', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'secret.pcap'), pcapFile([frame]))
    chmodSync(join(folder, 'secret.pcap'), 0)
    expect(run(folder, ['replay', 'secret.pcap', '--no-store']).status).toBe(3)
  })
})

describe('mistakes: exit code 2 and what to write instead', () => {
  const cases: Array<[string, string[], string[]]> = [
    ['no path', ['replay'], ["missing required argument 'paths'"]],
    ['unknown option', ['replay', GOLDEN, '--database', 'x'], ["unknown option '--database'"]],
    ['unknown command', ['reply', GOLDEN], ["unknown command 'reply'", 'replay']],
    ['unknown event', ['replay', GOLDEN, '--events', 'alert,smtp'], ['there is no kind "smtp"', 'alert, tls']],
    ['two things for standard output', ['replay', GOLDEN, '--eve', '-', '--json'], ['both want standard output']],
    ['no rules there', ['replay', GOLDEN, '--rules', 'nowhere'], ['nowhere']],
    ['no folder for the database', ['replay', GOLDEN, '--db', 'no/such/folder/x.db'], ['no/such/folder/x.db']],
    ['a database that is none', ['replay', GOLDEN, '--db', GOLDEN], [GOLDEN]],
    [
      'no folder for EVE',
      ['replay', GOLDEN, '--no-store', '--eve', 'no/such/folder/e.json'],
      ['no/such/folder/e.json'],
    ],
  ]
  test.each(cases)('%s', (_name, args, words) => {
    const { status, stdout, stderr } = run(temporaryFolder(), args)
    expect(status, stderr).toBe(2)
    expect(stdout).toBe('')
    for (const word of words) expect(stderr).toContain(word)
    expect(stderr).not.toContain('    at ')
  })

  test('a rule pack with an error: file, line and column', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'rules'))
    writeFileSync(
      join(folder, 'rules/bad.yaml'),
      readFileSync(join(ROOT, 'rules/lookalike.yaml'), 'utf8').replace('deepseek.ai', 'deep seek.ai'),
    )
    const { status, stderr } = run(folder, ['replay', GOLDEN, '--no-store', '--rules', 'rules'])
    expect(status).toBe(2)
    expect(stderr).toMatch(/rules\/bad\.yaml:\d+:\d+: .*deep seek\.ai/)
  })

  test('help is help: exit code 0', () => {
    expect(run(temporaryFolder(), ['replay', '--help'])).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('the table of contacts', () => {
  const contact: Contact = {
    id: 'c',
    client: '192.0.2.10',
    service: 'Example',
    category: 'service',
    severity: 'high',
    confidence: 'high',
    attempt: false,
    alerts: 1,
    exempt: 0,
    names: ['\x1b[31mred\x07.example.com', `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`],
    use: 'chat',
    use_reason: 'Looks like a chat.',
    reasons: ['Because of a very good reason that is long enough to be broken into lines.'],
    bytes_out: 1234,
    bytes_in: 5_600_000,
    first_seen: '2026-11-22T11:55:07.130394Z',
    last_seen: '2026-11-22T11:56:07.130394Z',
  }

  test('escape sequences of a stranger are shown, not obeyed', () => {
    const table = contactTable([contact], 120)
    expect(table).not.toContain('\x1b')
    expect(table).not.toContain('\x07')
    expect(table).toContain('\\x1b[31mred')
  })

  test.each([40, 100, 120, 200])('nothing is lost and no line is longer than asked for, %i columns', (width) => {
    const lines = contactTable([contact], width).trimEnd().split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 100))
    const letters = lines.join('')
    expect(letters.split('a').length - 1).toBeGreaterThanOrEqual(60)
    expect(letters.split('b').length - 1).toBeGreaterThanOrEqual(60)
    expect(letters).toContain('5.6 MB')
  })

  test.each([
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [999_949_999, '999.9 MB'],
    [2e15, '2000.0 TB'],
  ])('%i bytes are %s', (bytes_out, text) => {
    expect(contactTable([{ ...contact, bytes_out }])).toContain(` ${text} `)
  })

  test('no contacts: a sentence', () => expect(contactTable([])).toContain('No contacts'))
})
