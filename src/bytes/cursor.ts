/**
 * A reader that cannot leave its range, for messages made of nested,
 * length-prefixed parts (TLS, QUIC, DNS records).
 *
 * Failure sticks: once a read does not fit, `ok` is false, every later read
 * gives 0, and nothing throws. So a parser is a straight list of reads in the
 * order of the specification, with one look at `ok` at the end. `block8`,
 * `block16` and `block24` give a cursor over a length-prefixed part; it ends
 * where the part ends, whatever the bytes inside claim.
 *
 * About three times slower than offset arithmetic (44 ns against 10 to 17 for
 * a TCP/IP header, Node 20), so packet headers do without it. The bytes stay
 * the caller's: a cursor is good for as long as they are.
 */

import { u8, u16, u24, u32 } from './read.ts'
import { latin1 } from './text.ts'

export class Cursor {
  readonly bytes: Uint8Array
  at: number
  end: number
  ok = true

  /** Reads bytes[start, end). */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.at = start
    this.end = end
  }

  get isEmpty(): boolean {
    return this.at >= this.end
  }

  /** How many bytes are left. */
  get left(): number {
    return this.end - this.at
  }

  u8(): number {
    const at = this.skip(1)
    return this.ok ? u8(this.bytes, at) : 0
  }

  u16(): number {
    const at = this.skip(2)
    return this.ok ? u16(this.bytes, at) : 0
  }

  u24(): number {
    const at = this.skip(3)
    return this.ok ? u24(this.bytes, at) : 0
  }

  u32(): number {
    const at = this.skip(4)
    return this.ok ? u32(this.bytes, at) : 0
  }

  /** A cursor over a part whose length stands before it in one byte. */
  block8(): Cursor {
    return this.block(this.u8())
  }

  /** A cursor over a part whose length stands before it in two bytes. */
  block16(): Cursor {
    return this.block(this.u16())
  }

  /** A cursor over a part whose length stands before it in three bytes. */
  block24(): Cursor {
    return this.block(this.u24())
  }

  /** A cursor over the next `length` bytes; one that has failed already when they are not there. */
  block(length: number): Cursor {
    const start = this.skip(length)
    const block = new Cursor(this.bytes, this.ok ? start : this.end, this.at)
    block.ok = this.ok
    return block
  }

  /** Moves over `count` bytes and returns the offset where they began. */
  skip(count: number): number {
    const began = this.at
    if (count > this.end - began) this.ok = false
    this.at = this.ok ? began + count : this.end
    return began
  }

  /** The unread rest as text, one character per byte. */
  text(): string {
    return latin1(this.bytes, this.at, this.end)
  }
}
