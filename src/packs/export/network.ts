/**
 * Networks as other tools take them: ranges in CIDR notation, without what
 * their rule excepts. CIDR ranges nest or lie apart, they never overlap halfway.
 */

import { addressText, type Cidr, parseCidr } from '../../bytes/cidr.ts'
import type { NetworkIndicator } from '../pack.ts'
import type { Entry, LeftOut } from './entry.ts'

const BITS = { 4: 32, 6: 128 } as const

/** The ranges that an entry means, without its rule's exceptions. Empty, and counted, when none are left. */
export function networksOf({ rule, indicator }: Entry<NetworkIndicator>, left: LeftOut): Cidr[] {
  let ranges = [cidrOf(indicator.value)].filter((cidr) => cidr !== null)
  if (ranges.length === 0) {
    left.entry('networks that are not in CIDR notation')
    return []
  }
  for (const text of rule.unless.networks) {
    const hole = cidrOf(text)
    if (hole !== null) ranges = ranges.flatMap((range) => without(range, hole))
  }
  if (ranges.length === 0) left.entry('excepted by their own rule')
  return ranges
}

/** True for entries with a range of addresses. */
export function isNetwork(entry: Entry): entry is Entry<NetworkIndicator> {
  return entry.indicator.kind === 'network'
}

/** Sorted, IPv4 first, each range once and none inside another. */
export function outermost(ranges: readonly Cidr[]): Cidr[] {
  const widestFirst = [...ranges].sort(
    (a, b) => a.family - b.family || compare(a.start, b.start) || compare(b.end, a.end),
  )
  const kept: Cidr[] = []
  for (const range of widestFirst) {
    const last = kept.at(-1)
    if (last === undefined || last.family !== range.family || range.start > last.end) kept.push(range)
  }
  return kept
}

/** The prefix length: 32 for one IPv4 address. */
export function prefixLength({ family, start, end }: Cidr): number {
  return BITS[family] - (end - start + 1n).toString(2).length + 1
}

/** True where the range is a single address. */
export function isOneAddress({ start, end }: Cidr): boolean {
  return start === end
}

/** A single address without its prefix length, a wider range with it. */
export function shortText(cidr: Cidr): string {
  return isOneAddress(cidr) ? addressText(cidr.family, cidr.start) : cidr.text
}

/** A range of a pack; null for what is none, which only a rule set that no loader has checked can hold. */
export function cidrOf(text: string): Cidr | null {
  try {
    return parseCidr(text)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** `range` without `hole`, as the fewest ranges there are: its halves, and the halves of that which the hole lies in. */
function without(range: Cidr, hole: Cidr): Cidr[] {
  if (hole.family !== range.family || hole.end < range.start || hole.start > range.end) return [range]
  if (hole.start <= range.start && hole.end >= range.end) return []
  const middle = range.start + (range.end - range.start + 1n) / 2n
  return [rangeOf(range.family, range.start, middle - 1n), rangeOf(range.family, middle, range.end)].flatMap((half) =>
    without(half, hole),
  )
}

function rangeOf(family: 4 | 6, start: bigint, end: bigint): Cidr {
  const range = { text: '', family, start, end }
  return { ...range, text: `${addressText(family, start)}/${prefixLength(range)}` }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
