/**
 * Comma-separated values, RFC 4180, that a spreadsheet can open without harm.
 *
 * A spreadsheet takes a cell that begins with one of `= + - @`, a tab or a
 * carriage return for a formula, and names come from strangers. Such a cell
 * gets an apostrophe in front, which spreadsheets show as text; whoever reads
 * the file with a program takes it off again. Control characters are written
 * as `\xNN` and `\u{NNNN}`, so that no terminal or viewer acts on them.
 */

const FORMULA = /^[=+\-@\t\r]/
// Controls, formats such as right-to-left marks, halves of surrogate pairs, line and paragraph separators.
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** One record with its line end. */
export function csvLine(cells: ReadonlyArray<string | number>): string {
  return `${cells.map((cell) => (typeof cell === 'number' ? String(cell) : csvCell(cell))).join(',')}\r\n`
}

function csvCell(text: string): string {
  const harmless = (FORMULA.test(text) ? `'${text}` : text).replace(UNSAFE, escaped)
  return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
