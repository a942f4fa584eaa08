import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DnsRecord } from '../../../src/events/observation.ts'
import { recordsOf } from '../../../src/protocol/dns/facts.ts'
import { ANSWER, DnsMessage, readMessage } from '../../../src/protocol/dns/message.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { message, name, pointer, question, record, u16, u32 } from './messages.ts'

/** The record of these bytes, in a message whose question `a.example` begins at offset 12. */
function read(type: number, data: Buffer, options: { ttl?: number; dnsClass?: number } = {}): DnsRecord {
  const bytes = message({ questions: [question('a.example')], answers: [record(pointer(12), type, data, options)] })
  return parseTwice(bytes, (arena, start, end) => {
    const into = new DnsMessage()
    readMessage(arena, start, end, into)
    return recordsOf(into, 'dns', ANSWER)[0]!
  })
}

const bytes = (text: string): Buffer => Buffer.from(hex(text))
const string = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text, 'latin1')])
const join = (...parts: Buffer[]): Buffer => Buffer.concat(parts)

const texts: Array<[story: string, type: number, data: Buffer, text: string]> = [
  ['A', 1, bytes('c0000201'), '192.0.2.1'],
  ['A of three bytes', 1, bytes('c00002'), ''],
  ['AAAA', 28, bytes('20010db8000000000000000000000001'), '2001:db8::1'],
  ['AAAA of four bytes', 28, bytes('c0000201'), ''],
  ['NS', 2, name('ns.example'), 'ns.example'],
  ['CNAME with a pointer', 5, join(bytes('0162'), pointer(12)), 'b.a.example'],
  ['CNAME to the root', 5, name(''), '.'],
  ['CNAME that is a loop', 5, pointer(39), ''],
  ['CNAME longer than its data', 5, bytes('0161'), ''],
  ['PTR', 12, name('host.example'), 'host.example'],
  ['DNAME', 39, name('other.example'), 'other.example'],
  ['MX', 15, join(u16(10), name('mail.example')), '10 mail.example'],
  ['a null MX', 15, join(u16(0), name('')), '0 .'],
  ['MX without a name', 15, u16(10), ''],
  ['RP', 17, join(name('who.example'), name('')), 'who.example .'],
  ['TXT', 16, join(string('v=spf1'), string('a "b" \\ \x07\xe9')), '"v=spf1" "a \\"b\\" \\\\ \\007\\233"'],
  ['TXT of an empty string', 16, string(''), '""'],
  ['TXT of nothing', 16, bytes(''), ''],
  ['TXT that is cut', 16, join(string('one'), bytes('05 6162')), '"one"'],
  ['HINFO', 13, join(string('INTEL-386'), string('Windows')), '"INTEL-386" "Windows"'],
  ['SRV', 33, join(u16(20), u16(1), u16(5060), name('sip.example')), '20 1 5060 sip.example'],
  [
    'NAPTR',
    35,
    join(u16(100), u16(50), string('s'), string('SIP+D2U'), string(''), name('x')),
    '100 50 "s" "SIP+D2U" "" x',
  ],
  ['URI', 256, join(u16(10), u16(1), Buffer.from('https://a/')), '10 1 "https://a/"'],
  ['CAA', 257, join(bytes('00'), string('issue'), Buffer.from('ca.example')), '0 issue "ca.example"'],
  ['CAA with a tag of a stranger', 257, join(bytes('00'), string('\x1b[2J"'), bytes('')), '0 \\027[2J\\" ""'],
  ['SSHFP', 44, bytes('04 02 0a0b0c'), '4 2 0a0b0c'],
  ['TLSA', 52, bytes('03 01 01 0a0b'), '3 1 1 0a0b'],
  ['EUI48', 108, bytes('00005e005317'), '00-00-5e-00-53-17'],
  ['DS', 43, bytes('3322 08 02 b4f2'), '13090 8 2 b4f2'],
  ['DNSKEY without its key', 48, bytes('0101 03 0d 0102030405'), '257 3 13 (5 bytes)'],
  [
    'NSEC',
    47,
    join(name('b.example'), bytes('00 06 40 01 00 00 00 03  01 01 40')),
    'b.example TYPE1 TYPE15 TYPE46 TYPE47 TYPE257',
  ],
  ['NSEC with a window of 33 bytes', 47, join(name('b'), Buffer.from([0, 33]), Buffer.alloc(33)), ''],
  ['NSEC with a window twice', 47, join(name('b'), bytes('00 01 40  00 01 20')), ''],
  ['NSEC with windows in disorder', 47, join(name('b'), bytes('01 01 40  00 01 40')), ''],
  [
    'NSEC of more types than are shown',
    47,
    join(name('b'), ...Array.from({ length: 5 }, (_, i) => Buffer.concat([Buffer.of(i, 32), Buffer.alloc(32, 255)]))),
    `b ${Array.from({ length: 64 }, (_, i) => `TYPE${i}`).join(' ')} (1216 more)`,
  ],
  ['NSEC3', 50, bytes('01 01 000a 02 abcd 05 0001020304 00 01 40'), '1 1 10 abcd 000g40o4 TYPE1'],
  ['NSEC3 with a hash of one byte', 50, bytes('01 01 0000 00 01 ff'), '1 1 0 - vs'],
  ['NSEC3PARAM without salt', 51, bytes('01 00 0000 00'), '1 0 0 -'],
  [
    'RRSIG without its signature',
    46,
    join(bytes('0001 08 02'), u32(3600), u32(1465061740), u32(1462469213), u16(57909), name('example'), bytes('0102')),
    'TYPE1 8 2 3600 20160604173540 20160505172653 57909 example (2 bytes)',
  ],
  [
    'LOC',
    29,
    join(bytes('00 12 15 13'), u32(2282029648), u32(1708315648), u32(10000000)),
    '37 22 26.000 N 121 59 28.000 W 0.00m 1.00m 1000.00m 10.00m',
  ],
  ['LOC of another version', 29, join(bytes('01 12 15 13'), u32(0), u32(0), u32(0)), ''],
  ['NULL', 10, bytes('564143'), '\\# 3 564143'],
  ['a type that is not known', 65280, bytes('0a0b'), '\\# 2 0a0b'],
  ['a type that is not known, without data', 65280, bytes(''), '\\# 0'],
  [
    'HTTPS with what browsers use',
    65,
    join(
      bytes('0001 00'),
      bytes('0001 0006 02 6833 02 6832'), // alpn h3, h2
      bytes('0003 0002 20fb'), // port 8443
      bytes('0004 0008 c0000201 c0000202'),
      bytes('0005 0003 010203'), // ech
      bytes('0006 0010 20010db8000000000000000000000001'),
    ),
    '1 . alpn="h3,h2" port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AQID ipv6hint=2001:db8::1',
  ],
  ['SVCB as an alias', 64, join(u16(0), name('svc.example')), '0 svc.example'],
  [
    'SVCB with the other parameters',
    64,
    join(
      u16(1),
      name('svc.example'),
      bytes('0000 0004 0001 01f4'), // mandatory: alpn, key500
      bytes('0002 0000'), // no-default-alpn
      bytes('0007 0003 2f6471'), // dohpath
      bytes('01f4 0002 abcd'),
      bytes('01f5 0000'),
    ),
    '1 svc.example mandatory=alpn,key500 no-default-alpn dohpath="/dq" key500=abcd key501',
  ],
  ['HTTPS with a protocol longer than its list', 65, bytes('0001 00 0001 0003 05 6832'), '1 . key1=056832'],
  ['HTTPS with a port of one byte', 65, bytes('0001 00 0003 0001 50'), '1 . key3=50'],
  ['HTTPS with an address of five bytes', 65, bytes('0001 00 0004 0005 c000020100'), '1 . key4=c000020100'],
  ['HTTPS with its last parameter cut', 65, bytes('0001 00 0003 0002 01bb 0004 0008 c0000201'), '1 . port=443'],
  ['HTTPS without a target', 65, bytes('0001'), ''],
]

test.each(texts)('%s', (_, type, data, text) => {
  expect(read(type, data).data).toBe(text)
})

test.each(texts)('%s: every beginning is read inside its data and shows printable ASCII', (_, type, data) => {
  for (let length = 0; length <= data.length; length++) {
    expect(read(type, data.subarray(0, length)).data).toMatch(/^[ -~]*$/)
  }
})

test('data of every type shows printable ASCII, whatever its bytes', () => {
  const seen = new Set<number>()
  fc.assert(
    fc.property(fc.nat(260), fc.uint8Array({ maxLength: 40 }), (type, data) => {
      const { data: text } = read(type, Buffer.from(data))
      expect(text).toMatch(/^[ -~]*$/)
      if (text !== '') seen.add(type)
    }),
    fuzz(3000),
  )
  expect(seen.size).toBeGreaterThan(200)
})

const SERVICE = { priority: 1, target: '', alpn: [], port: 0, hints: [], echBytes: 0 }

const fields: Array<[story: string, type: number, data: Buffer, options: object, fields: unknown]> = [
  ['MX', 15, join(u16(10), name('Mail.example')), {}, { kind: 'mx', preference: 10, exchange: 'mail.example' }],
  ['TXT keeps its bytes', 16, join(string('a"'), string('\xe9')), {}, { kind: 'txt', strings: ['a"', '\xe9'] }],
  ['NULL keeps its bytes', 10, bytes('41 ff'), {}, { kind: 'null', bytes: 'A\xff' }],
  [
    'SOA',
    6,
    join(name('ns.example'), name('root.example'), u32(4294967295), u32(2), u32(3), u32(4), u32(5)),
    {},
    {
      ...{ kind: 'soa', mname: 'ns.example', rname: 'root.example' },
      ...{ serial: 4294967295, refresh: 2, retry: 3, expire: 4, minimum: 5 },
    },
  ],
  ['SRV', 33, join(u16(1), u16(2), u16(3), name('')), {}, { kind: 'srv', priority: 1, weight: 2, port: 3, target: '' }],
  ['SSHFP', 44, bytes('04 02 0a0b'), {}, { kind: 'sshfp', algorithm: 4, fingerprintType: 2, fingerprint: '0a0b' }],
  [
    'OPT with a cookie and another that is cut',
    41,
    bytes('000a 0002 abcd 0003 0009 01'),
    { dnsClass: 4096, ttl: 0x01008000 },
    {
      ...{ kind: 'opt', udpBytes: 4096, extendedRcode: 1, version: 0, dnssecOk: true },
      options: [{ code: 10, data: 'abcd' }],
    },
  ],
  [
    'HTTPS with hints, a port and ECH',
    65,
    bytes('0001 00 0001 0003 02 6832 0003 0002 01bb 0004 0004 c0000201 0005 0002 abcd'),
    {},
    { kind: 'svcb', ...SERVICE, alpn: ['h2'], port: 443, hints: ['192.0.2.1'], echBytes: 2 },
  ],
  [
    'HTTPS with a broken list of protocols keeps its hints',
    65,
    bytes('0001 00 0001 0002 05 68 0004 0004 c0000201'),
    {},
    { kind: 'svcb', ...SERVICE, hints: ['192.0.2.1'] },
  ],
  [
    'HTTPS with broken hints has none of them',
    65,
    bytes('0001 00 0004 0005 c000020100'),
    {},
    { kind: 'svcb', ...SERVICE },
  ],
  ['an address has no parts', 1, bytes('c0000201'), {}, undefined],
  ['TXT of nothing has no parts', 16, bytes(''), {}, undefined],
  ['broken data has no parts', 15, bytes('00'), {}, undefined],
]

test.each(fields)('parts of %s', (_, type, data, options, expected) => {
  expect(read(type, data, options).fields).toEqual(expected)
})
