/**
 * Names from the wire, made fit to be looked at.
 *
 * A stranger chose them. The page never treats them as HTML, but plain text
 * can lie as well: a right-to-left mark turns a name around, a zero-width
 * space hides inside it, stacked accents cover the row above. So whatever is
 * not plainly visible is written out as \u{hex}.
 */

/**
 * `text` with control, bidi, zero-width, combining, private and unassigned characters, lone surrogates and all
 * spaces but the plain one written as `\u{hex}`. A backslash stays: texts of the server may already hold escapes.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{C}\p{M}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  )
}

/**
 * `text` in at most `length` (4 or more) characters, cut in the middle: the end of a domain name
 * says whose it is, so the end must stay.
 */
export function cut(text: string, length: number): string {
  const characters = [...text]
  if (characters.length <= length) return text
  const head = Math.ceil((length - 1) / 3)
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (length - 1 - head)).join('')}`
}

/**
 * `value` as indented JSON in ASCII, for the clipboard: the same value to every JSON reader, and
 * nothing in it that a terminal or an editor would obey when it is pasted.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
