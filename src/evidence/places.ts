/**
 * Where a capture file may lie that evidence names: where the name leads, from
 * here or from the database's folder, packed since or not; in the folders that somebody gives, under
 * its name; and, where nothing else is left, under any name. Which of these it
 * is, its packets decide (look.ts).
 */

import { opendir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemReason } from '../bytes/system-error.ts'
import type { CaptureFault } from '../capture/block.ts'
import { findCaptures } from '../capture/folder.ts'
import { openReader } from '../capture/open.ts'

/** A recorder compresses what it has rotated. */
const PACKED = /\.(gz|zst)$/i
const HEAD_BYTES = 16 * 1024
/** Files of other names that are looked into for one that is not found by its name. */
const STRANGERS_MAX = 32
/** Files of a folder that are opened to see when they begin. */
const NEIGHBOURS_MAX = 10_000

/** A capture that somebody gave, or that lies beside one. */
export interface Place {
  path: string
  /** Time of its first packet; infinite without one. */
  firstUs: number
}

export class Places {
  /** What could not be opened of what was given. */
  faults: readonly CaptureFault[] = []
  readonly #home: string
  readonly #given: readonly string[]
  #found: Promise<Place[]> | null = null

  /** @param home folder of the database, where the sensor most likely ran. @param given files and folders */
  constructor(home: string, given: readonly string[]) {
    this.#home = home
    this.#given = given
  }

  /** Where `file` may lie, the likeliest first: under its name, then under others. @param timeUs when its evidence was seen */
  async *of(file: string, timeUs: number): AsyncGenerator<{ path: string; isNamed: boolean }> {
    const met = new Set<string>()
    const bare = file.replace(PACKED, '')
    const names = file === '-' ? [] : [file, bare, `${bare}.gz`, `${bare}.zst`]
    for (const path of [...names, ...names.map((name) => join(this.#home, name))]) {
      if (await isNewFile(path, met)) yield { path, isNamed: true }
    }
    const given = await this.given()
    const name = bareName(file)
    for (const { path } of given)
      if (bareName(path) === name && (await isNewFile(path, met))) yield { path, isNamed: true }
    let strangers = 0
    for (const { path, firstUs } of given.toReversed()) {
      if (firstUs > timeUs || strangers === STRANGERS_MAX || !(await isNewFile(path, met))) continue
      strangers++
      yield { path, isNamed: false }
    }
  }

  /** All captures that were given, by the time of their first packet. */
  given(): Promise<Place[]> {
    this.#found ??= this.#findGiven()
    return this.#found
  }

  /** Captures in the folders of these files and those that were given, without the files themselves, by their first packet. */
  async around(files: readonly string[]): Promise<Place[]> {
    const met = new Set<string>()
    for (const file of files) await isNewFile(file, met)
    const places: Place[] = []
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      for (const path of await filesIn(folder)) {
        if (await isNewFile(path, met)) places.push(await placeOf(path))
      }
    }
    for (const place of await this.given()) if (await isNewFile(place.path, met)) places.push(place)
    return byTime(places)
  }

  async #findGiven(): Promise<Place[]> {
    if (this.#given.length === 0) return []
    const { captures, faults } = await findCaptures(this.#given)
    this.faults = faults
    const places: Place[] = []
    for (const { path } of captures) if (path !== '-') places.push(await placeOf(path))
    return byTime(places)
  }
}

/** Why there is no file with this name, for people. */
export async function absence(file: string): Promise<string> {
  if (file === '-') return 'it came from standard input, which is gone'
  try {
    return (await stat(file)).isFile() ? 'it cannot be read' : 'it is no file'
  } catch (error) {
    return `${systemReason(error)}; name the folder where it is now with --captures`
  }
}

function bareName(path: string): string {
  return basename(path).replace(PACKED, '')
}

/** A regular file that was not met before, whatever links lead to it. */
async function isNewFile(path: string, met: Set<string>): Promise<boolean> {
  try {
    const real = await realpath(path)
    if (met.has(real) || !(await stat(real)).isFile()) return false
    met.add(real)
    return true
  } catch {
    return false // what is not there is no place
  }
}

async function placeOf(path: string): Promise<Place> {
  const reader = await openReader(path, { framesPerBlock: 1, chunkBytes: HEAD_BYTES })
  try {
    const block = await reader.next()
    return { path, firstUs: block === null ? Number.POSITIVE_INFINITY : block.timeUs[0]! }
  } finally {
    await reader.close()
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const paths: string[] = []
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.isFile()) paths.push(join(folder, entry.name))
      if (paths.length === NEIGHBOURS_MAX) break
    }
  } catch {
    return [] // one may read a file in a folder that one may not list
  }
  return paths.sort()
}

function byTime(places: readonly Place[]): Place[] {
  return places.toSorted((a, b) => a.firstUs - b.firstUs || (a.path < b.path ? -1 : 1))
}
