/**
 * Texts that are dear to make and wanted again and again: hashes of what all
 * clients of a kind send, addresses of the machines of a network.
 */

/**
 * `make` with a memory: what it gave for one of the last keys is not made again. Whoever sends ever new keys makes it
 * forget all of them at a time, and then each costs what it cost without.
 * @param make gives the same text for the same key
 * @param most keys that are kept
 */
export function memo<K extends string | number>(make: (key: K) => string, most: number): (key: K) => string {
  const texts = new Map<K, string>()
  return (key) => {
    const known = texts.get(key)
    if (known !== undefined) return known
    const text = make(key)
    if (texts.size >= most) texts.clear()
    texts.set(key, text)
    return text
  }
}
