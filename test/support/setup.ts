/**
 * Runs once before the tests: looks for the Debian programs that some of them
 * compare with, and installs what is missing when it may. A test whose program
 * is not there is skipped, and here it is said loudly which and how to mend it.
 */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Program -> Debian package. */
const PROGRAMS: Readonly<Record<string, string>> = {
  tcpdump: 'tcpdump',
  tshark: 'tshark',
  zstd: 'zstd',
  chromium: 'chromium',
}

/** True when `program` is on the path. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`))
}

/** vitest calls it before the first test. */
export function setup(): void {
  const missing = () => Object.keys(PROGRAMS).filter((program) => !isInstalled(program))
  if (missing().length === 0) return
  const packages = missing().map((program) => PROGRAMS[program]!)
  const isRoot = process.getuid?.() === 0
  if (isRoot && isInstalled('apt-get')) {
    console.warn(`tests: installing ${packages.join(' ')}`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    ]) {
      spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env, timeout: 300_000 })
    }
  }
  const left = missing()
  if (left.length === 0) return
  console.warn(
    `tests: SKIPPING those that compare with ${left.join(', ')}. Install: apt-get install ${left.map((p) => PROGRAMS[p]).join(' ')}`,
  )
}
