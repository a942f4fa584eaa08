/**
 * Ranges of addresses in CIDR notation, as flat tables that are asked about
 * addresses from the wire.
 *
 * Two such ranges are the same, or one lies in the other, or they have nothing
 * in common. So each distinct range is a node of a forest, and an address lies
 * in the narrowest range that holds it and in all ranges above that one:
 *
 *   10.0.0.0/8       node 0, parent NONE
 *     10.1.0.0/16    node 1, parent 0
 *       10.1.2.3/32  node 2, parent 1
 *
 * A binary search over the places where another narrowest range begins gives
 * the node; the way up is at most 33 or 129 steps.
 */

import { type CidrWords, cidrWords } from '../bytes/cidr.ts'
import { AddressTable, NONE, type RangeTable } from '../bytes/ranges.ts'

export interface NetworkTable {
  readonly ipv4: RangeTable
  readonly ipv6: RangeTable
  /** Of each node the next wider range that holds it, or NONE. */
  readonly parents: Int32Array
}

interface Block extends CidrWords {
  /** Its place in the list that came. */
  index: number
}

/**
 * The table of these ranges.
 * @returns also the node of each range, in the order in which they came; ranges that are the same share one
 * @throws RangeError for a text that is no range, which the check of a pack rules out
 */
export function networkTable(cidrs: readonly string[]): { table: NetworkTable; nodes: Int32Array } {
  const blocks: Record<4 | 6, Block[]> = { 4: [], 6: [] }
  cidrs.forEach((text, index) => {
    const { words, prefix } = cidrWords(text)
    blocks[words.length === 1 ? 4 : 6].push({ words, prefix, index })
  })
  const nodes = new Int32Array(cidrs.length)
  const parents: number[] = []
  const ipv4 = pieces(blocks[4], 1, nodes, parents)
  const ipv6 = pieces(blocks[6], 4, nodes, parents)
  return { table: { ipv4, ipv6, parents: Int32Array.from(parents) }, nodes }
}

/** Something that finds the node of the narrowest range that holds an address. */
export function addressTable(table: NetworkTable): AddressTable {
  return new AddressTable(table.ipv4, table.ipv6)
}

function pieces(blocks: Block[], wordCount: number, nodes: Int32Array, parents: number[]): RangeTable {
  blocks.sort(byStartThenWidth)
  const starts: number[] = []
  const values: number[] = []
  const begin = (words: readonly number[], node: number): void => {
    const last = values.length - 1
    // A range that begins where the one around it does takes its place, and one that ends where the next begins ends silently.
    const isSame = last >= 0 && words.every((word, i) => starts[last * wordCount + i] === word)
    if (isSame) values[last] = node
    else {
      starts.push(...words)
      values.push(node)
    }
  }
  begin(Array<number>(wordCount).fill(0), NONE)

  const open: Array<{ block: Block; node: number }> = []
  const closeBefore = (words: readonly number[] | null): void => {
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (words !== null && holds(top.block, words)) return
      open.pop()
      const after = next(top.block)
      if (after !== null) begin(after, open.at(-1)?.node ?? NONE)
    }
  }
  let previous: Block | undefined
  for (const block of blocks) {
    if (previous !== undefined && byStartThenWidth(previous, block) === 0) {
      nodes[block.index] = nodes[previous.index]!
      continue
    }
    previous = block
    closeBefore(block.words)
    const node = parents.length
    parents.push(open.at(-1)?.node ?? NONE)
    nodes[block.index] = node
    begin(block.words, node)
    open.push({ block, node })
  }
  closeBefore(null)
  return { starts: Uint32Array.from(starts), values: Int32Array.from(values) }
}

function byStartThenWidth(a: Block, b: Block): number {
  for (let i = 0; i < a.words.length; i++) if (a.words[i] !== b.words[i]) return a.words[i]! - b.words[i]!
  return a.prefix - b.prefix
}

/** Does the range hold the address that these words are? */
function holds({ words, prefix }: Block, address: readonly number[]): boolean {
  for (let i = 0; i < words.length && prefix > 32 * i; i++) {
    const mask = maskOf(prefix - 32 * i)
    if (((words[i]! ^ address[i]!) & mask) !== 0) return false
  }
  return true
}

/** The first address behind the range; null behind the last of all. */
function next({ words, prefix }: Block): number[] | null {
  const after = [...words]
  for (let i = words.length - 1; i >= 0; i--) {
    if (prefix <= 32 * i) continue // the word is all hosts: the carry goes to the one before
    const step = i === Math.ceil(prefix / 32) - 1 ? 2 ** (32 * (i + 1) - prefix) : 1
    const sum = after[i]! + step
    after[i] = sum % 2 ** 32
    if (sum < 2 ** 32) return after
  }
  return null
}

/** The first `bits` of 32. */
function maskOf(bits: number): number {
  return bits >= 32 ? -1 : ~(2 ** (32 - bits) - 1)
}
