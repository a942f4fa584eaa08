/**
 * Stable ids: the same traffic and the same rules give the same ids on every
 * run and every machine. They are hashes of what a thing is, never random.
 */

import { hash } from 'node:crypto'

const ID_HEX_DIGITS = 24 // 96 bits: two of a thousand million alerts collide with a chance of 1 in 10^10

/** The id of a thing that is what `parts` say, in this order. */
export function stableId(...parts: Array<string | number>): string {
  // of the bytes, because a part of a text keeps all of it
  return hash('sha256', parts.join('\0'), 'buffer').toString('hex', 0, ID_HEX_DIGITS / 2)
}
