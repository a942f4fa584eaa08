/**
 * Everything a sensor is given, from a folder: each `*.yaml` and `*.yml` in it
 * is a rule pack, a list of policies, a list of names that must raise no alert,
 * or, in the folder of a site, a list of overrides; its first key says which.
 *
 * Folders are taken whole or not at all. All problems of all files are told at
 * once, each with file, line and column (from 1), because somebody who writes
 * a pack wants to mend it in one go. Files, aliases, packs and problems are
 * bounded.
 */

import { readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { systemReason } from '../bytes/system-error.ts'
import { printable } from '../bytes/text.ts'
import type { Policy } from '../events/rules.ts'
import { Budget } from './bounds.ts'
import { type FormProblem, type FormProblems, type Path, problemsOf } from './form.ts'
import { readList } from './list-file.ts'
import type { Indicator, NeverName, Pack, RuleSet } from './pack.ts'
import { type PackProblem, PROBLEMS_MAX, Problems } from './problem.ts'
import { type Lists, toNever, toPack, toPolicy } from './read-pack.ts'
import { FORMS, type FormKind, type NeverForm, type OverrideForm, type PackForm, type PolicyForm } from './schema.ts'
import { applyOverrides, type PlacedOverride } from './site.ts'
import { readSource, readText, type Source } from './source.ts'

export { PackError, type PackProblem } from './problem.ts'

const FILES_MAX = 256

/**
 * The rules of `folder`, changed by and together with those of `siteFolder` where there is one, each in the order of
 * its file names. Folders in them and names that begin with a dot are left alone.
 * @param warn told of what does no harm but is not what somebody meant: an override that changes nothing
 * @throws PackError when a folder cannot be read, when `folder` holds no pack, or when anything in a file is wrong
 */
export function loadRules(
  folder: string,
  siteFolder?: string,
  warn: (problem: PackProblem) => void = () => {},
): RuleSet {
  const loading = new Loading()
  loading.readFolder(folder, false)
  if (siteFolder !== undefined) loading.readFolder(siteFolder, true)
  return loading.finish(warn)
}

/** The packs alone of a folder; see `loadRules`. */
export function loadPacks(folder: string): Pack[] {
  return loadRules(folder).packs
}

class Loading {
  readonly #problems = new Problems()
  readonly #budget = new Budget()
  readonly #packs: Array<{ pack: Pack; source: Source }> = []
  readonly #policies: Array<{ policy: Policy; source: Source; path: Path }> = []
  readonly #never: NeverName[] = []
  readonly #overrides: PlacedOverride[] = []

  readFolder(folder: string, isSite: boolean): void {
    for (const file of this.#files(folder, isSite)) {
      if (this.#budget.isSpent) return
      const source = readSource(file, this.#problems, this.#budget)
      if (source !== null) this.#read(source, isSite)
    }
  }

  finish(warn: (problem: PackProblem) => void): RuleSet {
    this.#checkIds()
    this.#problems.throwIfAny()
    const set: RuleSet = {
      packs: this.#packs.map(({ pack }) => pack),
      policies: this.#policies.map(({ policy }) => policy),
      never: this.#never,
    }
    const changed = applyOverrides(set, this.#overrides, warn, (indicators, { source, path }) => {
      this.#take(indicators, source, path)
    })
    this.#problems.throwIfAny()
    return changed
  }

  #files(folder: string, isSite: boolean): string[] {
    const problems = this.#problems
    let names: string[]
    try {
      names = readdirSync(folder)
    } catch (error) {
      const isFile = (error as NodeJS.ErrnoException).code === 'ENOTDIR'
      problems.addFile(
        folder,
        isFile
          ? 'is no folder; give the one in which the rule packs lie'
          : `cannot be read: ${printable(systemReason(error))}; give a folder with rule packs`,
      )
      return []
    }
    const files = names
      .filter((name) => !name.startsWith('.') && ['.yaml', '.yml'].includes(extname(name)))
      .sort()
      .map((name) => join(folder, name))
      .filter((file) => !isFolder(file))
    if (files.length === 0 && !isSite) problems.addFile(folder, 'holds no rule pack; a pack is a file *.yaml')
    if (files.length > FILES_MAX) problems.addFile(folder, `holds ${files.length} files; ${FILES_MAX} are the most`)
    return files.slice(0, FILES_MAX)
  }

  #read(source: Source, isSite: boolean): void {
    const kind = kindOf(source.form)
    if (kind === 'overrides' && !isSite) {
      const message = 'holds overrides, which belong into the folder of the site; give that with --site-rules'
      this.#problems.add({ file: source.file, ...source.places([['overrides']])[0]!, message })
      return
    }
    const checked = FORMS[kind].safeParse(source.form, { reportInput: true })
    if (!checked.success) {
      this.#tell(source, problemsOf(checked.error.issues))
      return
    }
    const lists = this.#listsBeside(source)
    // The key of the file has chosen the schema that made the value.
    switch (kind) {
      case 'pack': {
        const { pack, problems, more } = toPack(checked.data as PackForm, lists)
        this.#tell(source, { problems, more })
        this.#packs.push({ pack, source })
        pack.rules.forEach(({ indicators }, i) => {
          this.#take(indicators, source, ['rules', i])
        })
        break
      }
      case 'policies': {
        const { policies } = checked.data as { policies: PolicyForm[] }
        policies.forEach((form, i) => {
          this.#policies.push({ policy: toPolicy(form), source, path: ['policies', i, 'id'] })
        })
        break
      }
      case 'never': {
        const { never } = checked.data as { never: NeverForm[] }
        never.forEach((form, i) => {
          const names = toNever(form, lists, ['never', i])
          for (const name of names) this.#never.push(name)
          this.#takeCount(names.length, source, ['never', i])
        })
        break
      }
      case 'overrides': {
        const { overrides } = checked.data as { overrides: OverrideForm[] }
        overrides.forEach((form, i) => {
          this.#overrides.push({ form, lists, source, path: ['overrides', i] })
        })
      }
    }
  }

  /** Counts entries, and tells of those that are too many. */
  #take(indicators: readonly Indicator[], source: Source, path: Path): void {
    const problems = this.#budget.takeKinds(indicators).map((message) => ({ path, message }))
    this.#tell(source, { problems, more: 0 })
    this.#takeCount(indicators.length, source, path)
  }

  #takeCount(count: number, source: Source, path: Path): void {
    const message = this.#budget.takeEntries(count)
    if (message !== '') this.#tell(source, { problems: [{ path, message }], more: 0 })
  }

  #tell(source: Source, { problems, more }: FormProblems): void {
    const told = problems.slice(0, PROBLEMS_MAX)
    for (const problem of placed(source, told)) this.#problems.add(problem)
    this.#problems.leaveOut(more + problems.length - told.length)
  }

  /** Reads the lists that the entries of a file name; they lie in the same folder. */
  #listsBeside(source: Source): Lists {
    return (name, kind, path) => {
      const file = join(dirname(source.file), name)
      const trouble = listTrouble(file, source.file)
      if (trouble !== '') {
        const message = `the list ${printable(name)} ${trouble} beside ${printable(source.file)}`
        for (const problem of placed(source, [{ path, message }])) this.#problems.add(problem)
        return new Set()
      }
      const text = readText(file, this.#problems, this.#budget)
      if (text === null) return new Set() // which was told with its own name
      const { values, problems, more } = readList(file, text, kind, this.#budget.entriesLeft)
      for (const problem of problems) this.#problems.add(problem)
      this.#problems.leaveOut(more)
      return values
    }
  }

  /** Ids stand in alerts, so each may be used once. */
  #checkIds(): void {
    const packs = new Map<string, string>()
    const rules = new Map<string, string>()
    const policies = new Map<string, string>()
    const check = (known: Map<string, string>, kind: string, id: string, source: Source, path: Path) => {
      const other = known.get(id)
      if (other === undefined) {
        known.set(id, source.file)
        return
      }
      const message = `the ${kind} id "${id}" is used in ${printable(other)} already; write another one`
      for (const problem of placed(source, [{ path, message }])) this.#problems.add(problem)
    }
    for (const { pack, source } of this.#packs) {
      check(packs, 'pack', pack.id, source, ['pack'])
      // a rule that stands twice in one file is told already
      const own = new Set<string>()
      pack.rules.forEach((rule, i) => {
        if (!own.has(rule.id)) check(rules, 'rule', rule.id, source, ['rules', i, 'id'])
        own.add(rule.id)
      })
    }
    for (const { policy, source, path } of this.#policies) check(policies, 'policy', policy.id, source, path)
  }
}

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory()
  } catch {
    return false // whoever reads it will say why
  }
}

/**
 * Why a list is not read; empty when it may be. A link may lead to another place of the folder, as where a cluster puts
 * its files, but not out of it: mistakes are told with the line they are in, which is no way to read somebody's secrets.
 */
function listTrouble(list: string, pack: string): string {
  try {
    const place = realpathSync(list)
    const folders = [dirname(pack), dirname(realpathSync(pack))].map((folder) => realpathSync(folder))
    if (folders.some((folder) => place.startsWith(join(folder, '/')))) return ''
    return 'is a link that leads out of the folder; put the list itself'
  } catch {
    return 'cannot be read; put it'
  }
}

function placed(source: Source, problems: readonly FormProblem[]): PackProblem[] {
  if (problems.length === 0) return [] // to find places, the text is read again
  const places = source.places(problems.map(({ path }) => path))
  return problems
    .map(({ message }, i) => ({ file: source.file, ...places[i]!, message }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
}

/** What a file holds, by its keys; a file that is none of them is told what a pack must have. */
function kindOf(form: unknown): FormKind {
  if (typeof form !== 'object' || form === null || Object.hasOwn(form, 'pack')) return 'pack'
  return (Object.keys(FORMS) as FormKind[]).find((key) => Object.hasOwn(form, key)) ?? 'pack'
}
