/**
 * How long packets wait while rules are read again: a pack of 200,000 entries,
 * and the lists for firewalls that are made of them, by the thread of the built program, while the event loop of this one is
 * watched. Run it with `node --import tsx test/bench/reload.ts` after the build.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { writeLargePack } from '../support/large-pack.ts'
import { ROOT } from './programs.ts'

const COUNT = 100_000
const ROUNDS = 10

const folder = mkdtempSync(join(tmpdir(), 'seekwatch-reload-'))
try {
  writeLargePack(folder, { entries: COUNT })
  const { loadRules }: typeof import('../../src/packs/load.ts') = await built('packs/load.js')
  const { compileRules }: typeof import('../../src/detect/compile.ts') = await built('detect/compile.js')
  const { Matcher }: typeof import('../../src/detect/match.ts') = await built('detect/match.js')
  const { RuleSource }: typeof import('../../src/detect/rule-source.ts') = await built('detect/rule-source.js')

  const loading = process.cpuUsage()
  const set = loadRules(folder)
  const loadMs = process.cpuUsage(loading).user / 1000
  const compiling = process.cpuUsage()
  const current = compileRules(set)
  const compileMs = process.cpuUsage(compiling).user / 1000
  let useMs = 0
  const source = new RuleSource({
    folder,
    current,
    isPublished: true,
    onRules: ({ rules }) => {
      const began = performance.now()
      new Matcher(rules)
      useMs = Math.max(useMs, performance.now() - began)
    },
    onProblem: (message) => process.stderr.write(`${message}\n`),
    onWarning: () => {},
  })
  /** The longest wait of the event loop while this runs, in milliseconds. */
  const longestWait = async (work: () => Promise<void>): Promise<number> => {
    let longest = 0
    let last = performance.now()
    const beat = setInterval(() => {
      const now = performance.now()
      longest = Math.max(longest, now - last - 1)
      last = now
    }, 1)
    await work()
    await new Promise((resolve) => setTimeout(resolve, 20))
    clearInterval(beat)
    return longest
  }
  // other programs make this one wait, too: so each reload is followed by as much time without one
  const waits: number[] = []
  const idle: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    waits.push(await longestWait(() => source.reload()))
    const tookMs = performance.now() - began
    idle.push(await longestWait(() => new Promise((resolve) => setTimeout(resolve, tookMs))))
  }
  waits.sort((a, b) => a - b)
  idle.sort((a, b) => a - b)
  process.stdout.write(
    `${2 * COUNT} entries: read ${loadMs.toFixed(0)} ms of CPU, compiled ${compileMs.toFixed(0)} ms of CPU; ` +
      `longest wait of the event loop in a reload: median ${waits[ROUNDS >> 1]!.toFixed(1)} ms, least ${waits[0]!.toFixed(1)} ms; without one: median ${idle[ROUNDS >> 1]!.toFixed(1)} ms, least ${idle[0]!.toFixed(1)} ms; ` +
      `taking the new set into use: at most ${useMs.toFixed(1)} ms\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A module of the built sensor. Its types are those of the source. */
function built(module: string): Promise<never> {
  return import(join(ROOT, 'dist', module)) as Promise<never>
}
