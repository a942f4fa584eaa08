/** What somebody may have meant: the words of a list that are nearest to a mistyped one. */

const SHOWN_MAX = 3
/** Longer words cannot be near ones of a list; the comparison costs the product of both lengths. */
const LENGTH_MAX = 100

/** At most three of `words`, nearest first: those that differ in a third of their letters at most, or hold the text. */
export function nearest(text: string, words: Iterable<string>): string[] {
  if (text.length > LENGTH_MAX) return []
  const lower = text.toLowerCase()
  const found: Array<{ word: string; distance: number }> = []
  for (const word of new Set(words)) {
    const other = word.toLowerCase()
    const most = Math.max(2, Math.ceil(Math.max(lower.length, other.length) / 3))
    const isPart = lower.length >= 3 && (other.includes(lower) || lower.includes(other))
    if (!isPart && Math.abs(lower.length - other.length) > most) continue
    const distance = other.length > LENGTH_MAX ? Number.POSITIVE_INFINITY : edits(lower, other)
    if (isPart || distance <= most) found.push({ word, distance })
  }
  found.sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1))
  return found.slice(0, SHOWN_MAX).map(({ word }) => word)
}

/** How many letters must be added, left out or changed to make `b` of `a` (Levenshtein). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])))
    row = next
  }
  return row[b.length]!
}
