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
  faketime: 'faketime',
  mandoc: 'mandoc',
  zstd: 'zstd',
  chromium: 'chromium',
  suricata: 'suricata',
  'named-checkzone': 'bind9-utils',
  'unbound-checkconf': 'unbound',
  nft: 'nftables',
  rsyslogd: 'rsyslog-openssl',
  openssl: 'openssl',
  lognormalizer: 'liblognorm-utils',
}

/** Where programs for administrators lie, which is not on everybody's path. */
const MORE_FOLDERS = ['/usr/sbin', '/sbin']

/** True when `program` is on the path, or where only administrators look. */
export function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...MORE_FOLDERS]
  return folders.some((folder) => existsSync(`${folder}/${program}`))
}

/** vitest calls it before the first test. */
export function setup(): void {
  const missing = () => Object.keys(PROGRAMS).filter((program) => !isInstalled(program))
  if (missing().length === 0) return
  const isRoot = process.getuid?.() === 0
  if (isRoot && isInstalled('apt-get')) {
    const packages = missing().map((program) => PROGRAMS[program]!)
    console.warn(`tests: installing ${packages.join(' ')}`)
    aptGet('update', '-qq')
    install(...packages)
    // Nothing is installed when a single package is not known here, so each of the others gets its own try.
    if (packages.length > 1) for (const program of missing()) install(PROGRAMS[program]!)
  }
  const left = missing()
  if (left.length === 0) return
  console.warn(
    `tests: SKIPPING those that compare with ${left.join(', ')}. Install: apt-get install ${left.map((p) => PROGRAMS[p]).join(' ')}`,
  )
}

function install(...packages: readonly string[]): void {
  aptGet('install', '-y', '-qq', '--no-install-recommends', ...packages)
}

function aptGet(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env, timeout: 300_000 })
}
