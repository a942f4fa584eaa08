/** Regular expressions for tools that take them, from texts of packs in which only a `*` means something. */

/**
 * `text` as a regular expression (PCRE) without delimiters: a `*` becomes `any`, letters and digits and what is not
 * ASCII stay, and everything else is `\xNN`, so nothing in it ends the expression or what it stands in.
 */
export function wildcardPattern(text: string, any: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what must not stay
  return text.replace(/[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]/g, (sign) => {
    return sign === '*' ? any : `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}
