/**
 * What the readers of the capture formats have in common: bytes in, frames
 * out, in pieces of any size. A parser knows no files and no time; the same
 * one reads a file, standard input or the pipe of a capturing program.
 *
 * The caller hands over view[at, end), a part of the capture, and gets back
 * how far the parser came. What is left over the caller hands in again, with
 * more bytes behind it. A frame is never copied: it lies in the block where
 * the caller has put it.
 */

import type { Block } from './block.ts'

/** Largest frame that is taken: what libpcap calls MAXIMUM_SNAPLEN. A larger length means damage. */
export const FRAME_BYTES_MAX = 262_144

/** A parser is content when it has this many bytes in one piece: the largest frame and the headers before it. */
export const PIECE_BYTES_MAX = FRAME_BYTES_MAX + 1024

export interface FrameParser {
  /** True after a fault behind which nothing can be read. */
  readonly done: boolean

  /**
   * Appends the frames of view[at, end) to `block` until it is full, the rest
   * is unfinished or damage ends the reading.
   * @param base offset in the capture of byte 0 of `view`; only for faults
   * @returns where it stopped; what lies before that is not needed again
   */
  read(view: DataView, at: number, end: number, base: number, block: Block): number

  /** The capture ends and view[at, end) is what `read` left over: a fault, unless that is nothing. */
  finish(view: DataView, at: number, end: number, base: number): void
}

/** What to do about a capture without any bytes. */
export const EMPTY_ADVICE =
  'Usually the disk was full, the recorder was killed or a copy is still in progress; behind a pipe, the program before it tells why nothing came.'

/** What to do about a capture that stops in the middle of something. */
export const CUT_SHORT_ADVICE =
  'Usually the disk was full, the recorder was killed or a copy is still in progress. All packets before this place were read; copy the file again if the original is longer.'

/** What to do about lengths that contradict the bytes around them. */
export const DAMAGE_ADVICE =
  'The file is damaged here; the packets before this place were read. Copy it again, or see what a repair tool for captures can save behind this place.'
