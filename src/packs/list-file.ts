/**
 * A plain list beside a pack: one domain name or one range of addresses a
 * line. Empty lines are left out, and what follows a `#` is a comment. This is
 * how a pack carries a hundred thousand names.
 */

import { canonicalCidr } from '../bytes/cidr.ts'
import { canonicalName, isPlainName, nameProblem } from './domain-name.ts'
import { quote } from './form.ts'
import { type PackProblem, PROBLEMS_MAX } from './problem.ts'

/** The values of the list in canonical form, and what is wrong with its lines. */
export function readList(
  file: string,
  text: string,
  kind: 'name' | 'cidr',
): { values: Set<string>; problems: PackProblem[]; more: number } {
  const read = kind === 'name' ? readName : readCidr
  const known = new Set<string>()
  const wrong: Array<{ line: number; problem: string }> = []
  let more = 0
  const lines = text.split('\n')
  for (let line = 1; line <= lines.length; line++) {
    const written = withoutComment(lines[line - 1]!)
    if (written === '') continue
    const { value, problem } = read(written)
    const before = known.size
    if (problem === '' && known.add(value).size > before) continue
    if (wrong.length < PROBLEMS_MAX) wrong.push({ line, problem })
    else more++
  }
  if (known.size === 0 && wrong.length === 0) wrong.push({ line: 1, problem: EMPTY })
  return { values: known, problems: wrong.map(told), more }

  function told({ line, problem }: (typeof wrong)[number]): PackProblem {
    const content = lines[line - 1]!
    const written = withoutComment(content)
    if (problem === EMPTY) return { file, line, column: 1, message: problem }
    const message = problem === '' ? `stands in line ${firstLine(written)} already; remove one of the two` : problem
    return { file, line, column: content.indexOf(written) + 1, message: `${quote(written)} ${message}` }
  }

  /** Looked for only when somebody is told: lists are long, and mistakes few. */
  function firstLine(written: string): number {
    const { value } = read(written)
    return (
      1 + lines.findIndex((content) => withoutComment(content) !== '' && read(withoutComment(content)).value === value)
    )
  }
}

const EMPTY = 'the list is empty; write one value a line'

function withoutComment(content: string): string {
  const hash = content.indexOf('#')
  return (hash < 0 ? content : content.slice(0, hash)).trim()
}

function readName(written: string): { value: string; problem: string } {
  if (isPlainName(written)) return { value: written, problem: '' }
  return { value: canonicalName(written), problem: nameProblem(written) }
}

function readCidr(written: string): { value: string; problem: string } {
  try {
    return { value: canonicalCidr(written), problem: '' }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { value: '', problem: error.message }
  }
}
