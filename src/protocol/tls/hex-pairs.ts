/** Bytes as people compare them: two lower-case hex digits each, with colons between. */

/** bytes[start, end) as `0a:1b:2c`. */
export function hexPairs(bytes: Uint8Array, start: number, end: number): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex')
  return hex.replace(/..(?!$)/g, '$&:')
}
