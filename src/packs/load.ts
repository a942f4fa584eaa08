/**
 * Rule packs from a folder: each `*.yaml` and `*.yml` in it is one pack.
 *
 * A folder is taken whole or not at all. All problems of all files are told at
 * once, each with file, line and column (from 1), because somebody who writes
 * a pack wants to mend it in one go. YAML is read in its 1.2 core schema
 * without tags of its own, and files, aliases and packs are bounded.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type Document, isAlias, isCollection, LineCounter, type Node, parseDocument } from 'yaml'
import { printable } from '../bytes/text.ts'
import type { Pack } from './pack.ts'
import { readPack } from './schema.ts'

const FILE_BYTES_MAX = 16 * 1024 * 1024
const PACKS_MAX = 256
const ALIASES_MAX = 1000
const PROBLEMS_MAX = 50

export interface PackProblem {
  file: string
  /** From 1; both are 1 where the whole file is meant. */
  line: number
  column: number
  /** What is wrong and what to write instead. */
  message: string
}

/** Why the packs of a folder cannot be used. `message` lists the problems, one in a line, safe for a terminal. */
export class PackError extends Error {
  override readonly name = 'PackError'
  /** In the order of files and lines. */
  readonly problems: readonly PackProblem[]

  /** @param more how many problems were left out of the list */
  constructor(problems: readonly PackProblem[], more: number) {
    const lines = problems.map((p) => `${printable(p.file)}:${p.line}:${p.column}: ${p.message}`)
    if (more > 0) lines.push(`and ${more} more`)
    super(lines.join('\n'))
    this.problems = problems
  }
}

/**
 * All packs of the folder, in the order of their file names. Folders in it and names that begin with a dot are left
 * alone. Throws a PackError when the folder cannot be read, holds no pack, or when anything in a pack is wrong.
 */
export function loadPacks(folder: string): Pack[] {
  const problems = new Problems()
  const files = packFiles(folder, problems)
  const loaded: LoadedPack[] = []
  for (const file of files) {
    const pack = loadPack(file, problems)
    if (pack !== null) loaded.push(pack)
  }
  checkIds(loaded, problems)
  problems.throwIfAny()
  return loaded.map(({ pack }) => pack)
}

interface LoadedPack {
  pack: Pack
  source: Source
}

/** The first problems, and how many there were. */
class Problems {
  readonly #list: PackProblem[] = []
  #more = 0

  add(problem: PackProblem): void {
    if (this.#list.length < PROBLEMS_MAX) this.#list.push(problem)
    else this.#more++
  }

  leaveOut(count: number): void {
    this.#more += count
  }

  addFile(file: string, message: string): void {
    this.add({ file, line: 1, column: 1, message })
  }

  throwIfAny(): void {
    if (this.#list.length > 0) throw new PackError(this.#list, this.#more)
  }
}

function packFiles(folder: string, problems: Problems): string[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    problems.addFile(folder, `cannot be read (${reasonOf(error)}); give a folder with rule packs`)
    return []
  }
  const files = names
    .filter((name) => !name.startsWith('.') && ['.yaml', '.yml'].includes(extname(name)))
    .sort()
    .map((name) => join(folder, name))
    .filter((file) => !isFolder(file))
  if (files.length === 0) problems.addFile(folder, 'holds no rule pack; a pack is a file *.yaml')
  if (files.length > PACKS_MAX) problems.addFile(folder, `holds ${files.length} packs; ${PACKS_MAX} are the most`)
  return files.slice(0, PACKS_MAX)
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function loadPack(file: string, problems: Problems): LoadedPack | null {
  const text = readText(file, problems)
  if (text === null) return null
  const source = parseSource(file, text, problems)
  if (source === null) return null
  const { pack, problems: found } = readPack(source.form)
  const told = found.slice(0, PROBLEMS_MAX).map(({ path, message }) => ({ file, ...placeOf(source, path), message }))
  told.sort((a, b) => a.line - b.line || a.column - b.column)
  for (const problem of told) problems.add(problem)
  problems.leaveOut(found.length - told.length)
  return pack === null ? null : { pack, source }
}

function readText(file: string, problems: Problems): string | null {
  try {
    const found = statSync(file)
    if (!found.isFile()) {
      problems.addFile(file, 'is not a regular file; put a copy of the pack there')
      return null
    }
    if (found.size > FILE_BYTES_MAX) {
      problems.addFile(file, `has ${found.size} bytes; ${FILE_BYTES_MAX} are the most, so split the pack`)
      return null
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    problems.addFile(
      file,
      error instanceof TypeError ? 'is not UTF-8 text; save it as UTF-8' : `cannot be read (${reasonOf(error)})`,
    )
    return null
  }
}

/** A file that is YAML: its values, and what it takes to find their lines. */
interface Source {
  file: string
  form: unknown
  document: Document.Parsed
  lines: LineCounter
}

function parseSource(file: string, text: string, problems: Problems): Source | null {
  const lines = new LineCounter()
  try {
    // The schema is named so that a `%YAML 1.1` line cannot choose another one, with merge keys and more types.
    const document = parseDocument(text, { lineCounter: lines, schema: 'core', prettyErrors: false, stringKeys: true })
    const faults = [...document.errors, ...document.warnings]
    for (const fault of faults)
      problems.add({ file, ...lineOf(lines, fault.pos[0]), message: yamlMessage(fault.message) })
    if (faults.length > 0) return null
    return { file, form: document.toJS({ maxAliasCount: ALIASES_MAX }), document, lines }
  } catch (error) {
    // Thrown for aliases without bound, and when maps nest deeper than the stack.
    problems.addFile(file, `is not YAML that can be read (${printable(reasonOf(error))}); write it plainly`)
    return null
  }
}

function yamlMessage(message: string): string {
  return `is not YAML that can be read: ${printable(message)}`
}

/** A pack's id and the ids of rules stand in alerts, so each may be used once. */
function checkIds(loaded: readonly LoadedPack[], problems: Problems): void {
  const packs = new Map<string, string>()
  const rules = new Map<string, string>()
  const check = (
    known: Map<string, string>,
    kind: string,
    id: string,
    source: Source,
    path: Array<string | number>,
  ) => {
    const other = known.get(id)
    if (other === undefined) known.set(id, source.file)
    else
      problems.add({
        file: source.file,
        ...placeOf(source, path),
        message: `the ${kind} id "${id}" is used in ${printable(other)} already; write another one`,
      })
  }
  for (const { pack, source } of loaded) {
    check(packs, 'pack', pack.id, source, ['pack'])
    pack.rules.forEach((rule, i) => {
      check(rules, 'rule', rule.id, source, ['rules', i, 'id'])
    })
  }
}

/** Where the value at `path` begins, or, when it is missing, the map that misses it. */
function placeOf(source: Source, path: ReadonlyArray<string | number>): { line: number; column: number } {
  let node: unknown = source.document.contents
  let offset = offsetOf(node) ?? 0
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(source.document)
    if (!isCollection(node)) break
    node = node.get(step, true)
    offset = offsetOf(node) ?? offset
  }
  return lineOf(source.lines, offset)
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

function lineOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
