import fc from 'fast-check'
import { Address4, Address6, AddressError } from 'ip-address'
import { expect, test } from 'vitest'
import { canonicalCidr, cidrWords, parseCidr, parseRange } from '../../src/bytes/cidr.ts'
import { fuzz } from '../support/random.ts'

const ranges: Array<{ text: string; want: ReturnType<typeof parseCidr> }> = [
  { text: '3.173.21.63/32', want: { text: '3.173.21.63/32', family: 4, start: 0x03ad153fn, end: 0x03ad153fn } },
  { text: '0.0.0.0/0', want: { text: '0.0.0.0/0', family: 4, start: 0n, end: 0xffffffffn } },
  { text: '192.0.2.0/24', want: { text: '192.0.2.0/24', family: 4, start: 0xc0000200n, end: 0xc00002ffn } },
  {
    text: '2001:DB8:0:0::/64',
    want: {
      text: '2001:db8::/64',
      family: 6,
      start: 0x20010db8n << 96n,
      end: (0x20010db8n << 96n) | 0xffffffffffffffffn,
    },
  },
  { text: '::/0', want: { text: '::/0', family: 6, start: 0n, end: 2n ** 128n - 1n } },
]
for (const { text, want } of ranges) test(`cidr: ${text}`, () => expect(parseCidr(text)).toEqual(want))

const refused: Array<{ text: string; says: string }> = [
  { text: '', says: 'is not a network' },
  { text: 'deepseek.com', says: 'is not a network' },
  { text: '3.173.21.63', says: 'write 3.173.21.63/32' },
  { text: '2001:db8::1', says: 'write 2001:db8::1/128' },
  { text: '192.0.2.77/24', says: 'write 192.0.2.0/24, the network it lies in' },
  { text: '2001:db8::1/64', says: 'write 2001:db8::/64' },
  { text: '192.0.2.0/33', says: 'is not a network' },
  { text: '2001:db8::/129', says: 'is not a network' },
  { text: '192.0.2.0/', says: 'is not a network' },
  { text: '192.0.2.0/-1', says: 'is not a network' },
  { text: '192.0.2/24', says: 'is not a network' },
  { text: '010.0.0.0/8', says: 'is not a network' },
  { text: '0x7f.0.0.1/32', says: 'is not a network' },
  { text: ' 192.0.2.0/24', says: 'is not a network' },
  { text: '192.0.2.0/24\n', says: 'is not a network' },
  { text: 'fe80::%eth0/64', says: 'has a zone' },
  { text: '::ffff:192.0.2.0/120', says: 'write 192.0.2.0/24' },
  { text: '::ffff:c000:201/128', says: 'write 192.0.2.1/32' },
  { text: '1::2::3/64', says: 'is not a network' },
  { text: '[2001:db8::]/32', says: 'is not a network' },
]
for (const { text, says } of refused)
  test(`cidr: refused: ${JSON.stringify(text)}`, () => {
    expect(() => parseCidr(text)).toThrow(RangeError)
    expect(() => parseCidr(text)).toThrow(says)
  })

const addresses: Array<{ text: string; want: string }> = [
  { text: '192.0.2.7', want: '192.0.2.7/32' },
  { text: '192.0.2.0/24', want: '192.0.2.0/24' },
  { text: '2001:DB8::1', want: '2001:db8::1/128' },
]
for (const { text, want } of addresses) test(`range: ${text}`, () => expect(parseRange(text).text).toBe(want))
for (const text of ['192.0.2', '192.0.2.7-9', '192.0.2.256', 'fe80::1%eth0', '::ffff:192.0.2.1', ''])
  test(`range: ${text || 'nothing'} is refused`, () => expect(() => parseRange(text)).toThrow(RangeError))

/** The range as the package reads it, or null. */
function oracle(text: string): ReturnType<typeof parseCidr> | null {
  try {
    const address = text.includes(':') ? new Address6(text) : new Address4(text)
    const family = address instanceof Address4 ? 4 : 6
    const hosts = (1n << BigInt((family === 4 ? 32 : 128) - address.subnetMask)) - 1n
    const start = address.bigInt()
    if (address.parsedSubnet === '' || (start & hosts) !== 0n) return null
    if (family === 6 && address.subnetMask >= 96 && start >> 32n === 0xffffn) return null
    return { text: `${address.correctForm()}/${address.subnetMask}`, family, start, end: start | hosts }
  } catch (error) {
    if (!(error instanceof AddressError)) throw error
    return null
  }
}

test('cidr: what is written plainly is read as the package reads it', () => {
  const number = fc.oneof(
    fc.constantFrom('0', '1', '10', '128', '255', '256', '00', '01', '1e', ''),
    fc.nat(300).map(String),
  )
  const ipv4 = fc.array(number, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'))
  const zeros = fc
    .array(fc.constantFrom('0', '0', '64', '128'), { minLength: 4, maxLength: 4 })
    .map((parts) => parts.join('.'))
  const group = fc.constantFrom('0', '0', '0000', 'ffff', 'FFFF', '1', 'abc', '8000', '12345', 'g', '', ':', '1.2.3.4')
  const ipv6 = fc.array(group, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(':'))
  const prefix = fc.oneof(
    fc.constantFrom('', '/', '/0', '/00', '/032', '/32', '/33', '/128', '/129', '/-1', '/1 '),
    fc.nat(130).map((n) => `/${n}`),
  )
  let read = 0
  let refused = 0
  fc.assert(
    fc.property(fc.oneof(ipv4, zeros, ipv6), prefix, (address, prefix) => {
      const text = address + prefix
      const want = oracle(text)
      if (want === null) {
        refused++
        for (const reader of [parseCidr, canonicalCidr, cidrWords]) expect(() => reader(text), text).toThrow(RangeError)
      } else {
        read++
        expect(parseCidr(text), text).toEqual(want)
        expect(canonicalCidr(text), text).toBe(want.text)
        const { words, prefix } = cidrWords(text)
        const start = words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)
        expect([start, words.length, `/${prefix}`], text).toEqual([
          want.start,
          want.family === 4 ? 1 : 4,
          want.text.slice(want.text.indexOf('/')),
        ])
      }
    }),
    fuzz(5000),
  )
  expect(Math.min(read, refused), `${read} read, ${refused} refused`).toBeGreaterThan(200)
})
