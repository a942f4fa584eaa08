/**
 * Text from bytes. One character per byte (ISO 8859-1), so no byte is lost or
 * merged; making it safe to show is the business of whoever shows it
 * (`printable` for terminals and logs, the page's own escaping for the page).
 */

/** bytes[start, end) as text, one character per byte. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

/**
 * The same text in one piece, for what is kept long. V8 keeps text that was put together as a tree of its parts, 32
 * bytes for each joint. Reading its JSON is a way that no compiler takes for idle, and changes no character.
 */
export function inOnePiece(text: string): string {
  return JSON.parse(JSON.stringify(text))
}

/**
 * Text from the wire made safe for a terminal, a log or a message: everything outside printable ASCII,
 * and the backslash itself, becomes `\xNN` or `\u{NNNN}`. So no escape sequence, line break or
 * right-to-left mark of a stranger reaches a reader, and nothing is hidden either. Names of DNS come with escapes of their
 * own, `\DDD` (protocol/dns/name.ts), which stay: they look like none of these.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  return text.replace(/\\(?!\d{3})|[\x00-\x1f\x7f-\u{10ffff}]/gu, (c) => {
    const code = c.codePointAt(0)!
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/**
 * Text of our own people (a reason, an owner, in any language) made safe for a terminal: letters stay as they are,
 * what would steer a terminal or turn the reading direction becomes `\u{NNNN}`. Not for names from the wire, which may
 * look like other names.
 */
export function readable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
}

/** Has `text` nothing that would steer a terminal or turn the reading direction? Letters of any language pass. */
export function isReadable(text: string): boolean {
  return readable(text) === text
}

const SHOWN_CHARACTERS_MAX = 80

/** A value that somebody wrote, inside a sentence about it: as JSON, safe for a terminal, not too long. */
export function shownValue(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing'
  return readable(json.length > SHOWN_CHARACTERS_MAX ? `${json.slice(0, SHOWN_CHARACTERS_MAX - 3)}..."` : json)
}
