/**
 * One file of a rule folder: its text, its values, and in which line each of
 * them stands.
 *
 * A file comes from anybody. It is read only when it is a regular file within
 * the bound; plain YAML is read by plain-yaml.ts, all else, up to a lower
 * bound, by the `yaml` package in its 1.2 core schema, without tags of its own.
 */

import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { type Document, isAlias, isCollection, LineCounter, type Node, parseDocument } from 'yaml'
import { systemReason } from '../bytes/system-error.ts'
import { printable } from '../bytes/text.ts'
import type { Budget } from './bounds.ts'
import type { Path } from './form.ts'
import { type Place, placesInPlainYaml, readPlainYaml } from './plain-yaml.ts'
import type { Problems } from './problem.ts'

export const FILE_BYTES_MAX = 16 * 1024 * 1024
// The package makes some 700 bytes of each value: half a megabyte of `a,a,a,` takes about 200 MB and 2 s.
const YAML_CHARACTERS_MAX = 512 * 1024
const ALIASES_MAX = 1000
// Each anchor is looked for among all others: 30,000 of them took 17 s.
const ANCHORS_MAX = 1000
const ANCHOR = /(?<=^|[\s,[{])&/gm

export interface Source {
  file: string
  form: unknown
  /** Where the values at these paths begin, or, where one is missing, the map that misses it. */
  places(paths: readonly Path[]): Place[]
}

/** The text of a regular file of UTF-8, or null with a problem told. */
export function readText(file: string, problems: Problems, budget: Budget): string | null {
  try {
    const found = statSync(file)
    if (!found.isFile()) {
      problems.addFile(file, 'is not a regular file; put a copy of it there')
      return null
    }
    if (found.size > FILE_BYTES_MAX) {
      problems.addFile(file, `has ${found.size} bytes; ${FILE_BYTES_MAX} are the most, so split the pack`)
      return null
    }
    const tooMuch = budget.takeBytes(found.size)
    if (tooMuch !== '') {
      problems.addFile(file, tooMuch)
      return null
    }
    return textOf(file, readFileSync(file), problems)
  } catch (error) {
    problems.addFile(file, `cannot be read: ${printable(systemReason(error))}`)
    return null
  }
}

function textOf(file: string, bytes: Buffer, problems: Problems): string | null {
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes)
  problems.add({ file, line: wrongLine(bytes), column: 1, message: 'is not UTF-8 text; save it as UTF-8' })
  return null
}

/** The first line that is not UTF-8, from 1. */
function wrongLine(bytes: Buffer): number {
  let line = 1
  for (let start = 0; ; line++) {
    const end = bytes.indexOf('\n', start)
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
}

/** The values of a YAML file, or null with its problems told. */
export function readSource(file: string, problems: Problems, budget: Budget): Source | null {
  const text = readText(file, problems, budget)
  return text === null ? null : sourceOf(file, text, problems)
}

/** The values of YAML that was read already, from what people call `file`, or null with its problems told. */
export function sourceOfBytes(file: string, bytes: Buffer, problems: Problems): Source | null {
  const text = textOf(file, bytes, problems)
  return text === null ? null : sourceOf(file, text, problems)
}

function sourceOf(file: string, text: string, problems: Problems): Source | null {
  const plain = readPlainYaml(text)
  if ('value' in plain) return { file, form: plain.value, places: (paths) => placesInPlainYaml(text, paths) }
  if (text.length <= YAML_CHARACTERS_MAX) return readYaml(file, text, problems)
  const message = `is not plain YAML from here on, and of other YAML ${YAML_CHARACTERS_MAX} characters are the most; write it plainly: one key or entry a line, no tabs, no anchors, no texts over several lines`
  problems.add({ file, ...plain.gaveUpAt, message })
  return null
}

function readYaml(file: string, text: string, problems: Problems): Source | null {
  const lines = new LineCounter()
  if ([...text.matchAll(ANCHOR)].length > ANCHORS_MAX) {
    problems.addFile(file, `has more than ${ANCHORS_MAX} anchors (&name); write it plainly`)
    return null
  }
  try {
    // The schema is named so that a `%YAML 1.1` line cannot choose another one, with merge keys and more types.
    const document = parseDocument(text, { lineCounter: lines, schema: 'core', prettyErrors: false, stringKeys: true })
    const faults = [...document.errors, ...document.warnings]
    for (const fault of faults)
      problems.add({ file, ...lineOf(lines, fault.pos[0]), message: yamlMessage(fault.message) })
    if (faults.length > 0) return null
    const form: unknown = document.toJS({ maxAliasCount: ALIASES_MAX })
    return { file, form, places: (paths) => paths.map((path) => placeOf(document, lines, path)) }
  } catch (error) {
    // Thrown for aliases without bound, and when maps nest deeper than the stack.
    problems.addFile(file, `is not YAML that can be read (${printable(systemReason(error))}); write it plainly`)
    return null
  }
}

function yamlMessage(message: string): string {
  return `is not YAML that can be read: ${printable(message)}`
}

function placeOf(document: Document.Parsed, lines: LineCounter, path: Path): Place {
  let node: unknown = document.contents
  let offset = offsetOf(node) ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (!isCollection(node)) break
    node = node.get(step, true)
    offset = offsetOf(node) ?? offset
  }
  return lineOf(lines, offset)
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

function lineOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}
