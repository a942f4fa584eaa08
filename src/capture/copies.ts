/**
 * Finds files that hold the same capture: one that was packed and kept
 * (`gzip -k`), a copy beside its original. Read twice, every byte and packet
 * of an alert would count twice, and nothing in the alert would show it.
 *
 * Only files that begin with the same packet at the same time are looked at
 * any further, so an archive without copies costs nothing.
 */

import { createHash } from 'node:crypto'
import type { Remark } from './block.ts'
import { causeOf } from './faults.ts'
import { openSource } from './source.ts'

const CHUNK_BYTES = 1024 * 1024

export interface Beginning {
  path: string
  name: string
  /** The same for files whose first packets are the same; empty for one without packets. */
  beginning: string
}

export interface Originals<T> {
  /** Each capture once, in the order of `files`. */
  originals: T[]
  /** Which were left out for being copies, and which begin alike but are not the same. */
  remarks: Remark[]
}

/** Of files that hold the same bytes, packed or not, the first. Never rejects. */
export async function withoutCopies<T extends Beginning>(
  files: readonly T[],
  signal?: AbortSignal,
): Promise<Originals<T>> {
  const families = new Map<string, T[]>()
  for (const file of files) {
    if (file.beginning === '') continue
    const family = families.get(file.beginning)
    if (family) family.push(file)
    else families.set(file.beginning, [file])
  }
  const left = new Set<T>()
  const remarks: Remark[] = []
  for (const family of families.values()) {
    if (family.length === 1) continue
    const firsts = new Map<string, T>()
    for (const file of family) {
      if (signal?.aborted) break
      const content = await contentOf(file.path, signal)
      const first = firsts.get(content)
      if (first) {
        left.add(file)
        remarks.push({ file: file.name, remark: `holds the same as ${first.name}, so it was not read again` })
      } else if (firsts.size > 0)
        remarks.push({
          file: file.name,
          remark: `begins with the same packet as ${family[0]!.name} and goes on differently; if one is a copy of the other, what both hold counts twice: leave one out`,
        })
      firsts.set(content, first ?? file)
    }
  }
  return { originals: files.filter((file) => !left.has(file)), remarks }
}

/** What stands for the bytes of a file, decompressed; where they end too early, for what came and why it ended. */
async function contentOf(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const chunk = new Uint8Array(CHUNK_BYTES)
  try {
    const source = await openSource(path, signal)
    try {
      for (let count = 1; count > 0 && !signal?.aborted; ) {
        count = await source.read(chunk, 0, CHUNK_BYTES)
        hash.update(chunk.subarray(0, count))
      }
    } finally {
      await source.close()
    }
  } catch (error) {
    hash.update(causeOf(error).reason)
  }
  return hash.digest('base64')
}
