import { Address4, Address6 } from 'ip-address'
import { expect, test } from 'vitest'
import { addressTable, networkTable } from '../../src/detect/network-table.ts'
import { parseTwice } from '../support/arena.ts'
import { random } from '../support/random.ts'

/** Ranges, asked which of them is the narrowest one that holds an address. */
class Ranges {
  readonly #nodes: Int32Array
  readonly #table: ReturnType<typeof networkTable>['table']

  constructor(cidrs: readonly string[]) {
    const { table, nodes } = networkTable(cidrs)
    this.#table = table
    this.#nodes = nodes
  }

  find(bytes: Uint8Array, at: number, length: number): number {
    const node = addressTable(this.#table).find(bytes, at, length)
    return node < 0 ? -1 : this.#nodes.indexOf(node)
  }

  /** All ranges that hold it, the narrowest first. */
  all(bytes: Uint8Array, at: number, length: number): number[] {
    const found: number[] = []
    for (let node = addressTable(this.#table).find(bytes, at, length); node >= 0; node = this.#table.parents[node]!)
      found.push(this.#nodes.indexOf(node))
    return found
  }
}

function addressBytes(text: string): Uint8Array {
  const address = text.includes(':') ? new Address6(text) : new Address4(text)
  const digits = address.bigInt().toString(16)
  return Buffer.from(digits.padStart(text.includes(':') ? 32 : 8, '0'), 'hex')
}

function find(set: Ranges, address: string): number {
  return parseTwice(addressBytes(address), (bytes, start, end) => set.find(bytes, start, end - start))
}

const CIDRS = [
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.2.3/32',
  '10.1.0.0/16',
  '3.173.21.63/32',
  '2001:db8::/32',
  '2001:db8:1::/48',
  '2001:db8::1/128',
  '128.0.0.0/1',
  '255.255.255.255/32',
]
const set = new Ranges(CIDRS)

const stories: Array<{ name: string; asked: string; want: string | null }> = [
  { name: 'a single address', asked: '3.173.21.63', want: '3.173.21.63/32' },
  { name: 'the one before it', asked: '3.173.21.62', want: null },
  { name: 'the one behind it', asked: '3.173.21.64', want: null },
  { name: 'the first of a range', asked: '10.0.0.0', want: '10.0.0.0/8' },
  { name: 'the last of a range', asked: '10.255.255.255', want: '10.0.0.0/8' },
  { name: 'behind the last', asked: '11.0.0.0', want: null },
  { name: 'nested: the more specific one', asked: '10.1.255.255', want: '10.1.0.0/16' },
  { name: 'nested twice', asked: '10.1.2.3', want: '10.1.2.3/32' },
  { name: 'the outer one behind the inner one', asked: '10.2.0.0', want: '10.0.0.0/8' },
  { name: 'above the sign bit', asked: '200.1.1.1', want: '128.0.0.0/1' },
  { name: 'the last address', asked: '255.255.255.255', want: '255.255.255.255/32' },
  { name: 'the first address', asked: '0.0.0.0', want: null },
  { name: 'IPv6', asked: '2001:db8:ffff::1', want: '2001:db8::/32' },
  { name: 'IPv6, nested', asked: '2001:db8:1:2::', want: '2001:db8:1::/48' },
  { name: 'IPv6, a single address', asked: '2001:db8::1', want: '2001:db8::1/128' },
  { name: 'IPv6 behind it', asked: '2001:db8::2', want: '2001:db8::/32' },
  { name: 'IPv6 that is nobody', asked: '2001:db9::', want: null },
  { name: 'IPv4 inside IPv6', asked: '::ffff:3.173.21.63', want: '3.173.21.63/32' },
  { name: 'IPv4 inside IPv6 that is nobody', asked: '::ffff:3.173.21.64', want: null },
  { name: 'IPv6 that only looks like it', asked: '::fffe:3.173.21.63', want: null },
]

for (const { name, asked, want } of stories) {
  test(`networks: ${name}`, () => expect(find(set, asked)).toBe(want === null ? -1 : CIDRS.indexOf(want)))
}

test('networks: an empty one holds nothing', () => {
  const empty = new Ranges([])
  for (const address of ['0.0.0.0', '255.255.255.255', '::', '::ffff:1.2.3.4', 'ffff::'])
    expect(find(empty, address)).toBe(-1)
})

test('networks: everything', () => {
  const all = new Ranges(['0.0.0.0/0', '::/0'])
  expect(['0.0.0.0', '255.255.255.255', '::ffff:1.2.3.4', '::1'].map((address) => find(all, address))).toEqual([
    0, 0, 0, 1,
  ])
})

test('networks: what is no range is refused', () => {
  expect(() => new Ranges(['10.0.0.0/8', 'acme.example'])).toThrow(RangeError)
})

for (const seed of [1, 2, 3, 4]) {
  test(`networks: agrees with looking at every range (seed ${seed})`, () => {
    const next = random(seed)
    // Few bits, so that ranges nest and addresses meet them.
    const ipv4 = (): bigint => BigInt(next(4)) * 2n ** 30n + BigInt(next(8)) * 2n ** 16n + BigInt(next(16))
    const ipv6 = (): bigint =>
      BigInt(next(4)) * 2n ** 126n + BigInt(next(4)) * 2n ** 70n + BigInt(next(4)) * 2n ** 40n + BigInt(next(16))
    const ranges = Array.from({ length: 60 }, () => {
      const bits = next(2) === 0 ? 32 : 128
      const length = next(bits + 1)
      const hosts = (1n << BigInt(bits - length)) - 1n
      const start = (bits === 32 ? ipv4() : ipv6()) & ~hosts
      const address = bits === 32 ? Address4.fromBigInt(start) : Address6.fromBigInt(start)
      return { bits, length, start, end: start | hosts, cidr: `${address.correctForm()}/${length}` }
    }).filter(({ bits, start, length }) => bits === 32 || length < 96 || start >> 32n !== 0xffffn)
    const tested = new Ranges(ranges.map(({ cidr }) => cidr))
    let found = 0
    let missed = 0
    for (let i = 0; i < 4000; i++) {
      const bits = next(2) === 0 ? 32 : 128
      const asked = bits === 32 ? ipv4() : ipv6()
      let want = -1
      ranges.forEach((range, index) => {
        const holds = range.bits === bits && range.start <= asked && asked <= range.end
        if (holds && (want === -1 || range.length > ranges[want]!.length)) want = index
      })
      if (want === -1) missed++
      else found++
      const bytes = Buffer.from(asked.toString(16).padStart(bits / 4, '0'), 'hex')
      expect(tested.find(bytes, 0, bits / 8), `${bits} bits, ${asked.toString(16)}`).toBe(want)
      const holding = ranges.filter((range) => range.bits === bits && range.start <= asked && asked <= range.end)
      const widths = new Set(holding.map(({ length }) => length))
      expect(tested.all(bytes, 0, bits / 8).map((index) => ranges[index]!.length)).toEqual(
        [...widths].sort((a, b) => b - a),
      )
    }
    expect(found, `${found} found, ${missed} missed`).toBeGreaterThan(500)
  })
}
