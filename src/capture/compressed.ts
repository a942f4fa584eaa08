/**
 * A window over compressed bytes: as many as are asked for lie in one piece in
 * `bytes[at, end)`, whatever the pieces they came in. Whoever reads moves `at`;
 * the window owns the bytes and moves them when it needs room.
 */

import type { ByteSource } from './source.ts'

/** Most bytes that can be asked for at once: a block of zstd with its headers, and room to read ahead. */
const WINDOW_BYTES = 256 * 1024

export class CompressedWindow {
  readonly bytes = new Uint8Array(WINDOW_BYTES)
  at = 0
  end = 0
  readonly #source: ByteSource

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** Reads until `count` bytes (at most 128 KiB and some) are there or the source ends; returns how many are. */
  async ensure(count: number): Promise<number> {
    while (this.end - this.at < count) {
      if (this.at > 0) {
        this.bytes.copyWithin(0, this.at, this.end)
        this.end -= this.at
        this.at = 0
      }
      const read = await this.#source.read(this.bytes, this.end, this.bytes.length)
      if (read === 0) break
      this.end += read
    }
    return this.end - this.at
  }

  /** Moves over `count` bytes, however many they are; false when the source ends before. */
  async skip(count: number): Promise<boolean> {
    while (count > this.end - this.at) {
      count -= this.end - this.at
      this.at = this.end
      if ((await this.ensure(1)) === 0) return false
    }
    this.at += count
    return true
  }
}
