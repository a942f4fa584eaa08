/**
 * The programs that the bench runs over the same file: ours, and peers. They do
 * not all do the same work, so each says what it does.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import ts from 'typescript'

export const ROOT = join(import.meta.dirname, '../..')
export const SEEKWATCH = join(ROOT, 'bin/seekwatch')

export interface Program {
  name: string
  /** What it does with the file. */
  work: string
  command: readonly string[]
  version: string
  /** Takes about a minute for each gigabyte, so it runs in the first round only. */
  isSlow: boolean
  /** What must not be there when it starts. */
  scratch: readonly string[]
}

export interface Missing {
  name: string
  /** How to get it. */
  advice: string
}

/** Ours, as the peers are compared with it: rules, alerts, no database. */
export function ourProgram(file: string): Program {
  return {
    name: 'seekwatch',
    work: 'flows, DNS, TLS, rules',
    command: [SEEKWATCH, 'replay', file, '--no-store', '--quiet', '--json'],
    version: versionOf([SEEKWATCH, '--version']) ?? 'unknown',
    isSlow: false,
    scratch: [],
  }
}

/** Everything that ours is compared with, and what is not installed. `folder` takes what they write. */
export function peerPrograms(file: string, folder: string): { present: Program[]; missing: Missing[] } {
  const database = join(folder, 'bench.db')
  const logs = join(folder, 'suricata')
  mkdirSync(logs, { recursive: true })
  const quick = { isSlow: false, scratch: [] }
  const withStore: Program = {
    ...ourProgram(file),
    name: 'seekwatch, with store',
    version: '',
    work: 'the same, and SQLite',
    command: [SEEKWATCH, 'replay', file, '--db', database, '--quiet', '--json'],
    scratch: [database, `${database}-wal`, `${database}-shm`],
  }
  const allEvents: Program = {
    ...ourProgram(file),
    name: 'seekwatch, all events',
    version: '',
    work: 'all TLS, QUIC, DNS, HTTP as EVE JSON',
    command: [
      ...[SEEKWATCH, 'replay', file, '--no-store', '--quiet', '--json'],
      ...['--eve', join(folder, 'bench-eve.json'), '--events', 'alert,tls,quic,dns,http'],
    ],
    scratch: [join(folder, 'bench-eve.json')],
  }
  const parserVersion: string = createRequire(import.meta.url)('pcap-parser/package.json').version
  const pcapParser: Program = {
    ...quick,
    name: 'pcap-parser',
    work: 'counts packets',
    command: [process.execPath, '--no-deprecation', compiled('pcap-parser'), file],
    version: parserVersion,
  }
  const installed: Array<Omit<Program, 'version'> & { ask: string[]; advice: string }> = [
    {
      ...quick,
      name: 'cat',
      work: 'reads the file',
      command: ['cat', file],
      ask: ['cat', '--version'],
      advice: 'Debian package coreutils',
    },
    {
      ...quick,
      name: 'tcpdump',
      work: 'copies the packets to /dev/null',
      command: ['tcpdump', '-r', file, '-w', '/dev/null'],
      ask: ['tcpdump', '--version'],
      advice: 'Debian package tcpdump',
    },
    {
      name: 'tshark',
      work: 'prints the TLS and DNS names',
      command: tsharkNames(file),
      ask: ['tshark', '--version'],
      advice: 'Debian package tshark',
      isSlow: true,
      scratch: [],
    },
    {
      name: 'suricata',
      work: 'flows, DNS, TLS to EVE JSON; no rules',
      command: ['suricata', '-r', file, '-l', logs, '-k', 'none', '-S', '/dev/null'],
      ask: ['suricata', '-V'],
      advice: 'Debian package suricata',
      isSlow: false,
      scratch: [join(logs, 'eve.json'), join(logs, 'fast.log'), join(logs, 'stats.log')],
    },
    {
      name: 'ndpiReader',
      work: 'names the protocol of each flow',
      command: ['ndpiReader', '-i', file, '-q'],
      ask: ['ndpiReader', '-h'],
      advice: 'Debian package libndpi-bin',
      isSlow: true,
      scratch: [],
    },
  ]
  const present = [withStore, allEvents, pcapParser]
  const missing: Missing[] = []
  for (const { ask, advice, ...program } of installed) {
    const version = versionOf(ask)
    if (version === null) missing.push({ name: program.name, advice })
    else present.push({ ...program, version })
  }
  return { present, missing }
}

/** tshark on a file: for each packet with a server name or a DNS question, both, with a tab between. */
export function tsharkNames(file: string): string[] {
  const fields = ['-T', 'fields', '-e', 'tls.handshake.extensions_server_name', '-e', 'dns.qry.name']
  return ['tshark', '-n', '-r', file, '-Y', 'tls.handshake.extensions_server_name or dns', ...fields]
}

/** A script of this folder as JavaScript, where it finds our packages. Returns its path. */
export function compiled(script: string): string {
  const folder = join(ROOT, 'node_modules/.cache/seekwatch-bench')
  const path = join(folder, `${script}.mjs`)
  const options = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }
  const source = readFileSync(join(import.meta.dirname, `${script}.ts`), 'utf8')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, ts.transpileModule(source, { compilerOptions: options }).outputText)
  return path
}

/** The first version number that the program prints, null when it cannot be started. */
export function versionOf(command: readonly string[]): string | null {
  const { error, stdout, stderr } = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8', timeout: 20_000 })
  if (error !== undefined) return null
  return /\d+\.\d+(\.\d+)*/.exec(stdout + stderr)?.[0] ?? 'unknown'
}
