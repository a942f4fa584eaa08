/**
 * Writes JSON as bytes, member by member, without making objects of it: for
 * lines of which there are as many as messages on the wire.
 *
 * The output is printable ASCII: control characters are escaped as
 * `JSON.stringify` does it, and everything above ASCII too, so that no reader
 * can be misled by the direction or the encoding of a stranger's text. Keys
 * are ours and are written as they are: they must be plain ASCII.
 */

import { putDecimal } from './digits.ts'

const BYTES_AT_FIRST = 1 << 12
/** What one UTF-16 unit can become: `\u1234`. */
const ESCAPED_BYTES = 6
/** Room for what stands around a key and its value. */
const MARKS_BYTES = 8
/** Room for any number, `-1.7976931348623157e+308`. */
const NUMBER_BYTES = 25
const HEX = '0123456789abcdef'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OBJECT = 0x7b
const OBJECT_END = 0x7d
const ARRAY = 0x5b
const ARRAY_END = 0x5d

/** The letter after the backslash, for the control characters that have one: `\n`. */
const SHORT: Readonly<Record<number, string>> = { 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', 34: '"', 92: '\\' }

export class JsonWriter {
  #bytes = new Uint8Array(BYTES_AT_FIRST)
  #length = 0
  /** A member stands before the next one. */
  #isNext = false

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0
    this.#isNext = false
  }

  /** What was written, good until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Opens an object: as a member with a key, or as an element or the whole without. @returns where it begins */
  object(key = ''): number {
    return this.#open(key, OBJECT)
  }

  array(key: string): number {
    return this.#open(key, ARRAY)
  }

  endObject(): void {
    this.#close(OBJECT_END)
  }

  endArray(): void {
    this.#close(ARRAY_END)
  }

  /** Leaves nothing of an object that nothing was put into. @param start what `object` returned */
  endObjectUnlessEmpty(start: number): void {
    if (this.#isNext) this.#close(OBJECT_END)
    else this.#takeBack(start)
  }

  endArrayUnlessEmpty(start: number): void {
    if (this.#isNext) this.#close(ARRAY_END)
    else this.#takeBack(start)
  }

  text(key: string, value: string): void {
    this.#reserve(key.length + ESCAPED_BYTES * value.length + MARKS_BYTES)
    this.#key(key)
    this.#quoted(value)
  }

  /** A member only when there is something to say. */
  someText(key: string, value: string | undefined): void {
    if (value !== undefined && value !== '') this.text(key, value)
  }

  /** @param value finite */
  number(key: string, value: number): void {
    this.#reserve(key.length + NUMBER_BYTES + MARKS_BYTES)
    this.#key(key)
    // as text each would be an object first
    if (value >= 0 && Number.isSafeInteger(value)) this.#length = putDecimal(this.#bytes, this.#length, value)
    else this.#plain(String(value))
  }

  /** A member that is true. */
  flag(key: string): void {
    this.#reserve(key.length + MARKS_BYTES)
    this.#key(key)
    this.#plain('true')
  }

  numbers(key: string, values: readonly number[]): void {
    this.#open(key, ARRAY)
    for (const value of values) this.number('', value)
    this.#close(ARRAY_END)
  }

  someNumbers(key: string, values: readonly number[]): void {
    if (values.length > 0) this.numbers(key, values)
  }

  texts(key: string, values: readonly string[]): void {
    this.#open(key, ARRAY)
    for (const value of values) this.text('', value)
    this.#close(ARRAY_END)
  }

  someTexts(key: string, values: readonly string[]): void {
    if (values.length > 0) this.texts(key, values)
  }

  /** Anything that JSON knows; for what is rare, unless it is a text. */
  value(key: string, value: unknown): void {
    if (typeof value === 'string') {
      this.text(key, value)
      return
    }
    const text = asciiJson(value)
    this.#reserve(key.length + text.length + MARKS_BYTES)
    this.#key(key)
    this.#plain(text)
  }

  #open(key: string, bracket: number): number {
    const start = this.#length
    this.#reserve(key.length + MARKS_BYTES)
    this.#key(key)
    this.#bytes[this.#length++] = bracket
    this.#isNext = false
    return start
  }

  #takeBack(start: number): void {
    const last = this.#bytes[start - 1]
    this.#length = start
    this.#isNext = last !== OBJECT && last !== ARRAY
  }

  #close(bracket: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = bracket
    this.#isNext = true
  }

  // the writing parts: room is there

  /** The comma, and the key unless it is empty, as that of an element is. */
  #key(key: string): void {
    const bytes = this.#bytes
    let at = this.#length
    if (this.#isNext) bytes[at++] = COMMA
    if (key !== '') {
      bytes[at++] = QUOTE
      for (let i = 0; i < key.length; i++) bytes[at++] = key.charCodeAt(i)
      bytes[at++] = QUOTE
      bytes[at++] = COLON
    }
    this.#length = at
    this.#isNext = true
  }

  #quoted(text: string): void {
    const bytes = this.#bytes
    let at = this.#length
    bytes[at++] = QUOTE
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x20 && unit < 0x7f && unit !== QUOTE && unit !== BACKSLASH) bytes[at++] = unit
      else at = putEscaped(bytes, at, unit)
    }
    bytes[at++] = QUOTE
    this.#length = at
  }

  /** @param text ASCII */
  #plain(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i)
  }

  #reserve(bytes: number): void {
    const wanted = this.#length + bytes
    if (wanted <= this.#bytes.length) return
    const grown = new Uint8Array(2 * wanted)
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}

/** A value as JSON text of printable ASCII; the plain way to the same. @param indent blanks for each level, on lines of their own */
export function asciiJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    /[\x7f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function putEscaped(bytes: Uint8Array, at: number, unit: number): number {
  bytes[at++] = BACKSLASH
  const short = SHORT[unit]
  if (short !== undefined) {
    bytes[at++] = short.charCodeAt(0)
    return at
  }
  bytes[at++] = 0x75 // u
  for (let shift = 12; shift >= 0; shift -= 4) bytes[at++] = HEX.charCodeAt((unit >>> shift) & 15)
  return at
}
