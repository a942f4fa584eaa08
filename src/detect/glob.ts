/**
 * Patterns for user agents: a `*` stands for any characters, everything else
 * for itself, and case makes a difference.
 *
 * What stands between two stars is looked for from left to right, each piece as
 * early as it can be (Knuth, Morris, Pratt), so the time is that of reading the
 * text once, whatever a stranger wrote into a pack or sends as user agent.
 */

export interface Glob {
  /** What stands between the stars; the first piece is where the text begins, the last one where it ends. */
  readonly pieces: readonly string[]
  /** For each piece, how much of its beginning may still be right when its next character is not. */
  readonly fallbacks: readonly Int32Array[]
}

/** Makes a pattern ready for `meetsGlob`; a star stands for any characters. */
export function compileGlob(pattern: string): Glob {
  const pieces = pattern.split(/\*+/)
  return { pieces, fallbacks: pieces.map(fallbackOf) }
}

/** Is `text` all of what the pattern says? */
export function meetsGlob(text: string, { pieces, fallbacks }: Glob): boolean {
  const first = pieces[0]!
  if (pieces.length === 1) return text === first
  const last = pieces.at(-1)!
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  const end = text.length - last.length
  for (let i = 1; i < pieces.length - 1; i++) {
    at = endOfFirst(text, at, end, pieces[i]!, fallbacks[i]!)
    if (at < 0) return false
  }
  return true
}

/** Where the first occurrence of `piece` in text[at, end) ends, or -1. */
function endOfFirst(text: string, at: number, end: number, piece: string, fallback: Int32Array): number {
  let right = 0
  for (; at < end; at++) {
    const unit = text.charCodeAt(at)
    while (right > 0 && unit !== piece.charCodeAt(right)) right = fallback[right - 1]!
    if (unit === piece.charCodeAt(right)) right++
    if (right === piece.length) return at + 1
  }
  return -1
}

function fallbackOf(piece: string): Int32Array {
  const fallback = new Int32Array(piece.length)
  let right = 0
  for (let i = 1; i < piece.length; i++) {
    while (right > 0 && piece[i] !== piece[right]) right = fallback[right - 1]!
    if (piece[i] === piece[right]) right++
    fallback[i] = right
  }
  return fallback
}
