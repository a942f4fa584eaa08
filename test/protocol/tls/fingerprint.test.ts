import { describe, expect, test } from 'vitest'
import { type ClientHello, emptyHello } from '../../../src/protocol/tls/client-hello.ts'
import { isGrease, withoutGrease } from '../../../src/protocol/tls/grease.ts'
import { ja3 } from '../../../src/protocol/tls/ja3.ts'
import { type Ja4Transport, ja4 } from '../../../src/protocol/tls/ja4.ts'
import { readHelloRecords } from '../../../src/protocol/tls/record.ts'
import { newestVersion } from '../../../src/protocol/tls/version.ts'
import { REAL_HELLOS } from './material.ts'

const hello = (parts: Partial<ClientHello>): ClientHello => ({ ...emptyHello(), ...parts })
const numbers = (hexList: string): number[] => hexList.split(',').map((value) => Number.parseInt(value, 16))

function helloOf(records: Uint8Array): ClientHello {
  const read = emptyHello()
  expect(readHelloRecords(records, 0, records.length, read)).toBe(records.length)
  return read
}

describe('JA3', () => {
  // the two examples of the description, github.com/salesforce/ja3
  const published = [
    {
      parts: {
        legacyVersion: 769,
        cipherSuites: [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
        extensions: [0, 10, 11],
        groups: [23, 24, 25],
        pointFormats: [0],
      },
      text: '769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0',
      hash: 'ada70206e40642a3e4461f35503241d5',
    },
    {
      parts: { legacyVersion: 769, cipherSuites: [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99] },
      text: '769,4-5-10-9-100-98-3-6-19-18-99,,,',
      hash: 'de350869b8c85de67a350c8d186f11e6',
    },
  ]
  test.each(published)('published: $text', ({ parts, text, hash }) => {
    expect(ja3(hello(parts))).toEqual({ text, hash })
  })

  test('GREASE is left out of ciphers, extensions and groups', () => {
    const parts = { legacyVersion: 771, cipherSuites: [0x1a1a, 5], extensions: [0xdada, 0], groups: [0xfafa, 29] }
    expect(ja3(hello(parts)).text).toBe('771,5,0,29,')
  })

  // by tshark 4.0.17
  const byTshark = [
    { name: 'chromium', hash: '5ea67355df0259de49cb49c3bb7e6103' },
    { name: 'curl', hash: '0149f47eabf9a20d0893e2a44e5a6323' },
    { name: 'curlTls12', hash: '87b9bfc7da97115ed2276737b09f8d74' },
    { name: 'node', hash: '0cce74b0d9b7f8528fb2181588d23793' },
    { name: 'python', hash: '331a436afb23d4e31134c11b301bdcb5' },
    { name: 'nameless', hash: 'c1e58b5fa361cf5bfc0635a61bd8573c' },
  ] as const
  test.each(byTshark)('as tshark says: $name', ({ name, hash }) => {
    expect(ja3(helloOf(REAL_HELLOS[name])).hash).toBe(hash)
  })
})

describe('JA4', () => {
  // the example of the description, technical_details/JA4.md of github.com/FoxIO-LLC/ja4
  const PUBLISHED = hello({
    versions: [0x0304, 0x0303],
    alpn: ['h2', 'http/1.1'],
    cipherSuites: numbers('1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035'),
    extensions: numbers('001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015'),
    signatureAlgorithms: numbers('0403,0804,0401,0503,0805,0501,0806,0601'),
  })

  test('published: a browser', () => {
    expect(ja4(PUBLISHED, 't')).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1')
  })

  test('published: without signature algorithms', () => {
    expect(ja4({ ...PUBLISHED, signatureAlgorithms: [] }, 't')).toBe('t13d1516h2_8daaf6152771_6d807ffa2a79')
  })

  test('nothing is a row of zeros, not the hash of nothing', () => {
    expect(ja4(hello({ versions: [0x0303] }), 't')).toBe('t12i000000_000000000000_000000000000')
    const nameAndAlpn = hello({ versions: [0x0303], extensions: [0, 16], alpn: ['h2'], signatureAlgorithms: [0x0403] })
    expect(ja4(nameAndAlpn, 't')).toBe('t12d0002h2_000000000000_000000000000')
  })

  test('GREASE changes nothing, wherever it stands', () => {
    const greased = {
      ...PUBLISHED,
      versions: [0xfafa, ...PUBLISHED.versions],
      cipherSuites: [0x0a0a, ...PUBLISHED.cipherSuites],
      extensions: [0x5a5a, ...PUBLISHED.extensions, 0xbaba],
      signatureAlgorithms: [0x2a2a, ...PUBLISHED.signatureAlgorithms],
    }
    expect(ja4(greased, 't')).toBe(ja4(PUBLISHED, 't'))
  })

  test('the order of ciphers and extensions changes nothing, that of signature algorithms does', () => {
    const turned = { cipherSuites: PUBLISHED.cipherSuites.toReversed(), extensions: PUBLISHED.extensions.toReversed() }
    expect(ja4({ ...PUBLISHED, ...turned }, 't')).toBe(ja4(PUBLISHED, 't'))
    const signatures = { signatureAlgorithms: PUBLISHED.signatureAlgorithms.toReversed() }
    expect(ja4({ ...PUBLISHED, ...signatures }, 't')).not.toBe(ja4(PUBLISHED, 't'))
  })

  test('computing leaves the hello as it is', () => {
    const before = structuredClone(PUBLISHED)
    ja4(PUBLISHED, 't')
    expect(PUBLISHED).toEqual(before)
  })

  test('SCSV and reserved values count as ciphers', () => {
    expect(ja4(hello({ versions: [0x0303], cipherSuites: [0x00ff, 0x5600, 0xfe00] }), 't')).toMatch(/^t12i0300/)
  })

  test('counts end at 99', () => {
    const many = Array.from({ length: 200 }, (_, i) => 0x3000 + i)
    expect(ja4(hello({ versions: [0x0303], cipherSuites: many, extensions: many }), 't')).toMatch(/^t12i999900_/)
  })

  const alpn = [
    { value: '', want: '00' },
    { value: 'a', want: 'aa' },
    { value: 'h3-16', want: 'h6' },
    { value: 'http/1.1', want: 'h1' },
    { value: 'H2', want: 'H2' },
    // the five examples of the description
    { value: '\xab', want: 'ab' },
    { value: '\xab\xcd', want: 'ad' },
    { value: '0\xab', want: '3b' },
    { value: '01\xab\xcd', want: '3d' },
    { value: '0\xab\xcd1', want: '01' },
    { value: '\x1b[2J', want: '1a' },
    { value: ':;', want: '3b' },
  ]
  test.each(alpn)('ALPN $value is $want', ({ value, want }) => {
    expect(ja4(hello({ alpn: [value, 'h2'], extensions: [16] }), 't').slice(8, 10)).toBe(want)
  })

  const versions: Array<{ list: number[]; transport: Ja4Transport; want: string }> = [
    { list: [0x0304], transport: 'q', want: 'q13' },
    { list: [0x0301, 0x0304, 0x0303], transport: 't', want: 't13' },
    { list: [0x0302], transport: 't', want: 't11' },
    { list: [0x0301], transport: 't', want: 't10' },
    { list: [0x0300], transport: 't', want: 'ts3' },
    { list: [0x0002], transport: 't', want: 'ts2' },
    { list: [0xfefd, 0xfefc], transport: 'd', want: 'dd3' },
    { list: [0xfeff, 0xfefd], transport: 'd', want: 'dd2' },
    { list: [0xfeff], transport: 'd', want: 'dd1' },
    { list: [0x9999], transport: 't', want: 't00' },
    { list: [0x0a0a], transport: 't', want: 't00' },
    { list: [], transport: 't', want: 't00' },
  ]
  test.each(versions)('versions $list over $transport: $want', ({ list, transport, want }) => {
    expect(ja4(hello({ versions: list }), transport).slice(0, 3)).toBe(want)
  })

  // Chromium: as the snapshot of its hello in FoxIO's repository (sigalg-grease.pcapng) has it
  test('a real hello of Chromium', () => {
    expect(ja4(helloOf(REAL_HELLOS.chromium), 't')).toBe('t13d1517h2_8daaf6152771_cb7bf5808d99')
  })
})

describe('GREASE', () => {
  test('sixteen values of 65,536', () => {
    const all = Array.from({ length: 0x10000 }, (_, value) => value)
    const kept = new Set(withoutGrease(all))
    const grease = all.filter((value) => !kept.has(value))
    expect(grease).toEqual(Array.from({ length: 16 }, (_, i) => i * 0x1010 + 0x0a0a))
    expect(grease.every(isGrease)).toBe(true)
  })

  test('the newest version is never GREASE', () => {
    expect(newestVersion([0xfafa, 0x0303])).toBe(0x0303)
    expect(newestVersion([0x7f1c, 0x0303])).toBe(0x7f1c)
    expect(newestVersion([0x7f1c, 0x0304])).toBe(0x0304)
    expect(newestVersion([])).toBe(0)
  })
})
