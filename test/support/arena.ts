/**
 * Runs a parser on the same input inside arenas that differ only outside the
 * input. A parser that reads past its range gives different answers (or reads
 * `undefined` at the edge), so equality here proves that it stayed inside.
 */
import assert from 'node:assert/strict'

const MARGIN = 512

/** What `parse` answers for `input`; fails when the answer depends on bytes outside of it. */
export function parseTwice<T>(input: Uint8Array, parse: (bytes: Uint8Array, start: number, end: number) => T): T {
  const run = (poison: number): T => {
    const arena = Buffer.alloc(MARGIN + input.length + MARGIN, poison)
    arena.set(input, MARGIN)
    return parse(arena, MARGIN, MARGIN + input.length)
  }
  const first = run(0x00)
  assert.deepEqual(run(0xff), first, 'the parser read outside its input')
  assert.deepEqual(run(0x41), first, 'the parser read outside its input')
  return first
}

/** Bytes from annotated hex: white space and `# ...` comments are ignored. */
export function hex(text: string): Uint8Array {
  return Buffer.from(text.replace(/#.*$/gm, '').replace(/\s+/g, ''), 'hex')
}
