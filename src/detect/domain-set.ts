/**
 * A set of domain names that is asked about names from the wire.
 *
 * An entry names itself alone (`exact`) or itself and all below it (`suffix`).
 * Names match on label borders only: `deepseek.com` holds `chat.deepseek.com`
 * and neither `notdeepseek.com` nor `deepseek.com.example`. A `Map` and a walk
 * up the parents, no trie: among 100,000 names a question takes less
 * than a microsecond.
 *
 * Names from the wire are hostile: any characters, empty labels, any length.
 * A name longer than DNS allows is in no set, which bounds the walk.
 */

// RFC 1035 section 2.3.4: 255 bytes on the wire, each of which may be written as \046
const NAME_CHARACTERS_MAX = 1020

export interface DomainEntry {
  /** Lower case, no final dot. */
  value: string
  match: 'suffix' | 'exact'
}

export class DomainSet {
  readonly #exact = new Map<string, number>()
  readonly #suffix = new Map<string, number>()
  /** Most labels of a suffix: parents with more are not looked up, so a name of 120 labels costs no more than others. */
  #labelsMax = 0

  /** Of entries that are the same the first one counts. */
  constructor(entries: readonly DomainEntry[]) {
    entries.forEach(({ value, match }, index) => {
      const names = match === 'exact' ? this.#exact : this.#suffix
      if (!names.has(value)) names.set(value, index)
      if (match === 'suffix') this.#labelsMax = Math.max(this.#labelsMax, value.split('.').length)
    })
  }

  /**
   * The index of the most specific entry that `name` meets, or -1: the longest one, and of two with the same name the
   * exact one. Case and one final dot make no difference. Never throws.
   */
  find(name: string): number {
    const end = name.endsWith('.') ? name.length - 1 : name.length
    if (end > NAME_CHARACTERS_MAX) return -1
    const wanted = lowerAscii(name.slice(0, end))
    return this.#exact.get(wanted) ?? this.#findSuffix(wanted)
  }

  #findSuffix(name: string): number {
    let found = -1
    let start = name.length + 1 // of the parent looked up last
    for (let labels = 0; labels < this.#labelsMax && start > 0; labels++) {
      start = start === 1 ? 0 : name.lastIndexOf('.', start - 2) + 1
      found = this.#suffix.get(name.slice(start)) ?? found
    }
    return found
  }
}

const UPPER = /[A-Z]/

/** Only A to Z: to `toLowerCase` the Kelvin sign is a k, and a name with one is not the name without. */
function lowerAscii(name: string): string {
  return UPPER.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name
}
