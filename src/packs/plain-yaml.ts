/**
 * The plain part of YAML in which nearly all packs are written, read fast:
 * block maps and lists by indentation, scalars and flow collections that end in
 * their line, comments. At anything else (anchors, tags, texts over several
 * lines, escapes, floats, tabs) it gives up, and the `yaml` package reads the
 * file. So this is no second opinion on what YAML means: what it does read, it
 * reads as the package does, which test/packs/plain-yaml.test.ts holds it to.
 *
 * Why: the package takes 10 s and a gigabyte for a pack of 100,000 entries, and
 * a stranger's file of 16 MiB would take all memory. Here time and memory grow
 * with the file and nothing else (decision 0015).
 */

import type { Path } from './form.ts'

const DEPTH_MAX = 32

/** From 1. */
export interface Place {
  line: number
  column: number
}

export type PlainYaml = { value: unknown } | { gaveUpAt: Place }

/** What `text` says, or where it stops being plain. */
export function readPlainYaml(text: string): PlainYaml {
  const reader = new Reader(text, null)
  const value = reader.read()
  return value === GAVE_UP ? { gaveUpAt: reader.place() } : { value }
}

/**
 * Where the values at `paths` begin, in a text that is plain. A value that is not there has the place of the innermost
 * one on the way to it.
 */
export function placesInPlainYaml(text: string, paths: readonly Path[]): Place[] {
  const places = new Map<string, Place | null>()
  for (const path of paths) for (let i = 0; i <= path.length; i++) places.set(keyOf(path.slice(0, i)), null)
  new Reader(text, places).read()
  return paths.map((path) => {
    for (let length = path.length; length >= 0; length--) {
      const place = places.get(keyOf(path.slice(0, length)))
      if (place) return place
    }
    return { line: 1, column: 1 }
  })
}

function keyOf(path: Path): string {
  return path.join('\0')
}

const GAVE_UP = Symbol('gave up')

// All of these are sticky: they match at `lastIndex` or not at all.
const KEY = /([A-Za-z_][A-Za-z0-9_-]*):(?: +|$)/y
const FLOW_KEY = /([A-Za-z_][A-Za-z0-9_-]*): +/y
const DOUBLE_QUOTED = /"([^"\\]*)"/y
const SINGLE_QUOTED = /'([^']*(?:''[^']*)*)'/y
const PLAIN = /[^\s\-?:,[\]{}#&*!|>'"%@`~].*/y
const FLOW_PLAIN = /[^\s\-?:,[\]{}#&*!|>'"%@`~][^,[\]{}#]*/y
const REST = / *(?: #.*)?$/y

// What the core schema takes for something else than text (YAML 1.2.2 section 10.3.2), and a little more.
const MAYBE_WORD = /^(?:null|true|false)$/i
const MAYBE_NUMBER = /^[-+]?(?:\.?[0-9][0-9_]*\.?[0-9_]*(?:e[-+]?[0-9]*)?|0x[0-9a-f]*|0o[0-7]*|\.(?:inf|nan))$/i
const WHOLE_NUMBER = /^[0-9]{1,15}$/

/** Reads with one position: a line, and the column (from 0) where its content begins; -1 when there are no more. */
class Reader {
  readonly #lines: readonly string[]
  readonly #places: Map<string, Place | null> | null
  readonly #path: Array<string | number> = []
  #row = -1
  #column = 0

  constructor(text: string, places: Map<string, Place | null> | null) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: whatever YAML may take for more than a character
    const isPlain = !/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/.test(text.replaceAll('\r\n', '\n'))
    this.#lines = isPlain ? text.split(/\r?\n/) : []
    this.#places = places
  }

  place(): Place {
    const row = Math.min(this.#row, this.#lines.length - 1)
    return { line: Math.max(row, 0) + 1, column: Math.max(this.#column, 0) + 1 }
  }

  read(): unknown {
    try {
      this.#next()
      if (this.#column !== 0) throw GAVE_UP
      const value = this.#map(0)
      if (this.#row < this.#lines.length) throw GAVE_UP
      return value
    } catch (thrown) {
      if (thrown !== GAVE_UP) throw thrown
      return GAVE_UP
    }
  }

  /** Goes to the next line that says something. */
  #next(): void {
    for (this.#row++; this.#row < this.#lines.length; this.#row++) {
      const line = this.#lines[this.#row]!
      let column = 0
      while (line.charCodeAt(column) === SPACE) column++
      if (column === line.length || line[column] === '#') continue
      this.#column = column
      return
    }
    this.#column = -1
  }

  #isItem(): boolean {
    return this.#lines[this.#row]!.startsWith('- ', this.#column)
  }

  /** The map whose keys stand at `column`, from where the reader is. */
  #map(column: number): object {
    this.#begin(this.#row, column)
    const map: Record<string, unknown> = {}
    while (this.#column === column) {
      const line = this.#lines[this.#row]!
      KEY.lastIndex = column
      const key = KEY.exec(line)?.[1]
      if (key === undefined || Object.hasOwn(map, key) || key === '__proto__' || MAYBE_WORD.test(key)) throw GAVE_UP
      this.#path.push(key)
      const start = KEY.lastIndex
      if (start === line.length || line[start] === '#') {
        this.#next()
        if (this.#column > column) map[key] = this.#isItem() ? this.#list(this.#column) : this.#map(this.#column)
        else if (this.#column === column && this.#isItem()) map[key] = this.#list(column)
        else throw GAVE_UP
      } else {
        map[key] = this.#inLine(start, column)
      }
      this.#path.pop()
    }
    if (this.#column > column) throw GAVE_UP
    return map
  }

  /** The list whose dashes stand at `column`, from where the reader is. */
  #list(column: number): unknown[] {
    this.#begin(this.#row, column)
    const list: unknown[] = []
    while (this.#column === column && this.#isItem()) {
      const line = this.#lines[this.#row]!
      let start = column + 2
      while (line.charCodeAt(start) === SPACE) start++
      this.#path.push(list.length)
      KEY.lastIndex = start
      if (KEY.test(line)) {
        this.#column = start
        list.push(this.#map(start))
      } else {
        list.push(this.#inLine(start, column))
      }
      this.#path.pop()
    }
    if (this.#column > column) throw GAVE_UP
    return list
  }

  /** The value from `start` to the end of the line, and on to the next line, which may not go on with it. */
  #inLine(start: number, indent: number): unknown {
    const line = this.#lines[this.#row]!
    this.#column = start
    const first = line[start]
    let value: unknown
    let end: number
    if (first === '"' || first === "'" || first === '[' || first === '{') {
      ;({ value, end } = this.#flow(line, start, 0))
    } else {
      this.#begin(this.#row, start)
      const comment = line.indexOf(' #', start)
      const text = withoutSpaces(matchAt(PLAIN, comment < 0 ? line : line.slice(0, comment), start))
      value = resolve(text)
      end = start + text.length
    }
    REST.lastIndex = end
    if (!REST.test(line)) throw GAVE_UP
    this.#next()
    if (this.#column > indent) throw GAVE_UP
    return value
  }

  #flow(line: string, start: number, depth: number): { value: unknown; end: number } {
    if (depth > DEPTH_MAX) throw GAVE_UP
    this.#begin(this.#row, start)
    switch (line[start]) {
      case '"': {
        const quoted = matchAt(DOUBLE_QUOTED, line, start)
        return { value: quoted.slice(1, -1), end: start + quoted.length }
      }
      case "'": {
        const quoted = matchAt(SINGLE_QUOTED, line, start)
        return { value: quoted.slice(1, -1).replaceAll("''", "'"), end: start + quoted.length }
      }
      case '[':
        return this.#flowList(line, start, depth)
      case '{':
        return this.#flowMap(line, start, depth)
      default: {
        const text = withoutSpaces(matchAt(FLOW_PLAIN, line, start))
        return { value: resolve(text), end: start + text.length }
      }
    }
  }

  #flowList(line: string, start: number, depth: number): { value: unknown; end: number } {
    const list: unknown[] = []
    let at = skipSpaces(line, start + 1)
    if (line[at] === ']') return { value: list, end: at + 1 }
    for (;;) {
      this.#path.push(list.length)
      const { value, end } = this.#flow(line, at, depth + 1)
      this.#path.pop()
      list.push(value)
      at = skipSpaces(line, end)
      if (line[at] === ']') return { value: list, end: at + 1 }
      if (line[at] !== ',') throw GAVE_UP
      at = skipSpaces(line, at + 1)
    }
  }

  #flowMap(line: string, start: number, depth: number): { value: unknown; end: number } {
    const map: Record<string, unknown> = {}
    let at = skipSpaces(line, start + 1)
    if (line[at] === '}') return { value: map, end: at + 1 }
    for (;;) {
      FLOW_KEY.lastIndex = at
      const key = FLOW_KEY.exec(line)?.[1]
      if (key === undefined || Object.hasOwn(map, key) || key === '__proto__' || MAYBE_WORD.test(key)) throw GAVE_UP
      this.#path.push(key)
      const { value, end } = this.#flow(line, FLOW_KEY.lastIndex, depth + 1)
      this.#path.pop()
      map[key] = value
      at = skipSpaces(line, end)
      if (line[at] === '}') return { value: map, end: at + 1 }
      if (line[at] !== ',') throw GAVE_UP
      at = skipSpaces(line, at + 1)
    }
  }

  /** A value begins: bounds the depth, and keeps the place if somebody asks for it. */
  #begin(row: number, column: number): void {
    if (this.#path.length > DEPTH_MAX) throw GAVE_UP
    if (this.#places === null) return
    const key = keyOf(this.#path)
    if (this.#places.has(key)) this.#places.set(key, { line: row + 1, column: column + 1 })
  }
}

const SPACE = 32

function skipSpaces(line: string, at: number): number {
  while (line.charCodeAt(at) === SPACE) at++
  return at
}

/** Without the spaces at its end, and only those: other blanks belong to a text. */
function withoutSpaces(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end--
  return end === text.length ? text : text.slice(0, end)
}

function matchAt(pattern: RegExp, line: string, at: number): string {
  pattern.lastIndex = at
  const match = pattern.exec(line)
  if (match === null) throw GAVE_UP
  return match[0]
}

/** What a plain scalar stands for. */
function resolve(text: string): string | number | boolean {
  if (text.includes(': ') || text.endsWith(':')) throw GAVE_UP
  if (text === 'true') return true
  if (text === 'false') return false
  if (WHOLE_NUMBER.test(text)) return Number(text)
  if (MAYBE_WORD.test(text) || MAYBE_NUMBER.test(text)) throw GAVE_UP
  return text
}
