/**
 * The interfaces of one capture. The same interface announced again (each
 * section of a joined pcapng file does that) gets the index it had, so the
 * list stays short; it is bounded by what the blocks' 16-bit column can hold.
 */

import type { Link } from './block.ts'

const LINKS_MAX = 65_536

/** Returned by `add` when no more interfaces can be kept. */
export const NO_LINK = -1

export class LinkTable {
  readonly list: Link[] = []
  readonly #index = new Map<string, number>()
  readonly #isExact: boolean

  /** @param isExact interfaces with another snap length are others, and it is told */
  constructor(isExact = false) {
    this.#isExact = isExact
  }

  /** The index of this interface in `list`, NO_LINK when the list is full. */
  add(name: string, linkType: number, snapLength: number): number {
    const key = `${this.#isExact ? snapLength : ''} ${linkType} ${name}`
    const known = this.#index.get(key)
    if (known !== undefined) return known
    if (this.list.length === LINKS_MAX) return NO_LINK
    this.#index.set(key, this.list.length)
    return this.list.push(this.#isExact ? { name, linkType, snapLength } : { name, linkType }) - 1
  }
}
