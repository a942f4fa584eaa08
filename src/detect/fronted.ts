/**
 * A watched name in front of the name of a CDN, the shape of many CNAMEs:
 *
 *   cdn.example.com . 436b7a4e . cdnhwcqwg14.com
 *   [watched name ]   [between]  [suffix of the CDN, cdnhwc*.com]
 *
 * Everything is compared on borders of labels, from the last one on, so
 * `notexample.com.cdn.net` and `example.com.evilcdn.net` are not met. Asked of
 * names from the wire, many of which end in `.com`: no text is made.
 */

import type { FrontedIndicator } from '../packs/pack.ts'

const DOT = 0x2e
const STAR = 0x2a

/** What has to stand behind and in front, as bytes, the last label first. */
export interface FrontShape {
  readonly cdn: readonly Uint8Array[]
  readonly name: readonly Uint8Array[]
  readonly labelsBetween: number
}

/** The labels that `isFronted` compares, the last one first. */
export function frontShape({ cdn, name, labelsBetween }: FrontedIndicator): FrontShape {
  const labels = (text: string) =>
    text
      .split('.')
      .reverse()
      .map((label) => new Uint8Array(Buffer.from(label, 'latin1')))
  return { cdn: labels(cdn), name: labels(name), labelsBetween }
}

/** Does the name bytes[start, end), without a final dot, have that shape? */
export function isFronted(bytes: Uint8Array, start: number, end: number, shape: FrontShape): boolean {
  let rest = withoutLabels(bytes, start, end, shape.cdn)
  for (let between = 0; rest > start && between <= shape.labelsBetween; between++) {
    if (withoutLabels(bytes, start, rest, shape.name) >= start) return true
    rest = labelStart(bytes, start, rest) - 1
  }
  return false
}

/** Where the name ends when these labels are taken from its end: before the dot, `start` when nothing is left, -1 when it has others. */
function withoutLabels(bytes: Uint8Array, start: number, end: number, labels: readonly Uint8Array[]): number {
  for (let i = 0; i < labels.length; i++) {
    if (end < start) return -1
    const from = labelStart(bytes, start, end)
    if (!meetsLabel(bytes, from, end, labels[i]!)) return -1
    if (from === start) return i === labels.length - 1 ? start : -1
    end = from - 1
  }
  return end
}

/** Where the last label of bytes[start, end) begins. */
function labelStart(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && bytes[end - 1] !== DOT) end--
  return end
}

/** Is the label what the pattern says? Goes back to the last star only, and a label is short. */
function meetsLabel(bytes: Uint8Array, start: number, end: number, pattern: Uint8Array): boolean {
  let at = start
  let p = 0
  let star = -1
  let starAt = start
  while (at < end) {
    if (p < pattern.length && pattern[p] === STAR) {
      star = p++
      starAt = at
    } else if (p < pattern.length && pattern[p] === lower(bytes[at]!)) {
      p++
      at++
    } else if (star >= 0) {
      p = star + 1
      at = ++starAt
    } else return false
  }
  while (pattern[p] === STAR) p++
  return p === pattern.length
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
}
