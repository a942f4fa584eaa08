/**
 * A hash table of ASCII texts that is asked about bytes from the wire: in the
 * form of a domain name, for the name and all its parents at once.
 *
 * The hash runs over the bytes from the last to the first, so on its way to the
 * whole name it passes the hash of each parent:
 *
 *   c h a t . e x a m p l e . c o m
 *   <-------|<--------------|<-----   looked up: com, example.com, chat.example.com
 *
 * Slots hold the numbers of keys, or NONE; a key that finds its slot taken goes
 * to the next one. At most half the slots are in use. The seed is random: a
 * stranger who writes a pack could else choose keys that all want one slot.
 */

import { startOf, type TextTable, textTable } from './text-table.ts'

export const NONE = -1

// RFC 1035 section 2.3.4: 255 bytes on the wire, each of which may be written as \046
export const NAME_CHARACTERS_MAX = 1020

const DOT = 0x2e

export interface KeyTable {
  /** The keys, in lower case. */
  readonly keys: TextTable
  /** A power of two many. */
  readonly slots: Int32Array
  readonly seed: number
  /** Most labels of a key: of a name with more, only so many last ones are looked at. */
  readonly labelsMax: number
}

/** @param keys in lower case, each once */
export function keyTable(keys: readonly string[], seed: number): KeyTable {
  const texts = textTable(keys)
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * keys.length + 2))).fill(NONE)
  let labelsMax = 0
  for (let key = 0; key < keys.length; key++) {
    let hash = seed
    let labels = 1
    for (let at = texts.ends[key]! - 1; at >= startOf(texts, key); at--) {
      hash = mix(hash, texts.bytes[at]!)
      if (texts.bytes[at] === DOT) labels++
    }
    labelsMax = Math.max(labelsMax, labels)
    let slot = spread(hash) & (slots.length - 1)
    while (slots[slot] !== NONE) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = key
  }
  return { keys: texts, slots, seed, labelsMax }
}

/**
 * The keys that are the name bytes[start, end) or a parent of it, on borders of labels, from the shortest on: their
 * numbers are put into `found`. Case and one final dot make no difference; a name longer than DNS allows meets nothing.
 * @param found has room for `labelsMax` numbers
 * @returns how many there are; the last one is the whole name when it ends up in `found` with all of its bytes
 */
export function findParents(table: KeyTable, bytes: Uint8Array, start: number, end: number, found: Int32Array): number {
  if (end > start && bytes[end - 1] === DOT) end--
  if (end - start > NAME_CHARACTERS_MAX) return 0
  const { seed, labelsMax } = table
  let count = 0
  let labels = 0
  let hash = seed
  for (let at = end - 1; at >= start; at--) {
    const byte = lower(bytes[at]!)
    if (byte === DOT) {
      if (++labels > labelsMax) return count
      const key = findKey(table, hash, bytes, at + 1, end)
      if (key !== NONE) found[count++] = key
    }
    hash = mix(hash, byte)
  }
  if (labels >= labelsMax) return count
  const key = findKey(table, hash, bytes, start, end)
  if (key !== NONE) found[count++] = key
  return count
}

/** The key that is exactly bytes[start, end), but for case, or NONE. */
export function findWhole(table: KeyTable, bytes: Uint8Array, start: number, end: number): number {
  let hash = table.seed
  for (let at = end - 1; at >= start; at--) hash = mix(hash, lower(bytes[at]!))
  return findKey(table, hash, bytes, start, end)
}

function findKey(table: KeyTable, hash: number, bytes: Uint8Array, start: number, end: number): number {
  const { keys, slots } = table
  const mask = slots.length - 1
  for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
    const key = slots[slot]!
    if (key === NONE) return NONE
    if (isKey(keys, key, bytes, start, end)) return key
  }
}

function isKey(keys: TextTable, key: number, bytes: Uint8Array, start: number, end: number): boolean {
  let at = startOf(keys, key)
  if (keys.ends[key]! - at !== end - start) return false
  for (let i = start; i < end; i++) if (lower(bytes[i]!) !== keys.bytes[at++]) return false
  return true
}

function mix(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x9e3779b1) ^ (hash >>> 13)
}

function spread(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

/** Only A to Z: other letters have no case in a domain name. */
function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
