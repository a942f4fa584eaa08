/**
 * A plain list beside a pack: one domain name or one range of addresses a
 * line. Empty lines are left out, and what follows a `#` is a comment. This is
 * how a pack carries a hundred thousand names.
 */

import { parseCidr } from '../bytes/cidr.ts'
import { canonicalName, nameProblem } from './domain-name.ts'
import { quote } from './form.ts'
import { type PackProblem, PROBLEMS_MAX } from './problem.ts'

/** The values of the list in canonical form, and what is wrong with its lines. */
export function readList(
  file: string,
  text: string,
  kind: 'name' | 'cidr',
): { values: string[]; problems: PackProblem[]; more: number } {
  const values: string[] = []
  const problems: PackProblem[] = []
  let more = 0
  const known = new Map<string, number>()
  let line = 0
  for (const content of text.split('\n')) {
    line++
    const written = content.replace(/#.*/s, '').trim()
    if (written === '') continue
    const column = content.indexOf(written) + 1
    const { value, problem } = kind === 'name' ? readName(written) : readCidr(written)
    const first = known.get(value)
    const message =
      problem !== '' ? problem : first === undefined ? '' : `stands in line ${first} already; remove one of the two`
    if (message === '') {
      known.set(value, line)
      values.push(value)
    } else if (problems.length < PROBLEMS_MAX) {
      problems.push({ file, line, column, message: `${quote(written)} ${message}` })
    } else {
      more++
    }
  }
  if (values.length === 0 && problems.length === 0)
    problems.push({ file, line: 1, column: 1, message: 'the list is empty; write one value a line' })
  return { values, problems, more }
}

function readName(written: string): { value: string; problem: string } {
  return { value: canonicalName(written), problem: nameProblem(written) }
}

function readCidr(written: string): { value: string; problem: string } {
  try {
    return { value: parseCidr(written).text, problem: '' }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { value: '', problem: error.message }
  }
}
