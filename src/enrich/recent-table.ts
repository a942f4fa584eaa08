/**
 * Rows with a key of some 32-bit words, in the order of their last use. When all
 * rows are taken, the one whose use lies longest ago is given to the new key.
 * What belongs to a row lies in the caller's columns.
 *
 *   words of a row   | key ... | next in the bucket | older | newer |     row + 1; 0 for none
 *
 * A `Map` from text to objects does the same, at ten times the cost: the text
 * has to be made, and every object that lives long is copied by the collector.
 *
 * The hash is seeded at random, because outsiders choose the keys. No result
 * depends on the seed.
 */

import { randomInt } from 'node:crypto'

const LINKS = 3
const NEXT = 0 // behind the key, as are the next two
const OLDER = 1
const NEWER = 2

export const NONE = -1

export class RecentTable {
  /** Set by `take`: the key had no row. */
  isNew = false
  /** Rows that were taken from another key. */
  takenOver = 0
  readonly #keyWords: number
  readonly #rowWords: number
  readonly #capacity: number
  readonly #words: Int32Array
  readonly #buckets: Int32Array
  readonly #seed = randomInt(2 ** 31)
  #used = 0
  #newest = 0
  #oldest = 0

  /**
   * @param keyWords words of a key
   * @param capacity most rows; at least 1
   */
  constructor(keyWords: number, capacity: number) {
    this.#keyWords = keyWords
    this.#rowWords = keyWords + LINKS
    this.#capacity = capacity
    this.#words = new Int32Array(capacity * this.#rowWords)
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(capacity, 2))))
  }

  /** The row of the key in key[0, keyWords), or NONE. */
  find(key: Int32Array): number {
    const words = this.#words
    const links = this.#keyWords
    for (let link = this.#buckets[this.#bucket(key, 0)]!; link !== 0; ) {
      const at = (link - 1) * this.#rowWords
      if (this.#hasKey(at, key)) return link - 1
      link = words[at + links + NEXT]!
    }
    return NONE
  }

  /** The row of the key in key[0, keyWords), which is now the newest; one is made, or taken over, if there is none. */
  take(key: Int32Array): number {
    let row = this.find(key)
    this.isNew = row === NONE
    if (row === NONE) row = this.#make(key)
    else if (row + 1 === this.#newest) return row
    else this.#unchain(row)
    this.#chain(row)
    return row
  }

  #make(key: Int32Array): number {
    let row = this.#used
    if (row < this.#capacity) this.#used++
    else {
      row = this.#oldest - 1
      this.#unchain(row)
      this.#forget(row)
      this.takenOver++
    }
    const words = this.#words
    const at = row * this.#rowWords
    for (let i = 0; i < this.#keyWords; i++) words[at + i] = key[i]!
    const bucket = this.#bucket(key, 0)
    words[at + this.#keyWords + NEXT] = this.#buckets[bucket]!
    this.#buckets[bucket] = row + 1
    return row
  }

  /** Takes the row out of its bucket. */
  #forget(row: number): void {
    const words = this.#words
    const next = this.#keyWords + NEXT
    const after = words[row * this.#rowWords + next]!
    const bucket = this.#bucket(words, row * this.#rowWords)
    let link = this.#buckets[bucket]!
    if (link === row + 1) {
      this.#buckets[bucket] = after
      return
    }
    for (;;) {
      const at = (link - 1) * this.#rowWords + next
      link = words[at]!
      if (link !== row + 1) continue
      words[at] = after
      return
    }
  }

  /** Puts the row at the new end of the order. */
  #chain(row: number): void {
    const at = row * this.#rowWords + this.#keyWords
    this.#words[at + OLDER] = this.#newest
    this.#words[at + NEWER] = 0
    if (this.#newest === 0) this.#oldest = row + 1
    else this.#words[(this.#newest - 1) * this.#rowWords + this.#keyWords + NEWER] = row + 1
    this.#newest = row + 1
  }

  #unchain(row: number): void {
    const words = this.#words
    const at = row * this.#rowWords + this.#keyWords
    const older = words[at + OLDER]!
    const newer = words[at + NEWER]!
    if (older === 0) this.#oldest = newer
    else words[(older - 1) * this.#rowWords + this.#keyWords + NEWER] = newer
    if (newer === 0) this.#newest = older
    else words[(newer - 1) * this.#rowWords + this.#keyWords + OLDER] = older
  }

  #hasKey(at: number, key: Int32Array): boolean {
    const words = this.#words
    for (let i = this.#keyWords - 1; i >= 0; i--) if (words[at + i] !== key[i]) return false
    return true
  }

  #bucket(key: Int32Array, at: number): number {
    let h = this.#seed
    for (let i = 0; i < this.#keyWords; i++) {
      h = Math.imul(h ^ key[at + i]!, 0x85ebca6b)
      h ^= h >>> 15
    }
    return h & (this.#buckets.length - 1)
  }
}
