/**
 * How much the files of a folder and of the site's folder may hold together.
 * Whoever wrote them may be a stranger, and what is read is kept: a million
 * entries are some 400 MB while they are read and 100 MB while they are used.
 * Of kinds that are compared one after the other there may only be few: 256
 * user agents, each the worst a stranger can write, cost a request of 2,048
 * characters about a millisecond.
 */

import type { Indicator } from './pack.ts'

const BYTES_MAX = 64 * 1024 * 1024
const ENTRIES_MAX = 1_000_000

interface KindBound {
  most: number
  what: string
  advice: string
}

const KIND_BOUNDS: Readonly<Partial<Record<Indicator['kind'], KindBound>>> = {
  user_agent: {
    most: 256,
    what: 'user agents',
    advice: 'each request is compared with all of them; write one with a * for those that are alike',
  },
  fronted: {
    most: 1024,
    what: 'pairs of a name and a CDN',
    advice: 'names are compared with many of them; write a suffix once instead of the names below it',
  },
  fingerprint: { most: 10_000, what: 'fingerprints', advice: 'keep those that were seen last' },
  hosting: { most: 10_000, what: 'hosting networks', advice: 'write a country or a system alone' },
}

/** What is left. Each method takes some of it and says what is wrong once there is no more; empty while there is. */
export class Budget {
  #bytes = 0
  #entries = 0
  readonly #kinds = new Map<Indicator['kind'], number>()

  /** True when nothing more has to be read: it is told already. */
  isSpent = false

  takeBytes(count: number): string {
    this.#bytes += count
    if (this.#bytes <= BYTES_MAX) return ''
    return this.#spent(
      `with this file the files have ${this.#bytes} bytes together; ${BYTES_MAX} are the most, so remove some`,
    )
  }

  /** How many entries there may yet be. */
  get entriesLeft(): number {
    return ENTRIES_MAX - this.#entries
  }

  takeEntries(count: number): string {
    this.#entries += count
    if (this.#entries <= ENTRIES_MAX) return ''
    return this.#spent(`with this file there are more than ${ENTRIES_MAX} entries, which are the most; remove some`)
  }

  /** Of the kinds that have a bound of their own; told once for each of them. */
  takeKinds(indicators: readonly Indicator[]): string[] {
    const told: string[] = []
    for (const { kind } of indicators) {
      const bound = KIND_BOUNDS[kind]
      if (bound === undefined) continue
      const count = (this.#kinds.get(kind) ?? 0) + 1
      this.#kinds.set(kind, count)
      if (count === bound.most + 1)
        told.push(`has more ${bound.what} than there may be in all packs (${bound.most}): ${bound.advice}`)
    }
    return told
  }

  #spent(message: string): string {
    this.isSpent = true
    return message
  }
}
