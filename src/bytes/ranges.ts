/**
 * What a range of addresses stands for: flat, sorted tables and their search.
 *
 * Whoever builds a table has ranges that may overlap and nest. `flatten` turns
 * them into pieces that cover the whole address space without a gap, so that a
 * question is one binary search over the places where a piece begins:
 *
 *   ranges     |----------- 7 -----------|        |-- 7 --|
 *                      |-- 9 --|
 *   starts  0  a       b        c         d        e       f
 *   values  -1 7       9        7         -1       7       -1
 *
 * A start takes one 32-bit word for IPv4 and four, highest first, for IPv6, in
 * the order of numbers (the words themselves lie as the machine likes). Where
 * ranges overlap, the narrowest decides, and of two equally narrow ones the one
 * that was given first; this holds in whatever order the ranges come.
 */

import { i32, u32 } from './read.ts'

/** The value of addresses that no range holds. */
export const NONE = -1

const IPV4_WORDS = 1
const IPV6_WORDS = 4
const IPV4_BYTES = 4

/** The addresses from `start` to `end`, both included. */
export interface Range {
  start: bigint
  end: bigint
  /** What the range stands for: 0 to 2^31-1. */
  value: number
}

/** Pieces of one address family. */
export interface RangeTable {
  /** Where each piece begins; the first is address 0. */
  readonly starts: Uint32Array
  /** What each piece stands for, or NONE. */
  readonly values: Int32Array
}

/** IPv4 and IPv6 together. IPv4 inside IPv6 (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2) is looked up as IPv4. */
export class AddressTable {
  readonly ipv4: RangeTable
  readonly ipv6: RangeTable

  constructor(ipv4: RangeTable, ipv6: RangeTable) {
    this.ipv4 = ipv4
    this.ipv6 = ipv6
  }

  /**
   * The value of the address of `length` bytes (4 or 16) at `at`, in network byte order, or NONE.
   * Does not check that the bytes are there.
   */
  find(bytes: Uint8Array, at: number, length: number): number {
    if (length === IPV4_BYTES) return findIpv4(this.ipv4, bytes, at)
    if (isMapped(bytes, at)) return findIpv4(this.ipv4, bytes, at + 12)
    return findIpv6(this.ipv6, bytes, at)
  }
}

/**
 * The table of IPv4 ranges; what `over` names wins over all others, however narrow they are.
 * Throws a RangeError for a range that ends before it starts or leaves the address space.
 */
export function flattenIpv4(ranges: readonly Range[], over: readonly Range[] = []): RangeTable {
  return flatten(IPV4_WORDS, ranges, over)
}

/** The table of IPv6 ranges; see `flattenIpv4`. */
export function flattenIpv6(ranges: readonly Range[], over: readonly Range[] = []): RangeTable {
  return flatten(IPV6_WORDS, ranges, over)
}

interface Candidate extends Range {
  /** How many addresses it holds, less one; -1 where it wins over all. */
  width: bigint
  order: number
}

function flatten(words: number, ranges: readonly Range[], over: readonly Range[]): RangeTable {
  const size = 1n << BigInt(32 * words)
  const candidates: Candidate[] = []
  for (const range of over) candidates.push({ ...range, width: -1n, order: candidates.length })
  for (const range of ranges) candidates.push({ ...range, width: range.end - range.start, order: candidates.length })
  for (const { start, end } of candidates)
    if (start < 0n || start > end || end >= size) throw new RangeError(`not a range of addresses: ${start} to ${end}`)
  candidates.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))

  const pieces = new Pieces(words)
  const active: Candidate[] = [] // those that hold `position`, and some that are over; the last one decides
  let position = 0n
  const advance = (limit: bigint): void => {
    while (position < limit) {
      const top = active.at(-1)
      if (top !== undefined && top.end < position) {
        active.pop()
        continue
      }
      pieces.add(position, top?.value ?? NONE)
      position = top !== undefined && top.end < limit ? top.end + 1n : limit
    }
  }
  for (const candidate of candidates) {
    advance(candidate.start)
    let at = active.length
    while (at > 0 && decides(active[at - 1]!, candidate)) at--
    active.splice(at, 0, candidate)
  }
  advance(size)
  return pieces.table()
}

function decides(a: Candidate, b: Candidate): boolean {
  return a.width < b.width || (a.width === b.width && a.order < b.order)
}

/** Collects pieces in order; neighbours with the same value become one. */
class Pieces {
  readonly #words: number
  readonly #starts: number[] = []
  readonly #values: number[] = []

  constructor(words: number) {
    this.#words = words
  }

  add(start: bigint, value: number): void {
    if (this.#values.at(-1) === value) return
    for (let word = this.#words - 1; word >= 0; word--)
      this.#starts.push(Number((start >> BigInt(32 * word)) & 0xffffffffn))
    this.#values.push(value)
  }

  table(): RangeTable {
    return { starts: Uint32Array.from(this.#starts), values: Int32Array.from(this.#values) }
  }
}

function isMapped(bytes: Uint8Array, at: number): boolean {
  return i32(bytes, at) === 0 && i32(bytes, at + 4) === 0 && i32(bytes, at + 8) === 0xffff
}

// Both searches look for the last piece that begins at or before the address. There always is one, for piece 0 begins
// at address 0; that is the invariant behind every `!` below.

function findIpv4(table: RangeTable, bytes: Uint8Array, at: number): number {
  const { starts, values } = table
  const address = u32(bytes, at)
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (starts[middle]! > address) high = middle - 1
    else low = middle
  }
  return values[low]!
}

function findIpv6(table: RangeTable, bytes: Uint8Array, at: number): number {
  const { starts, values } = table
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (isAfter(starts, middle * IPV6_WORDS, bytes, at)) high = middle - 1
    else low = middle
  }
  return values[low]!
}

/** Whether the four words at `word` are more than the 16 bytes at `at`. */
function isAfter(starts: Uint32Array, word: number, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < IPV6_WORDS; i++) {
    const start = starts[word + i]!
    const part = u32(bytes, at + 4 * i)
    if (start !== part) return start > part
  }
  return false
}
