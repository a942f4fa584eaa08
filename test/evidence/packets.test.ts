/**
 * The packets of a bundle prove its alert: the same alert comes out of them, in
 * another program the same names, byte by byte and nanosecond by nanosecond what
 * lay in the capture. And no file is believed for its name.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openCapture } from '../../src/capture/open.ts'
import { replayed as replayedCheck } from '../../src/cli/evidence-check.ts'
import { RULES_SHIPPED } from '../../src/cli/rule-options.ts'
import type { Alert } from '../../src/events/alert.ts'
import { contactBegin } from '../../src/evidence/identity.ts'
import { type PacketsJob, takePackets } from '../../src/evidence/packets.ts'
import type { SourceRecord, Taken } from '../../src/evidence/taken.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { readAll } from '../capture/read-all.ts'
import { pcapOf, pcapPieces } from '../support/capture-cutting.ts'
import { seekwatch } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'
import { replayInto } from '../support/replay.ts'
import { isInstalled } from '../support/setup.ts'
import { readZip } from '../support/zip.ts'

const CAPTURES = join(import.meta.dirname, '../../captures')
const TLS = join(CAPTURES, 'tls13-openssl/input.pcap')

async function replayed(...paths: string[]): Promise<Store> {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  await replayInto(store, paths, new Set())
  return store
}

async function alertsOf(...paths: string[]): Promise<Alert[]> {
  return [...(await replayed(...paths)).eachAlert({})]
}

let outs = 0

function taken(alert: Alert, folder: string, job: Partial<PacketsJob> = {}): Promise<Taken> {
  const out = join(folder, `packets-${outs++}.pcapng`)
  return takePackets({ alerts: [alert], begin: null, isLive: false, captures: [], home: folder, out, ...job })
}

function words({ evidence }: Alert): string[] {
  return evidence.map(({ kind, value }) => `${kind} ${value}`).sort()
}

/** The alert that is about the TLS flow of the capture. */
async function tlsAlert(path: string): Promise<Alert> {
  return (await alertsOf(path)).find(({ protocol }) => protocol === 'TCP')!
}

describe('the same alert comes out of them again', () => {
  const stories: Array<[what: string, capture: string, packets?: number]> = [
    ['TLS', 'tls13-openssl/input.pcap'],
    ['QUIC', 'quic-chromium/input.pcap'],
    ['DNS alone', 'dns-only/input.pcap'],
    ['DNS over TCP, a second name in the same connection', 'dns-tcp/input.pcap'],
    ['DNS without an answer', 'dns-unanswered/input.pcap'],
    ['ECH, named by a DNS answer', 'scenarios/pcap/hidden-ech-outer-name.pcap'],
    ['no server name, named by a DNS answer', 'dns-then-no-sni/input.pcap'],
    ['an alias in an answer of its own', 'scenarios/pcap/hidden-alias-in-an-answer-of-its-own.pcap'],
    ['VLAN', 'vlan/input.pcap'],
    ['QinQ', 'qinq/input.pcap'],
    ['a tunnel', 'geneve/input.pcap'],
    ['fragments', 'ip-fragments/input.pcap'],
    ['nanoseconds', 'nanosecond/input.pcap'],
    ['pcapng with two interfaces, whose stamps go back', 'two-interfaces-pcapng/input.pcapng'],
    ['a hosting network', 'hosting-cn/input.pcap'],
    ['a proxy', 'connect-curl/input.pcap'],
    ['telemetry beside a question that comes again', 'scenarios/pcap/telemetry-before-the-second-question.pcap'],
    ['one contact in many ways', 'scenarios/pcap/contacts-many-ways-one-contact.pcap'],
    ['every packet twice', 'mirror-twice/input.pcap'],
  ]
  test.each(stories)('%s', async (_, capture) => {
    const folder = temporaryFolder()
    const store = await replayed(join(CAPTURES, capture))
    const alerts = [...store.eachAlert({})]
    expect(alerts.length).toBeGreaterThan(0)
    for (const alert of alerts) {
      const begin = contactBegin(alert, alerts)
      expect(begin, 'what began the contact is known').not.toBe(undefined)
      const { file, missing } = await taken(alert, folder, { begin: begin! })
      expect(missing).toEqual([])
      const again = (await replayed(file!.path)).alert(alert.id)
      expect(again && words(again)).toEqual(words(alert))
    }
  })

  test('a flow that goes on in the next file of a recorder, which no evidence names', async () => {
    const folder = temporaryFolder()
    const { header, records } = pcapPieces(TLS)
    for (const at of [9, 15]) {
      const files = [`a${at}.pcap`, `b${at}.pcap`].map((name) => join(folder, name))
      writeFileSync(files[0]!, pcapOf({ header, records: records.slice(0, at) }))
      writeFileSync(files[1]!, pcapOf({ header, records: records.slice(at) }))
      const alert = (await alertsOf(...files)).find(({ protocol }) => protocol === 'TCP')!
      const { file, missing, sources, packets } = await taken(alert, folder)
      expect(missing).toEqual([])
      const used = sources.filter((source) => source.packets > 0).map((source) => basename(source.file))
      expect(used.sort()).toEqual(files.map((path) => basename(path)))
      expect(packets - dnsMessages(alert)).toBe(alert.packets_in + alert.packets_out)
      const again = (await replayed(file!.path)).alert(alert.id)
      expect(again && words(again)).toEqual(words(alert))
      for (const path of files) renameSync(path, `${path}.done`)
      mkdirSync(join(folder, `done${at}`))
      for (const path of files) renameSync(`${path}.done`, join(folder, `done${at}`, basename(path)))
    }
  })

  test('a copy of the file beside it gives nothing twice, whatever it is called', async () => {
    const folder = temporaryFolder()
    const { header, records } = pcapPieces(TLS)
    const path = join(folder, 'a.pcap')
    copyFileSync(TLS, path)
    const alert = await tlsAlert(path)
    writeFileSync(path, pcapOf({ header, records: records.slice(0, -3) })) // it was cut since
    copyFileSync(TLS, join(folder, 'b.pcap'))
    const { packets, missing } = await taken(alert, folder)
    expect(missing.join()).toMatch(/Of the \d+ packets that the sensor counted .* 3 were not found/)
    expect(packets).toBe(alert.packets_in + alert.packets_out + dnsMessages(alert) - 3)
  })
})

/** Frames of the answer that named the address, and its question. */
function dnsMessages({ evidence }: Alert): number {
  return evidence.some(({ kind }) => kind === 'dns_answer') ? 2 : 0
}

describe('what is in the file', () => {
  test('frames as they were: bytes, nanoseconds, lengths, snap length, link type, order; and where each lay', async () => {
    const folder = temporaryFolder()
    const { header, records } = pcapPieces(TLS)
    const short = join(folder, 'short.pcap')
    writeFileSync(short, pcapOf({ header, records: records.map((record) => cutTo(record, 600)) }))
    const paths = ['nanosecond/input.pcap', 'two-interfaces-pcapng/input.pcapng'].map((name) => join(CAPTURES, name))
    for (const path of [...paths, short]) {
      const alert = await tlsAlert(path)
      const { file } = await taken(alert, folder)
      const source = await readAll(await openCapture(path, { exact: true }))
      const out = await readAll(await openCapture(file!.path, { exact: true }))
      const numbers = commentsOf(file!.path).map((comment) => Number(/^packet (\d+) of /.exec(comment)![1]))
      expect(numbers.length).toBe(out.frames.length)
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      for (const [i, frame] of out.frames.entries()) {
        const { packet: _, link, ...there } = source.frames[numbers[i]! - 1]!
        const { packet: __, link: linkHere, ...here } = frame
        expect(here).toEqual(there)
        expect(out.links[linkHere]).toEqual(source.links[link])
      }
    }
  })

  test('the comment of the packet that shows evidence says so, printable', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'a\x1b[31m\u202e.pcap')
    copyFileSync(TLS, path)
    const alert = await tlsAlert(path)
    const { file } = await taken(alert, folder)
    const comments = commentsOf(file!.path)
    expect(comments.filter((comment) => comment.endsWith('; tls_sni chat.deepseek.com')).length).toBe(1)
    expect(comments.join('')).toMatch(/^[\x20-\x7e]*$/)
  })

  test('no more than the budget, and that is said', async () => {
    const folder = temporaryFolder()
    const alert = await tlsAlert(TLS)
    const { packets, missing } = await taken(alert, folder, { budget: { packets: 8, bytes: 1e9 } })
    expect(packets).toBe(8)
    expect(missing.join()).toMatch(/^A bundle holds at most 8 packets/)
    const small = await taken(alert, folder, { budget: { packets: 1000, bytes: 1000 } })
    expect(small.packets).toBeLessThan(12)
    expect(small.missing.join()).toContain('and 1000 bytes')
  })

  test('the same on every run', async () => {
    const folder = temporaryFolder()
    const alert = await tlsAlert(TLS)
    const [one, two] = [await taken(alert, folder), await taken(alert, folder)]
    expect(one.file!.sha256).toBe(two.file!.sha256)
    const digest = createHash('sha256').update(readFileSync(one.file!.path)).digest('hex')
    expect(digest).toBe(one.file!.sha256)
  })
})

/** A record of which so many bytes were kept. */
function cutTo(record: Buffer, bytes: number): Buffer {
  const kept = Buffer.from(record.subarray(0, 16 + bytes))
  kept.writeUInt32LE(kept.length - 16, 8)
  return kept
}

/** Comments of enhanced packet blocks, read by a walk of their own. */
function commentsOf(path: string): string[] {
  const file = readFileSync(path)
  const comments: string[] = []
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    if (file.readUInt32LE(at) !== 6) continue
    const captured = file.readUInt32LE(at + 20)
    const option = at + 28 + captured + (-captured & 3)
    expect(file.readUInt16LE(option)).toBe(1)
    comments.push(file.toString('utf8', option + 4, option + 4 + file.readUInt16LE(option + 2)))
  }
  return comments
}

describe('which file it is', () => {
  test('one that moved is found in a folder that is given, also compressed, also renamed', async () => {
    const folder = temporaryFolder()
    const alert = await tlsAlert(TLS)
    const elsewhere = temporaryFolder()
    for (const evidence of alert.evidence) evidence.file = 'gone/monday.pcap'
    const bytes = readFileSync(TLS)
    const stories: Array<[name: string, bytes: Buffer, foundAs: string | undefined]> = [
      ['monday.pcap', bytes, undefined],
      ['monday.pcap.gz', gzipSync(bytes), 'monday.pcap.gz'],
      ['case-7.pcap', bytes, 'case-7.pcap'],
    ]
    for (const [name, content, foundAs] of stories) {
      const home = join(elsewhere, name)
      mkdirSync(home)
      writeFileSync(join(home, name), content)
      const { sources, missing, packets } = await taken(alert, folder, { captures: [home] })
      expect(missing, name).toEqual([])
      expect(packets, name).toBeGreaterThan(10)
      expect(sources[0]!.found_as, name).toBe(foundAs)
      expect(sources[0], name).toMatchObject({
        file: 'gone/monday.pcap',
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      })
    }
  })

  test('a packed one under its name that is another is told', async () => {
    const folder = temporaryFolder()
    const alert = await tlsAlert(TLS)
    for (const evidence of alert.evidence) evidence.file = 'gone/monday.pcap'
    copyFileSync(join(CAPTURES, 'dns-then-no-sni/input.pcap'), join(folder, 'monday.pcap.gz'))
    const { missing } = await taken(alert, temporaryFolder(), { captures: [folder] })
    expect(missing.join()).toContain('it is not the file that the alert speaks of')
  })

  test('a file that ends in the middle of a packet behind the flow has all that is wanted', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'monday.pcap')
    const bytes = readFileSync(TLS)
    const { header, records } = pcapPieces(TLS)
    const later = Buffer.from(records.at(-1)!)
    writeFileSync(path, Buffer.concat([bytes, later.subarray(0, 20)]))
    const alert = await tlsAlert(path)
    const { missing, remarks } = await taken(alert, folder)
    expect(missing).toEqual([])
    expect(remarks.join()).toContain('could be read only in part')
    writeFileSync(path, Buffer.concat([pcapOf({ header, records: records.slice(0, -2) }), later.subarray(0, 20)]))
    expect((await taken(alert, folder)).missing.join()).toMatch(/read only in part.*were not found/)
  })

  test('two names of one file are one file', async () => {
    const folder = temporaryFolder()
    copyFileSync(TLS, join(folder, 'a.pcap'))
    symlinkSync('a.pcap', join(folder, 'b.pcap'))
    const alert = await tlsAlert(TLS)
    for (const [i, evidence] of alert.evidence.entries()) evidence.file = ['a.pcap', 'b.pcap'][i % 2]!
    const { packets, sources, missing } = await taken(alert, folder, { home: folder })
    expect(missing).toEqual([])
    expect(packets).toBe(alert.packets_in + alert.packets_out + dnsMessages(alert))
    expect(sources.map(({ checked }) => checked.length)).toEqual([1, 1])
  })

  test('an alert that names no packets', async () => {
    const { file, missing } = await taken({ ...(await tlsAlert(TLS)), evidence: [] }, temporaryFolder())
    expect([file, missing]).toEqual([null, ['The alert names no packet.']])
  })

  test('a packet number that no file has', async () => {
    const folder = temporaryFolder()
    const alert = await tlsAlert(TLS)
    for (const evidence of alert.evidence) evidence.packet = 0
    expect((await taken(alert, folder)).missing.join()).toContain('the evidence is packet 0')
  })

  test('one that its recorder has packed since is found where it was', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'monday.pcap')
    copyFileSync(TLS, path)
    const alert = await tlsAlert(path)
    renameSync(path, join(folder, 'tuesday.pcap'))
    expect((await taken(alert, folder)).file).toBe(null)
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(TLS)))
    const { missing, sources } = await taken(alert, folder)
    expect([missing, sources[0]!.found_as]).toEqual([[], 'monday.pcap.gz'])
  })

  test('a name that is relative leads from the folder of the database, too', async () => {
    const home = temporaryFolder()
    copyFileSync(TLS, join(home, 'monday.pcap'))
    const alert = await tlsAlert(TLS)
    for (const evidence of alert.evidence) evidence.file = 'monday.pcap'
    expect((await taken(alert, temporaryFolder(), { home })).missing).toEqual([])
  })

  test('another file under its name is refused, with the reason', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'monday.pcap')
    copyFileSync(TLS, path)
    const alert = await tlsAlert(path)
    const { header, records } = pcapPieces(TLS)
    const { packet } = alert.evidence[0]!
    const otherTime = records.map((record) => Buffer.from(record))
    otherTime[packet - 1]!.writeUInt32LE(1, 4)
    const otherEnd = records.map((record) => Buffer.from(record))
    otherEnd[packet - 1]![16 + 14 + 15]! ^= 0xff // the last byte of the source address
    const stories: Array<[reason: RegExp, bytes: Buffer]> = [
      [/its packet \d+ is of .*, the evidence of /, pcapOf({ header, records: otherTime })],
      [/its packet \d+ is between /, pcapOf({ header, records: otherEnd })],
      [
        /it ends at packet 3, and the evidence is packet \d+: it was cut/,
        pcapOf({ header, records: records.slice(0, 3) }),
      ],
      [/it cannot be read: it is empty/, Buffer.alloc(0)],
      [/it cannot be read: /, Buffer.from('no capture at all')],
      [/it has no packets/, header],
    ]
    for (const [reason, bytes] of stories) {
      writeFileSync(path, bytes)
      const { file, packets, missing, sources } = await taken(alert, folder)
      expect(missing.join()).toMatch(reason)
      expect([file, packets]).toEqual([null, 0])
      expect(sources[0]!.trouble).toMatch(reason)
    }
  })

  test('a file that is gone, standard input, a folder', async () => {
    const folder = temporaryFolder()
    const alert = await tlsAlert(TLS)
    for (const [name, reason] of [
      ['gone.pcap', /there is no such file/],
      ['-', /it came from standard input/],
      [folder, /it is no file/],
    ] as const) {
      for (const evidence of alert.evidence) evidence.file = name
      const { file, missing } = await taken(alert, folder)
      const others = await taken(alert, folder, { captures: [join(CAPTURES, 'dns-then-no-sni')] })
      expect(file).toBe(null)
      expect(missing.join()).toMatch(reason)
      expect(others.missing).toEqual(missing)
    }
  })

  test('what a live sensor saw is found in a recording, whose numbers and stamps are others', async () => {
    const stories: Array<[capture: string, kind: string, laterUs: number]> = [
      ['tls13-openssl/input.pcap', 'tls_sni', 5000], // longer than the flow lasts
      ['quic-chromium/input.pcap', 'quic_sni', 3],
    ]
    for (const [capture, kind, laterUs] of stories) {
      const folder = temporaryFolder()
      const recordings = temporaryFolder()
      const { header, records } = pcapPieces(join(CAPTURES, capture))
      const later = records.map((record) => delayed(record, laterUs))
      writeFileSync(
        join(recordings, 'r1.pcap'),
        pcapOf({ header, records: [later[0]!, later[0]!, ...later.slice(0, 9)] }),
      )
      writeFileSync(join(recordings, 'r2.pcap'), pcapOf({ header, records: later.slice(9) }))
      const alert = (await alertsOf(join(CAPTURES, capture))).find(({ evidence }) => evidence[0]!.kind === kind)!
      const numbers = alert.evidence.map(({ packet }) => (packet <= 9 ? packet + 2 : packet - 9))
      for (const evidence of alert.evidence) evidence.file = 'eth1'
      const nothing = await taken(alert, folder, { isLive: true })
      expect(nothing.file).toBe(null)
      expect(nothing.missing.join()).toMatch(/live sensor, .* interface eth1\. If a recorder wrote files there, name/)
      const { file, missing, remarks } = await taken(alert, folder, { isLive: true, captures: [recordings] })
      expect(missing).toEqual([])
      expect(remarks.join()).toContain('from a recording')
      const shown = commentsOf(file!.path).filter((comment) => comment.includes(kind) || comment.includes('dns_answer'))
      expect(shown.map((comment) => Number(/packet (\d+) of/.exec(comment)![1])).sort()).toEqual(numbers.sort())
      const again = [...(await replayed(file!.path)).eachAlert({})].find(
        (one) => one.community_id === alert.community_id,
      )
      expect(again && words(again)).toEqual(words(alert))
      const check = await replayedAgain(file!.path, alert)
      expect(check).toMatch(
        /the same evidence. Its id is another one: ids are made of the times at which a flow and a contact began/,
      )
      const other = await taken(alert, folder, { isLive: true, captures: [join(CAPTURES, 'vlan')] })
      expect(other.missing.join()).toMatch(/\d of \d pieces of evidence were not found/)
    }
  })
})

/** A record with a later stamp. */
function delayed(record: Buffer, us: number): Buffer {
  const later = Buffer.from(record)
  const at = record.readUInt32LE(0) * 1e6 + record.readUInt32LE(4) + us
  later.writeUInt32LE(Math.floor(at / 1e6), 0)
  later.writeUInt32LE(at % 1e6, 4)
  return later
}

async function replayedAgain(path: string, alert: Alert): Promise<string> {
  const { text } = await replayedCheck(path, alert, { rules: RULES_SHIPPED }, new AbortController().signal)
  return text
}

describe('seekwatch evidence', () => {
  async function bundled(capture: string, ...args: string[]) {
    const folder = temporaryFolder()
    const db = join(folder, 'a.db')
    await seekwatch('replay', capture, '--db', db, '--quiet')
    const store = openStore(db, { readonly: true })
    const alert = [...store.eachAlert({})].find(({ protocol }) => protocol === 'TCP')!
    store.close()
    const out = join(folder, 'out.zip')
    const said = await seekwatch('evidence', alert.id, '--db', db, '--out', out, '--json', ...args)
    return { folder, db, alert, out, said }
  }

  test('the bundle says that its packets were tried, and what they are', async () => {
    const { alert, out, said, folder } = await bundled(TLS)
    expect(said.err).toBe('')
    expect(said.code).toBe(0)
    const zip = readZip(out)
    expect(JSON.parse(said.out)).toMatchObject({
      file: out,
      packets: commentsCount(zip.bytes('packets.pcapng')),
      missing: [],
    })
    const text = zip.text('README.txt').replace(/\s+/g, ' ')
    expect(text).toContain('the same alert came out, with the same id and the same evidence.')
    expect(text).toContain('tshark -r packets.pcapng -Y tls.handshake.extensions_server_name')
    const [source] = zip.json<SourceRecord[]>('sources.json')
    expect(source).toMatchObject({ file: TLS, sha256: createHash('sha256').update(readFileSync(TLS)).digest('hex') })
    expect(source!.checked).toEqual([...new Set(alert.evidence.map(({ packet }) => packet))].sort((a, b) => a - b))
    expect(readdirSync(folder).filter((name) => !name.startsWith('a.db'))).toEqual(['out.zip'])
  })

  function commentsCount(bytes: Buffer): number {
    let count = 0
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) if (bytes.readUInt32LE(at) === 6) count++
    return count
  }

  test('the same bytes on two runs; with --contact the packets of all alerts of the contact', async () => {
    const { alert, out, db, folder } = await bundled(TLS)
    const second = join(folder, 'second.zip')
    await seekwatch('evidence', alert.id, '--db', db, '--out', second)
    expect(readFileSync(second).equals(readFileSync(out))).toBe(true)
  })

  test('with --contact the packets of all alerts of the contact; folders that are not there are refused', async () => {
    const { alert, out, db } = await bundled(join(CAPTURES, 'scenarios/pcap/contacts-many-ways-one-contact.pcap'))
    const own = commentsCount(readZip(out).bytes('packets.pcapng'))
    const said = await seekwatch('evidence', alert.id, '--db', db, '--out', out, '--contact', '--force')
    expect([said.code, said.err]).toEqual([0, expect.stringContaining('was written')])
    expect(commentsCount(readZip(out).bytes('packets.pcapng'))).toBeGreaterThan(2 * own)
    const wrong = await seekwatch('evidence', alert.id, '--db', db, '--captures', '/gone/away')
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringContaining('--captures /gone/away: there is no such file'),
    ])
  })

  test('without its capture: exit code 3, said on standard error and in README.txt', async () => {
    const folder = temporaryFolder()
    const capture = join(folder, 'monday.pcap')
    copyFileSync(TLS, capture)
    const { db, alert, out } = await bundled(capture)
    renameSync(capture, join(folder, 'tuesday.pcap'))
    const said = await seekwatch('evidence', alert.id, '--db', db, '--out', out, '--force')
    expect(said.code).toBe(3)
    expect(said.err).toContain('monday.pcap: there is no such file or folder')
    const zip = readZip(out)
    expect(zip.names.some((name) => name.endsWith('packets.pcapng'))).toBe(false)
    expect(zip.text('README.txt')).toContain('PACKETS: none are in this bundle.')
    const found = await seekwatch('evidence', alert.id, '--db', db, '--out', out, '--force', '--captures', folder)
    expect([found.code, found.err]).toEqual([0, expect.stringContaining('with 19 packets')])
    expect(readZip(out).text('README.txt')).toContain('(found as tuesday.pcap)')
  })

  test.skipIf(!isInstalled('tshark'))('tshark shows the same name, and the comments', async () => {
    const stories: Array<[capture: string, field: string, want: string]> = [
      ['tls13-openssl/input.pcap', 'tls.handshake.extensions_server_name', 'chat.deepseek.com'],
      ['vlan/input.pcap', 'tls.handshake.extensions_server_name', 'chat.deepseek.com'],
      ['dns-then-no-sni/input.pcap', 'dns.qry.name', 'chat.deepseek.com'],
    ]
    for (const [capture, field, want] of stories) {
      const { alert, folder } = { alert: await tlsAlert(join(CAPTURES, capture)), folder: temporaryFolder() }
      const { file } = await taken(alert, folder)
      const run = spawnSync('tshark', ['-r', file!.path, '-T', 'fields', '-e', field, '-e', 'frame.comment'], {
        encoding: 'utf8',
      })
      expect(run.status, run.stderr).toBe(0)
      expect(run.stdout, capture).toContain(want)
      expect(run.stdout).toContain(`packet ${alert.evidence[0]!.packet} of `)
    }
  })
})
