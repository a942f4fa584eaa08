/**
 * Stable numbers and ids of what is exported: the same rule set gives the same
 * text on every run and every machine, and a tool that gets the next version
 * knows which entries it has already. So ids are hashes of what a thing is,
 * and times come from the versions of packs.
 */

import { createHash } from 'node:crypto'
import type { Entry } from './entry.ts'

/** The namespace of our ids (RFC 9562 section 6.6): drawn once, and never to change. */
const NAMESPACE = Buffer.from('953e8a0f19734282b79ec27531eb55cf', 'hex')

/**
 * The first and last number of our Suricata rules. Numbers up to 999,999 are Snort's, a million more is for rules that
 * people write themselves, 2,000,000 to 2,999,999 belong to Emerging Threats. Below 2^31, because not every tool
 * that reads alerts keeps a larger number.
 */
export const SID_FIRST = 1_200_000_000
export const SID_LAST = 1_999_999_999

/** Numbers of an indicator: one for each kind of fact that a rule is made for. */
export const SIDS_PER_ENTRY = 8
const SLOTS = (SID_LAST - SID_FIRST + 1) / SIDS_PER_ENTRY

const DAY_MS = 86_400_000
const SERIAL_MAX = 0x7fffffff

/** The UUIDv5 of a thing that is what `parts` say, in this order. */
export function uuidOf(...parts: readonly string[]): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(parts.join('\0')).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** What an entry is among all others. */
export function entryKey({ rule, indicator }: Entry): string[] {
  const match = 'match' in indicator ? indicator.match : 'method' in indicator ? indicator.method : ''
  return [rule.id, indicator.kind, match, indicator.value]
}

/** Hands out the first of the numbers of each entry. Two entries whose hashes meet get neighbouring ones. */
export class SidBook {
  readonly #taken = new Set<number>()

  /** The number of the first rule that is made of what `key` says; the next `SIDS_PER_ENTRY` - 1 are free, too. */
  first(key: readonly string[]): number {
    let slot = createHash('sha256').update(key.join('\0')).digest().readUIntBE(0, 6) % SLOTS
    while (this.#taken.has(slot)) slot = (slot + 1) % SLOTS
    this.#taken.add(slot)
    return SID_FIRST + slot * SIDS_PER_ENTRY
  }
}

/** A version as a number that rises with it, below 2^31: 2026112201 for `2026.11.22.1`. */
export function serialOf(version: string): number {
  const [year, month, day, count] = numbersOf(version)
  return Math.min(year * 1_000_000 + month * 10_000 + day * 100 + Math.min(count, 99), SERIAL_MAX)
}

/**
 * The number of a list that several packs make. It rises when any of them gets a newer version that is not older than
 * those of the others: the count of versions of the newest day, behind that day.
 */
export function commonSerial(versions: readonly string[]): number {
  const days = versions.map((version) => Math.floor(serialOf(version) / 100))
  const newest = Math.max(0, ...days)
  const counts = versions.filter((_, i) => days[i] === newest).map((version) => 1 + (numbersOf(version)[3] ?? 0))
  const count = counts.reduce((sum, one) => sum + one, 0) - 1
  return Math.min(newest * 100 + Math.min(Math.max(count, 0), 99), SERIAL_MAX)
}

/** The beginning of the day of a version, each further version of the day a second later. Milliseconds since 1970. */
export function timeOf(version: string): number {
  const [year, month, day, count] = numbersOf(version)
  const time = Date.UTC(year, month - 1, day) + Math.min(count, DAY_MS / 1000 - 1) * 1000
  return Math.min(Math.max(time, 0), Date.UTC(9999, 11, 31))
}

/** The beginning of the first day that `seen` (`2026`, `2026-05`, `2026-05-21/2026-09-24`) names; null when none. */
export function firstSeen(seen: string): number | null {
  const [first = ''] = seen.split('/')
  if (first === '') return null
  const [year, month, day] = numbersOf(first)
  return Math.max(Date.UTC(year, Math.max(month, 1) - 1, Math.max(day, 1)), 0)
}

function numbersOf(text: string): [number, number, number, number] {
  const [year = 0, month = 0, day = 0, count = 0] = text.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0)
  return [year, month, day, count]
}
