/**
 * The program as one file with V8's code beside it: `program.cjs` and
 * `program.cache`, made by `build-program.ts` from the modules in `dist`. A
 * start that reads 150 modules and compiles them costs twice as much as one
 * that does not.
 *
 * V8 takes the code only when its version and flags are those of the build;
 * otherwise it compiles the file anew, which is only slower. A file older than
 * the modules is not used, so that whoever runs `tsc` alone runs what he wrote.
 */

import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import type { main } from './main.ts'

const FILE = 'program.cjs'
const CACHE = 'program.cache'
/** Of both halves of the room for new objects together. With twice as much a replay took as long, and 8 MB more. */
const YOUNG_BYTES = 8 * 2 ** 20
const YOUNG_LOOK_MS = 50
/** V8's own flag: the room for new objects doubles. */
export const YOUNG_GROWTH = '--semi-space-growth-factor=2'
const YOUNG_STAYS = '--semi-space-growth-factor=1'

export interface Program {
  main: typeof main
  /** What V8 compiled, for a new cache. */
  script: Script
}

/** The file with all modules in one. */
export function programFile(dist: string): string {
  return join(dist, FILE)
}

/** The file with the code that V8 made of it. */
export function cacheFile(dist: string): string {
  return join(dist, CACHE)
}

/**
 * The program in `dist`, ready to run; null when it is not there or older than the modules. Either way flags of V8
 * are set for the whole process.
 */
export function loadProgram(dist: string): Program | null {
  // V8 would put all of the packet path into one function, and compile that again with each kind of packet it meets for
  // the first time: a fifth of the processor time of a gigabyte. With a third of its limit a replay of one takes a tenth
  // less, a long one as long as before.
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=300')
  setInterval(boundYoungHeap, YOUNG_LOOK_MS).unref()
  const file = programFile(dist)
  if (modified(file) < modified(join(dist, 'cli/main.js'))) return null
  const source = read(file)
  if (source === undefined) return null
  const cachedData = read(cacheFile(dist))
  // Names of packages are resolved from the file on, as if it were a module of its own.
  const script = new Script(`(function (module, require, __dirname) {${source.toString('latin1')}\n})`, {
    filename: file,
    ...(cachedData ? { cachedData } : {}),
  })
  const module = { exports: {} as Pick<Program, 'main'> }
  script.runInThisContext()(module, createRequire(file), dist)
  return { main: module.exports.main, script }
}

/**
 * Keeps the room for new objects as small as it was in the first second. V8 doubles it, to 32 MB, whenever as much as it
 * holds has lived on, which over hours always comes to pass, and lets as much more garbage lie among the old objects. Its
 * flag for the most room counts only at the start of the process, and costs the code that V8 has of Node itself.
 */
function boundYoungHeap(): void {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  if (young) setFlagsFromString(young.space_size < YOUNG_BYTES ? YOUNG_GROWTH : YOUNG_STAYS)
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

/** Milliseconds; 0 for what is not there. */
function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
