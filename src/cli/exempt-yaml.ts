/**
 * Exemptions as YAML, out and in. What was exported can be imported into
 * another database and is the same there; what somebody writes by hand may
 * leave out the id, the start, and who made it when.
 */

import { stringify } from 'yaml'
import { printable } from '../bytes/text.ts'
import type { Exemption } from '../events/exemption.ts'
import { Budget } from '../packs/bounds.ts'
import { PackError, Problems } from '../packs/problem.ts'
import { FILE_BYTES_MAX, readSource, type Source, sourceOfBytes } from '../packs/source.ts'
import type { Author } from '../store/audit.ts'
import { type FormProblem, readWritten } from '../store/exemption-form.ts'
import { newExemption } from '../store/exemptions.ts'
import { timeForms } from './exempt-form.ts'
import { UsageError } from './usage-error.ts'

const EXEMPTIONS_MAX = 10_000
const STANDARD_INPUT = 'standard input'

/** The YAML text of exemptions, in the order in which they are given. */
export function exemptionsYaml(exemptions: readonly Exemption[]): string {
  const written = exemptions.map(({ id, kind, reason, owner, ticket, start, end, scope, created_by, created_at }) => ({
    id,
    kind,
    reason,
    owner,
    ...(ticket === undefined ? {} : { ticket }),
    start,
    end,
    scope,
    created_by,
    created_at,
  }))
  return stringify({ exemptions: written }, { lineWidth: 0 })
}

/** A YAML file, or standard input for `-`. Throws UsageError with all that is wrong, each with file, line and column. */
export async function readYaml(file: string): Promise<Source> {
  const problems = new Problems()
  const source =
    file === '-'
      ? sourceOfBytes(STANDARD_INPUT, await standardInput(), problems)
      : readSource(file, problems, new Budget())
  refuseIfAny(problems)
  return source!
}

/**
 * The exemptions of a YAML file. Throws UsageError with all that is wrong, each with file, line and column.
 * @param known gives the exemption on record with an id, or null; one that is the same is left out
 */
export function exemptionsIn(source: Source, author: Author, known: (id: string) => Exemption | null): Exemption[] {
  const problems = new Problems()
  const { file } = source
  const { exemptions, faults } = exemptionsOf(source.form, author, known)
  const places = source.places(faults.map(({ path }) => path))
  faults.forEach(({ path, message }, i) => {
    const key = path.findLast((step) => typeof step === 'string') ?? 'exemptions'
    problems.add({ file, ...places[i]!, message: `${printable(String(key))}: ${message}` })
  })
  refuseIfAny(problems)
  return exemptions
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > FILE_BYTES_MAX)
      throw new UsageError(`${STANDARD_INPUT} has more than ${FILE_BYTES_MAX} bytes; import a part at a time`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refuseIfAny(problems: Problems): void {
  try {
    problems.throwIfAny()
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    throw new UsageError(`the exemptions cannot be imported:\n${error.message}`, { cause: error })
  }
}

function exemptionsOf(
  form: unknown,
  author: Author,
  known: (id: string) => Exemption | null,
): { exemptions: Exemption[]; faults: FormProblem[] } {
  const list = listOf(form)
  if (!Array.isArray(list)) return { exemptions: [], faults: [list] }
  const times = timeForms()
  const exemptions: Exemption[] = []
  const faults: FormProblem[] = []
  const ids = new Set<string>()
  list.forEach((item, i) => {
    const { value, problems } = readWritten(item, times)
    if (problems !== null) {
      for (const { path, message } of problems) faults.push({ path: ['exemptions', i, ...path], message })
      return
    }
    const { id, created_by, created_at, ...draft } = value
    const fresh = newExemption(draft, author)
    const exemption: Exemption = {
      ...draft,
      id: id ?? fresh.id,
      created_by: created_by ?? author.who,
      created_at: created_at ?? fresh.created_at,
    }
    const fault = faultOfId(exemption, ids, known(exemption.id))
    if (fault === null) exemptions.push(exemption)
    else if (fault !== '') faults.push({ path: ['exemptions', i, 'id'], message: fault })
    ids.add(exemption.id)
  })
  return { exemptions, faults }
}

/** Null when the id is free, empty when the very same exemption is on record, else what is wrong. */
function faultOfId(exemption: Exemption, ids: ReadonlySet<string>, onRecord: Exemption | null): string | null {
  if (ids.has(exemption.id)) return `${exemption.id} stands in this file twice; leave it out to get a new one`
  if (onRecord === null) return null
  if (exemptionsYaml([exemption]) === exemptionsYaml([onRecord])) return ''
  return `the database has another exemption ${exemption.id}, ending ${rfc3339Short(onRecord.end)}; leave the id out to add this one, too`
}

function rfc3339Short(text: string): string {
  return text.slice(0, 19) + text.slice(26)
}

function listOf(form: unknown): unknown[] | FormProblem {
  const isMap = typeof form === 'object' && form !== null && !Array.isArray(form)
  const keys = isMap ? Object.keys(form) : []
  const list = isMap ? (form as Record<string, unknown>)['exemptions'] : undefined
  const stranger = keys.find((key) => key !== 'exemptions')
  if (stranger !== undefined)
    return { path: [stranger], message: 'is not known here; the file holds a list named exemptions' }
  if (!Array.isArray(list))
    return { path: ['exemptions'], message: 'must be a list: write exemptions: and below it - kind: research' }
  if (list.length > EXEMPTIONS_MAX)
    return { path: ['exemptions'], message: `has ${list.length} entries; ${EXEMPTIONS_MAX} are the most` }
  return list
}
