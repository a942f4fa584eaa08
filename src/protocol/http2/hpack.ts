/**
 * HPACK, RFC 7541: the compressed fields of HTTP/2.
 *
 *   1xxxxxxx  an entry of the tables                         (section 6.1)
 *   01xxxxxx  a field, to be added to the dynamic table      (6.2.1)
 *   001xxxxx  a new size of the dynamic table                (6.3)
 *   000xxxxx  a field that is not added                      (6.2.2, 6.2.3)
 *
 * Every block changes the table that the next one needs, so all of them must be
 * decoded, in order, and after one fault nothing can be read any more. A few
 * bytes can stand for a lot of text; what is counted is the text.
 *
 * Values that nobody wants (cookies!) are measured and not kept, neither here
 * nor in the table.
 */

import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE } from '../../bytes/outcome.ts'
import { u8 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'
import { type HeaderList, isWanted, takeHeader } from './header-list.ts'
import { decodeHuffman } from './huffman.ts'
import { STATIC_TABLE } from './static-table.ts'

/** Size of the dynamic table before anybody says another (RFC 9113 section 6.5.2). */
const TABLE_BYTES_FIRST = 4096
/** Largest dynamic table that is followed; the largest that browsers offer. */
export const TABLE_BYTES_MAX = 65_536
/** Largest message in fields, as RFC 9113 section 6.5.2 counts them; twice what servers take. */
export const LIST_BYTES_MAX = 131_072
/** Longest single string in bytes on the wire; a frame may be longer, a field of a real message is not. */
export const STRING_BYTES_MAX = 65_536
const ENTRY_BYTES = 32 // what an entry counts beyond its texts (section 4.1)

interface Entry {
  name: string
  value: string
  /** Bytes of name and value and 32 more: the value may be gone. */
  size: number
}

const staticEntries: readonly Entry[] = STATIC_TABLE.map(({ name, value }) => ({
  name,
  value,
  size: name.length + value.length + ENTRY_BYTES,
}))

/** The dynamic table of one direction of one connection. */
export class HpackTable {
  #entries: Entry[] = [] // oldest first
  #size = 0
  #sizeMax = TABLE_BYTES_FIRST

  /** Entry `index` of both tables, from 1; undefined when there is none. */
  entry(index: number): Entry | undefined {
    if (index <= staticEntries.length) return staticEntries[index - 1]
    return this.#entries[this.#entries.length - (index - staticEntries.length)]
  }

  add(entry: Entry): void {
    this.#size += entry.size
    this.#entries.push(entry)
    this.#evict()
  }

  resize(sizeMax: number): void {
    this.#sizeMax = sizeMax
    this.#evict()
  }

  #evict(): void {
    let gone = 0
    while (this.#size > this.#sizeMax) this.#size -= this.#entries[gone++]!.size
    if (gone > 0) this.#entries.splice(0, gone)
  }
}

// written and read within one call; nothing is kept in it
const scratch = new Uint8Array(2 * STRING_BYTES_MAX)

/** Where the block is being read, and what the last read gave. */
interface Reading {
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  number: number
  /** The last string: text[0, length) of `source` from `from` on. */
  source: Uint8Array
  from: number
  length: number
}

/**
 * Decodes the block bytes[start, end) into `list`.
 * Returns `end`, or why not: then the table cannot be used any more.
 */
export function decodeBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  table: HpackTable,
  list: HeaderList,
): number {
  const reading: Reading = { bytes, at: start, end, number: 0, source: scratch, from: 0, length: 0 }
  let listBytes = 0
  while (reading.at < end) {
    const first = u8(bytes, reading.at)
    let entry: Entry | undefined
    if (first >= 0x80) {
      const outcome = readInteger(reading, 7)
      if (outcome < 0) return outcome
      entry = reading.number === 0 ? undefined : table.entry(reading.number)
      if (!entry) return MALFORMED_VALUE
    } else if ((first & 0xe0) === 0x20) {
      const outcome = readInteger(reading, 5)
      if (outcome < 0) return outcome
      if (reading.number > TABLE_BYTES_MAX) return LIMIT_REACHED
      table.resize(reading.number)
      continue
    } else {
      const isAdded = first >= 0x40
      const outcome = readInteger(reading, isAdded ? 6 : 4)
      if (outcome < 0) return outcome
      const literal = readLiteral(reading, table)
      if (typeof literal === 'number') return literal
      if (isAdded) table.add(literal)
      entry = literal
    }
    listBytes += entry.size
    if (listBytes > LIST_BYTES_MAX) return LIMIT_REACHED
    takeHeader(list, entry.name, entry.value)
  }
  return end
}

/** A field whose name is the entry of the last number or, when that is 0, a string; or why it cannot be read. */
function readLiteral(reading: Reading, table: HpackTable): Entry | number {
  const index = reading.number
  let name = index === 0 ? undefined : table.entry(index)?.name
  if (index === 0) {
    const outcome = readString(reading)
    if (outcome < 0) return outcome
    name = latin1(reading.source, reading.from, reading.from + reading.length)
  }
  if (name === undefined) return MALFORMED_VALUE
  const outcome = readString(reading)
  if (outcome < 0) return outcome
  const value = isWanted(name) ? latin1(reading.source, reading.from, reading.from + reading.length) : ''
  return { name, value, size: name.length + reading.length + ENTRY_BYTES }
}

/** Section 5.1: a number in the low `prefix` bits of a byte and, when they are all ones, in groups of 7 after it. */
function readInteger(reading: Reading, prefix: number): number {
  const { bytes, end } = reading
  if (reading.at === end) return MALFORMED_LENGTH
  const mask = (1 << prefix) - 1
  reading.number = u8(bytes, reading.at++) & mask
  if (reading.number < mask) return reading.at
  for (let shift = 0; shift <= 21; shift += 7) {
    if (reading.at === end) return MALFORMED_LENGTH
    const group = u8(bytes, reading.at++)
    reading.number += (group & 0x7f) << shift
    if (group < 0x80) return reading.at
  }
  return LIMIT_REACHED
}

/** Section 5.2: H(1 bit) length(7+) text(length). */
function readString(reading: Reading): number {
  const { bytes, end } = reading
  const isHuffman = reading.at < end && u8(bytes, reading.at) >= 0x80
  const outcome = readInteger(reading, 7)
  if (outcome < 0) return outcome
  const from = reading.at
  if (reading.number > end - from) return MALFORMED_LENGTH
  if (reading.number > STRING_BYTES_MAX) return LIMIT_REACHED
  reading.at = from + reading.number
  reading.source = isHuffman ? scratch : bytes
  reading.from = isHuffman ? 0 : from
  reading.length = isHuffman ? decodeHuffman(bytes, from, reading.at, scratch) : reading.number
  return reading.length < 0 ? reading.length : reading.at
}
