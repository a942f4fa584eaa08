import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Address4, Address6 } from 'ip-address'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildNetworks } from '../../src/enrich/build-networks.ts'
import { compileNetworks } from '../../src/enrich/compile-networks.ts'
import { loadNetworks, Networks } from '../../src/enrich/networks.ts'
import { temporaryFolder } from '../support/folder.ts'

function bytesOf(text: string): Uint8Array {
  const address = text.includes(':') ? new Address6(text) : new Address4(text)
  return Buffer.from(
    address
      .bigInt()
      .toString(16)
      .padStart(text.includes(':') ? 32 : 8, '0'),
    'hex',
  )
}

/** `CZ AS2852 CESNET`, with `-` for what is not known. */
function about(networks: Networks, address: string): string {
  const bytes = bytesOf(address)
  const system = networks.asn(bytes, 0, bytes.length)
  return `${networks.country(bytes, 0, bytes.length) || '-'} ${system === null ? '-' : `AS${system.asn} ${system.name}`}`
}

/** A row of CSV for the addresses from `first` to `last`. */
function row(first: string, last: string, what: string): string {
  const number = (text: string): bigint => BigInt(`0x${Buffer.from(bytesOf(text)).toString('hex')}`)
  return `${number(first)},${number(last)},${what}`
}

interface Sample {
  countries4?: string[]
  countries6?: string[]
  systems4?: string[]
  systems6?: string[]
}

function compile(sample: Sample): Uint8Array {
  const file = (name: string, rows: string[] = []) => ({
    name: `${name}.csv`,
    text: rows.map((one) => `${one}\n`).join(''),
  })
  return compileNetworks({
    countriesIpv4: file('countries4', sample.countries4),
    countriesIpv6: file('countries6', sample.countries6),
    systemsIpv4: file('systems4', sample.systems4),
    systemsIpv6: file('systems6', sample.systems6),
  })
}

const stories: Array<{ name: string; sample: Sample; want: Record<string, string> }> = [
  {
    name: 'nothing is known',
    sample: {},
    want: { '0.0.0.0': '- -', '255.255.255.255': '- -', '::': '- -', 'ffff::': '- -' },
  },
  {
    name: 'country and system have borders of their own',
    sample: {
      countries4: [row('1.0.0.0', '1.0.0.255', 'AU')],
      systems4: [row('1.0.0.128', '1.0.1.255', '13335,"Cloudflare, Inc."')],
    },
    want: {
      '0.255.255.255': '- -',
      '1.0.0.0': 'AU -',
      '1.0.0.128': 'AU AS13335 Cloudflare, Inc.',
      '1.0.1.0': '- AS13335 Cloudflare, Inc.',
      '1.0.2.0': '- -',
    },
  },
  {
    name: 'IPv6, and IPv4 inside it',
    sample: {
      countries4: [row('8.8.8.0', '8.8.8.255', 'US')],
      countries6: [row('2a02:6b8::', '2a02:6bf:ffff:ffff:ffff:ffff:ffff:ffff', 'RU')],
      systems6: [row('2a02:6b8::', '2a02:6b8:ffff:ffff:ffff:ffff:ffff:ffff', '13238,YANDEX LLC')],
    },
    want: {
      '2a02:6b8::1': 'RU AS13238 YANDEX LLC',
      '2a02:6b9::1': 'RU -',
      '2a02:6c0::': '- -',
      '::ffff:8.8.8.8': 'US -',
      '::8.8.8.8': '- -',
    },
  },
  {
    name: 'overlapping rows: the narrowest decides, in whatever order they come',
    sample: {
      countries4: [
        row('2.58.197.15', '2.58.197.15', 'BE'),
        row('2.58.196.0', '2.58.197.255', 'DE'),
        row('2.58.192.0', '2.58.207.255', 'FR'),
      ],
    },
    want: {
      '2.58.197.14': 'DE -',
      '2.58.197.15': 'BE -',
      '2.58.197.16': 'DE -',
      '2.58.198.0': 'FR -',
      '2.58.191.255': '- -',
    },
  },
  {
    name: 'the same range twice: the first row decides',
    sample: { countries4: [row('2.0.0.0', '2.0.0.255', 'FR'), row('2.0.0.0', '2.0.0.255', 'DE')] },
    want: { '2.0.0.1': 'FR -' },
  },
  {
    name: 'special addresses are nobody, whether the rows are wider or narrower',
    sample: {
      countries4: [
        row('192.168.0.0', '192.168.255.255', 'AU'),
        row('10.1.2.3', '10.1.2.3', 'CN'),
        row('172.0.0.0', '173.255.255.255', 'US'),
        row('169.254.10.0', '169.255.0.0', 'CN'),
      ],
      systems4: [row('192.88.99.0', '192.88.99.255', '6939,Hurricane')],
      countries6: [
        row('2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'JP'),
        row('fe80::', 'fe80::ffff', 'CN'),
        row('::1', '::1', 'CN'),
      ],
      systems6: [row('2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '6939,Hurricane')],
    },
    want: {
      '192.168.1.1': '- -',
      '10.1.2.3': '- -',
      '172.16.0.1': '- -',
      '172.31.255.255': '- -',
      '172.32.0.0': 'US -',
      '172.15.255.255': 'US -',
      '169.254.10.1': '- -',
      '169.255.0.0': 'CN -',
      '192.88.99.1': '- -',
      '2001:db8::1': '- -',
      'fe80::1': '- -',
      '::1': '- -',
      '2002:102:304::1': '- -',
    },
  },
  {
    name: 'names of any kind',
    sample: {
      systems4: [
        row('1.0.0.0', '1.0.0.0', '1,"""YooMoney"" NBCO LLC"'),
        row('1.0.0.1', '1.0.0.1', '2,Telefônica 幻方'),
        row('1.0.0.2', '1.0.0.2', '3,'),
        row('1.0.0.3', '1.0.0.3', '4294967294,last'),
        row('1.0.0.4', '1.0.0.4', `5,${'x'.repeat(500)}`),
        row('1.0.0.5', '1.0.0.5', '1,another name of the same'),
        row('1.0.0.6', '1.0.0.6', '0,nobody'),
      ],
    },
    want: {
      '1.0.0.0': '- AS1 "YooMoney" NBCO LLC',
      '1.0.0.1': '- AS2 Telefônica 幻方',
      '1.0.0.2': '- AS3 ',
      '1.0.0.3': '- AS4294967294 last',
      '1.0.0.4': `- AS5 ${'x'.repeat(200)}`,
      '1.0.0.5': '- AS1 "YooMoney" NBCO LLC',
      '1.0.0.6': '- -',
    },
  },
]
for (const { name, sample, want } of stories) {
  test(`networks: ${name}`, () => {
    const networks = new Networks(compile(sample), 'networks.bin')
    expect(Object.fromEntries(Object.keys(want).map((address) => [address, about(networks, address)]))).toEqual(want)
  })
}

const badRows: Array<{ name: string; rows: string[]; says: string }> = [
  { name: 'words', rows: ['1,2,CZ', 'nonsense'], says: 'countries4.csv:2: the row does not end in a country' },
  {
    name: 'a range that ends before it starts',
    rows: ['2,1,CZ'],
    says: 'countries4.csv:1: the row ends before it starts',
  },
  { name: 'no country', rows: ['1,2'], says: 'countries4.csv:1: the row does not end in a country' },
  { name: 'a country in words', rows: ['1,2,Czechia'], says: 'does not end in a country of two letters' },
  { name: 'a column more', rows: ['1,2,CZ,x'], says: 'does not end in a country of two letters' },
  { name: 'an address as text', rows: ['1.0.0.0,1.0.0.1,CZ'], says: 'an address that is not a decimal number' },
  {
    name: 'an address of IPv6',
    rows: ['1,4294967296,CZ'],
    says: 'countries4.csv:1: the row has an address of more than 32 bits',
  },
  { name: 'a negative address', rows: ['-1,2,CZ'], says: 'an address that is not a decimal number' },
  { name: 'a quote that does not end', rows: ['1,2,"CZ'], says: 'has a quote where none may be' },
]
for (const { name, rows, says } of badRows)
  test(`networks: a row of ${name} stops the build`, () => expect(() => compile({ countries4: rows })).toThrow(says))

const whole = compile({
  countries4: [row('1.0.0.0', '1.0.0.255', 'AU')],
  systems4: [row('1.0.0.0', '1.0.0.255', '1,one')],
})
const changed = (at: number, value: number): Uint8Array =>
  Uint8Array.from(whole, (byte, i) => (i === at ? value : byte))
const badFiles: Array<{ name: string; bytes: Uint8Array; says: string }> = [
  { name: 'an empty file', bytes: new Uint8Array(0), says: 'is not a table of countries and networks' },
  {
    name: 'another file',
    bytes: Buffer.from('#!/usr/bin/env node\n'.repeat(10)),
    says: 'is not a table of countries and networks',
  },
  {
    name: 'another version',
    bytes: changed(7, 0x32),
    says: 'is not a table of countries and networks of this version',
  },
  { name: 'another byte order', bytes: changed(8, 1), says: 'another byte order' },
  { name: 'a count that is too large', bytes: changed(12, 200), says: 'bytes where' },
  { name: 'a count beyond all memory', bytes: changed(15, 0xff), says: 'bytes where' },
]
for (const { name, bytes, says } of badFiles) {
  test(`networks: ${name} is refused`, () => {
    const file = join(temporaryFolder(), 'networks.bin')
    writeFileSync(file, bytes)
    expect(() => loadNetworks(file)).toThrow(`${file}: `)
    expect(() => loadNetworks(file)).toThrow(says)
    expect(() => loadNetworks(file)).toThrow('run npm run build')
  })
}

test('networks: every shorter file is refused', () => {
  for (let length = 0; length < whole.length; length++)
    expect(() => new Networks(whole.subarray(0, length), 'x'), `first ${length} bytes`).toThrow('run npm run build')
})

test('networks: a file that lies anywhere in a buffer is read', () => {
  for (let shift = 0; shift < 8; shift++) {
    const arena = new Uint8Array(whole.length + 8)
    arena.set(whole, shift)
    const networks = new Networks(arena.subarray(shift, shift + whole.length), 'x')
    expect(about(networks, '1.0.0.9')).toBe('AU AS1 one')
  }
})

test('networks: a file that is not there says what to do', () => {
  const file = join(temporaryFolder(), 'networks.bin')
  expect(() => loadNetworks(file)).toThrow(
    `${file}: the table of countries and networks is not there; run npm run build`,
  )
})

describe('networks: what the npm packages say', () => {
  let folder = ''
  let networks: Networks
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'seekwatch-test-'))
    buildNetworks(join(folder, 'networks.bin'))
    networks = loadNetworks(join(folder, 'networks.bin'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const facts: Record<string, RegExp> = {
    '116.205.40.113': /^CN AS55990 /,
    '3.173.21.63': /^US AS16509 /,
    '77.88.8.8': /^RU AS13238 /,
    '8.8.8.8': /^US AS15169 /,
    '1.1.1.1': /^.. AS13335 /,
    '195.113.0.1': /^CZ AS2852 CESNET/,
    '195.113.255.254': /^CZ AS2852 /,
    '217.31.205.50': /^CZ AS25192 /,
    '77.75.79.222': /^CZ AS43037 /,
    '193.0.6.139': /^NL AS3333 /,
    '39.105.119.168': /^CN AS37963 /,
    '2407:c080:802:1ce8::1': /^CN AS55990 /,
    '2a02:6b8::feed:ff': /^RU AS13238 /,
    '2001:718:1:101::1': /^CZ AS2852 /,
    '2001:4860:4860::8888': /^US AS15169 /,
    '2606:4700:4700::1111': /^US AS13335 /,
    '240e::1': /^CN AS4134 /,
    '::ffff:195.113.0.1': /^CZ AS2852 /,
    '192.168.1.1': /^- -$/,
    '172.16.0.1': /^- -$/,
    '10.0.0.1': /^- -$/,
    '127.0.0.1': /^- -$/,
    '203.0.113.5': /^- -$/,
    '224.0.0.251': /^- -$/,
    '2001:db8::1': /^- -$/,
    'fe80::1': /^- -$/,
    'fd00::1': /^- -$/,
    '::1': /^- -$/,
  }
  for (const [address, want] of Object.entries(facts))
    test(`${address} is ${want.source}`, () => expect(about(networks, address)).toMatch(want))

  test('the file is small, whole, and no unfinished one is left', () => {
    expect(statSync(join(folder, 'networks.bin')).size).toBeLessThan(32 * 1024 * 1024)
    expect(readFileSync(join(folder, 'networks.bin')).toString('latin1', 0, 8)).toBe('SWNETS01')
  })
})
