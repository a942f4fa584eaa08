/**
 * Which entries each of some things stands for, in two arrays that cost no
 * objects and can be given to another thread:
 *
 *   entries   7 9 | 3 | 7 8 12
 *   ends        2   3        6
 *
 * Those of thing `i` are `entries[ends[i - 1], ends[i])`.
 */

export interface Postings {
  readonly ends: Uint32Array
  readonly entries: Int32Array
}

/** Where the entries of a thing begin; they end at `ends[index]`. */
export function startOfPostings({ ends }: Postings, index: number): number {
  return index === 0 ? 0 : ends[index - 1]!
}

/** Calls `visit` with each entry of a thing. */
export function eachPosting(postings: Postings, index: number, visit: (entry: number) => void): void {
  const end = postings.ends[index]!
  for (let i = startOfPostings(postings, index); i < end; i++) visit(postings.entries[i]!)
}

/**
 * The entries by the number of their key, those of a key in the order in which they came.
 * @param numbers of each entry the number of its key
 */
export function postingsOf(numbers: ArrayLike<number>, entries: ArrayLike<number>, keyCount: number): Postings {
  const ends = new Uint32Array(keyCount)
  for (let i = 0; i < numbers.length; i++) ends[numbers[i]!]!++
  for (let key = 1; key < keyCount; key++) ends[key]! += ends[key - 1]!
  const sorted = new Int32Array(entries.length)
  // From the last to the first: each key fills its part from the end.
  const next = ends.slice()
  for (let i = entries.length - 1; i >= 0; i--) sorted[--next[numbers[i]!]!] = entries[i]!
  return { ends, entries: sorted }
}

/** Collects which entries each key stands for. */
export class Posts<Key> {
  readonly #numbers = new Map<Key, number>()
  /** Of each posting the number of its key. */
  readonly #of: number[] = []
  readonly #entries: number[] = []

  add(key: Key, entry: number): void {
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(key, number)
    }
    this.#of.push(number)
    this.#entries.push(entry)
  }

  /** In the order of their numbers. */
  keys(): Key[] {
    return [...this.#numbers.keys()]
  }

  /** By key number; the entries of a key in the order in which they came. */
  postings(): Postings {
    return postingsOf(this.#of, this.#entries, this.#numbers.size)
  }
}
