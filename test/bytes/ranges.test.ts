import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AddressTable, flattenIpv4, flattenIpv6, NONE, type Range } from '../../src/bytes/ranges.ts'
import { parseTwice } from '../support/arena.ts'
import { fuzz, random } from '../support/random.ts'

const IPV4_LAST = 2n ** 32n - 1n
const IPV6_LAST = 2n ** 128n - 1n
const NOTHING = flattenIpv6([])

function addressBytes(address: bigint, length: 4 | 16): Uint8Array {
  return Buffer.from(address.toString(16).padStart(length * 2, '0'), 'hex')
}

function find(table: AddressTable, address: bigint, length: 4 | 16): number {
  return parseTwice(addressBytes(address, length), (bytes, start) => table.find(bytes, start, length))
}

const range = (start: bigint, end: bigint, value: number): Range => ({ start, end, value })

const stories: Array<{ name: string; ranges: Range[]; over?: Range[]; want: Array<[bigint, number]> }> = [
  {
    name: 'no ranges at all',
    ranges: [],
    want: [
      [0n, NONE],
      [IPV4_LAST, NONE],
    ],
  },
  {
    name: 'the whole space',
    ranges: [range(0n, IPV4_LAST, 7)],
    want: [
      [0n, 7],
      [IPV4_LAST, 7],
    ],
  },
  {
    name: 'one address at each end',
    ranges: [range(0n, 0n, 1), range(IPV4_LAST, IPV4_LAST, 2)],
    want: [
      [0n, 1],
      [1n, NONE],
      [IPV4_LAST - 1n, NONE],
      [IPV4_LAST, 2],
    ],
  },
  {
    name: 'above the sign bit',
    ranges: [range(0x7fffffffn, 0x80000000n, 3)],
    want: [
      [0x7ffffffen, NONE],
      [0x7fffffffn, 3],
      [0x80000000n, 3],
      [0x80000001n, NONE],
    ],
  },
  {
    name: 'nested: the inner one decides, and the outer one goes on behind it',
    ranges: [range(10n, 90n, 1), range(40n, 50n, 2)],
    want: [
      [39n, 1],
      [40n, 2],
      [50n, 2],
      [51n, 1],
      [90n, 1],
      [91n, NONE],
    ],
  },
  {
    name: 'nested with the same start',
    ranges: [range(10n, 90n, 1), range(10n, 20n, 2)],
    want: [
      [10n, 2],
      [20n, 2],
      [21n, 1],
    ],
  },
  {
    name: 'nested with the same end',
    ranges: [range(10n, 90n, 1), range(80n, 90n, 2)],
    want: [
      [79n, 1],
      [80n, 2],
      [90n, 2],
      [91n, NONE],
    ],
  },
  {
    name: 'crossing: the narrower one has what both hold',
    ranges: [range(10n, 50n, 1), range(40n, 60n, 2)],
    want: [
      [39n, 1],
      [40n, 2],
      [50n, 2],
      [60n, 2],
      [61n, NONE],
    ],
  },
  {
    name: 'crossing, the narrower one first',
    ranges: [range(10n, 30n, 1), range(20n, 90n, 2)],
    want: [
      [20n, 1],
      [30n, 1],
      [31n, 2],
    ],
  },
  {
    name: 'the same range twice: the first one counts',
    ranges: [range(10n, 20n, 1), range(10n, 20n, 2)],
    want: [
      [10n, 1],
      [20n, 1],
    ],
  },
  {
    name: 'side by side',
    ranges: [range(10n, 19n, 1), range(20n, 29n, 2)],
    want: [
      [19n, 1],
      [20n, 2],
    ],
  },
  {
    name: 'over wins over narrower ones',
    ranges: [range(12n, 12n, 1), range(0n, 100n, 2)],
    over: [range(10n, 20n, NONE)],
    want: [
      [9n, 2],
      [10n, NONE],
      [12n, NONE],
      [20n, NONE],
      [21n, 2],
    ],
  },
]

for (const { name, ranges, over, want } of stories) {
  test(`ranges: ${name}`, () => {
    for (const given of [ranges, [...ranges].sort((a, b) => Number(b.end - a.end))]) {
      // Turning equal ranges around would change what the story says.
      const table = new AddressTable(flattenIpv4(name.startsWith('the same') ? ranges : given, over), NOTHING)
      for (const [address, value] of want) expect(find(table, address, 4), `address ${address}`).toBe(value)
    }
  })
}

for (const [name, bad] of [
  ['it ends before it starts', range(5n, 4n, 1)],
  ['it begins below zero', range(-1n, 4n, 1)],
  ['it leaves the address space', range(0n, IPV4_LAST + 1n, 1)],
] as const) {
  test(`ranges: refused because ${name}`, () => expect(() => flattenIpv4([bad])).toThrow(RangeError))
}

test('ranges: neighbours with one value are one piece', () => {
  const table = flattenIpv4([range(10n, 19n, 1), range(20n, 29n, 1), range(12n, 15n, 1)])
  expect([...table.starts]).toEqual([0, 10, 30])
  expect([...table.values]).toEqual([NONE, 1, NONE])
})

test('ranges: IPv6 is compared in all four words', () => {
  const edges = [
    0n,
    1n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 64n - 1n,
    2n ** 64n,
    2n ** 96n - 1n,
    2n ** 96n,
    2n ** 127n,
    IPV6_LAST,
  ]
  const table = new AddressTable(flattenIpv4([]), flattenIpv6(edges.map((edge, i) => range(edge, edge, i))))
  edges.forEach((edge, i) => {
    expect(find(table, edge, 16)).toBe(i)
  })
  expect(find(table, 2n ** 64n + 1n, 16)).toBe(NONE)
  expect(find(table, 2n ** 127n - 1n, 16)).toBe(NONE)
})

test('ranges: IPv4 inside IPv6 is looked up as IPv4, and only that', () => {
  const everything = flattenIpv6([range(0n, IPV6_LAST, 6)])
  const table = new AddressTable(flattenIpv4([range(0x08080808n, 0x08080808n, 4)]), everything)
  expect(find(table, 0xffff_08080808n, 16)).toBe(4)
  expect(find(table, 0xffff_08080809n, 16)).toBe(NONE)
  expect(find(table, 0x08080808n, 16), '::8.8.8.8, the old form').toBe(6)
  expect(find(table, 0x1_ffff_08080808n, 16)).toBe(6)
  expect(find(table, 2n ** 127n + 0xffff_08080808n, 16)).toBe(6)
})

/** The obvious answer: of all ranges that hold the address, `over` first, then the narrowest, then the first. */
function model(ranges: readonly Range[], over: readonly Range[], address: bigint): number {
  const holds = ({ start, end }: Range): boolean => start <= address && address <= end
  let best: Range | undefined = over.find(holds)
  if (best !== undefined) return best.value
  for (const one of ranges)
    if (holds(one) && (best === undefined || one.end - one.start < best.end - best.start)) best = one
  return best?.value ?? NONE
}

for (const { family, last, length } of [
  { family: 'IPv4', last: IPV4_LAST, length: 4 },
  { family: 'IPv6', last: IPV6_LAST, length: 16 },
] as const) {
  test(`ranges: any ${family} ranges answer as the model does`, () => {
    let nested = 0
    let missed = 0
    const address = fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(last - 40n, last), fc.bigInt(0n, last))
    const some = fc.array(fc.tuple(address, address, fc.nat(5)), { maxLength: 12 })
    fc.assert(
      fc.property(
        some,
        fc.array(fc.tuple(address, address, fc.constant(99)), { maxLength: 1 }),
        fc.array(address),
        (a, b, asked) => {
          const make = (list: typeof a): Range[] =>
            list.map(([x, y, value]) => (x < y ? range(x, y, value) : range(y, x, value)))
          const [ranges, over] = [make(a), make(b)]
          const table =
            length === 4
              ? new AddressTable(flattenIpv4(ranges, over), NOTHING)
              : new AddressTable(flattenIpv4([]), flattenIpv6(ranges, over))
          const edges = ranges.flatMap(({ start, end }) => [start, end, start - 1n, end + 1n])
          for (const at of [...asked, ...edges]) {
            if (at < 0n || at > last || (length === 16 && at >> 32n === 0xffffn)) continue
            const want = model(ranges, over, at)
            if (want === NONE) missed++
            else if (ranges.filter(({ start, end }) => start <= at && at <= end).length > 1) nested++
            expect(table.find(addressBytes(at, length), 0, length)).toBe(want)
          }
        },
      ),
      fuzz(300),
    )
    expect(Math.min(nested, missed), `${nested} nested, ${missed} missed`).toBeGreaterThan(100)
  })
}

test('ranges: 20,000 ranges one inside the other do not take forever', () => {
  const next = random(1)
  const ranges = Array.from({ length: 20_000 }, (_, i) => range(BigInt(i), BigInt(100_000 - i), i))
  const table = new AddressTable(flattenIpv4(ranges), NOTHING)
  for (let i = 0; i < 1000; i++) {
    const at = next(20_000)
    expect(find(table, BigInt(at), 4)).toBe(at)
  }
  expect(find(table, 100_000n, 4)).toBe(0)
  expect(find(table, 100_001n, 4)).toBe(NONE)
})
