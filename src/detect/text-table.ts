/**
 * Many texts in one array of bytes, so that they cost no objects and can be
 * given to another thread:
 *
 *   bytes  a.example|chat.example.com|b.example|
 *   ends             9               25        34
 *
 * UTF-8; a text is made of the bytes when somebody asks for it.
 */

export interface TextTable {
  readonly bytes: Uint8Array
  /** Where each text ends; it begins where the one before it ends. */
  readonly ends: Uint32Array
}

const DECODER = new TextDecoder()

/** The texts in one piece of memory. */
export function textTable(texts: readonly string[]): TextTable {
  const bytes = new TextEncoder().encode(texts.join(''))
  const units = texts.reduce((sum, text) => sum + text.length, 0)
  const isAscii = bytes.length === units
  const ends = new Uint32Array(texts.length)
  let end = 0
  for (let i = 0; i < texts.length; i++) {
    end += isAscii ? texts[i]!.length : Buffer.byteLength(texts[i]!)
    ends[i] = end
  }
  return { bytes, ends }
}

/** Where the bytes of a text begin; they end at `ends[index]`. */
export function startOf(table: TextTable, index: number): number {
  return index === 0 ? 0 : table.ends[index - 1]!
}

/** A text as it was given. */
export function textAt(table: TextTable, index: number): string {
  return DECODER.decode(table.bytes.subarray(startOf(table, index), table.ends[index]))
}
