/**
 * A plain list beside a pack: one domain name or one range of addresses a
 * line. Empty lines are left out, and what follows a `#` is a comment. This is
 * how a pack carries a hundred thousand names.
 */

import { canonicalCidr } from '../bytes/cidr.ts'
import { canonicalName, isPlainName, nameProblem } from './domain-name.ts'
import { quote, STOP_AFTER } from './form.ts'
import { type PackProblem, PROBLEMS_MAX } from './problem.ts'

/**
 * The values of the list in canonical form, and what is wrong with its lines.
 * @param most values: behind one more the rest is not read, nor is it behind too many mistakes
 */
export function readList(
  file: string,
  text: string,
  kind: 'name' | 'cidr',
  most: number,
): { values: Set<string>; problems: PackProblem[]; more: number } {
  const read = kind === 'name' ? readName : readCidr
  const known = new Set<string>()
  const wrong: Wrong[] = []
  let more = 0
  const lines = text.split('\n')
  for (let line = 1; line <= lines.length && known.size <= most && more < STOP_AFTER; line++) {
    const written = withoutComment(lines[line - 1]!)
    if (written === '') continue
    const { value, problem } = read(written)
    const before = known.size
    if (problem === '' && known.add(value).size > before) continue
    if (wrong.length < PROBLEMS_MAX) wrong.push({ line, value, problem })
    else more++
  }
  if (known.size === 0 && wrong.length === 0)
    return { values: known, problems: [{ file, line: 0, column: 0, message: EMPTY }], more }

  const first = firstLines(
    lines,
    read,
    new Set(wrong.filter(({ problem }) => problem === '').map(({ value }) => value)),
  )
  const problems = wrong.map(({ line, value, problem }) => {
    const content = lines[line - 1]!
    const written = withoutComment(content)
    const message = problem || `stands in line ${first.get(value)} already; remove one of the two`
    return { file, line, column: content.indexOf(written) + 1, message: `${quote(written)} ${message}` }
  })
  return { values: known, problems, more }
}

/** A line that is not taken; with an empty problem its value is there already. */
interface Wrong {
  line: number
  value: string
  problem: string
}

type Read = (written: string) => Pick<Wrong, 'value' | 'problem'>

/** Where these values stand first. Looked for only when somebody is told: lists are long, and mistakes few. */
function firstLines(lines: readonly string[], read: Read, values: ReadonlySet<string>): Map<string, number> {
  const first = new Map<string, number>()
  for (let i = 0; first.size < values.size; i++) {
    const written = withoutComment(lines[i]!)
    const { value } = written === '' ? { value: '' } : read(written)
    if (values.has(value) && !first.has(value)) first.set(value, i + 1)
  }
  return first
}

const EMPTY = 'the list is empty; write one value a line'

function withoutComment(content: string): string {
  const hash = content.indexOf('#')
  return (hash < 0 ? content : content.slice(0, hash)).trim()
}

function readName(written: string): ReturnType<Read> {
  if (isPlainName(written)) return { value: written, problem: '' }
  return { value: canonicalName(written), problem: nameProblem(written) }
}

function readCidr(written: string): ReturnType<Read> {
  try {
    return { value: canonicalCidr(written), problem: '' }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { value: '', problem: error.message }
  }
}
