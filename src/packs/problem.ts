/** What is wrong in the files of a folder, each with its place, collected so that all of it is told at once. */

import { printable } from '../bytes/text.ts'

/** Problems that are told; of the rest only the number. */
export const PROBLEMS_MAX = 50

export interface PackProblem {
  file: string
  /** From 1; both are 0 where a file or folder as a whole is meant. */
  line: number
  column: number
  /** What is wrong and what to write instead. */
  message: string
}

/** One problem as a line for people, safe for a terminal. */
export function problemText({ file, line, column, message }: PackProblem): string {
  const place = line === 0 ? '' : `${line}:${column}:`
  return `${printable(file)}:${place} ${message}`
}

/** Why the packs of a folder cannot be used. `message` lists the problems, one in a line, safe for a terminal. */
export class PackError extends Error {
  override readonly name = 'PackError'
  /** In the order of files and lines. */
  readonly problems: readonly PackProblem[]

  /** @param more how many problems were left out of the list */
  constructor(problems: readonly PackProblem[], more: number) {
    const lines = problems.map(problemText)
    if (more > 0) lines.push(`and ${more} more`)
    super(lines.join('\n'))
    this.problems = problems
  }
}

/** The first problems, and how many there were. */
export class Problems {
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
    this.add({ file, line: 0, column: 0, message })
  }

  throwIfAny(): void {
    if (this.#list.length > 0) throw new PackError(this.#list, this.#more)
  }
}
