/**
 * A wire of our own: a network namespace with a pair of virtual interfaces.
 * What tcpreplay sends into one end comes out at the other, where the sensor
 * listens. Needs root and iproute2; where that is missing, `whyNoWire` says so
 * and the tests are skipped, loudly.
 */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, 'bin/seekwatch')

/** Why there can be no wire on this machine; empty when there can. */
export function whyNoWire(programs: readonly string[] = []): string {
  return whyNoNamespace(['tcpreplay', ...programs])
}

/** Why there can be no network namespace on this machine; empty when there can. */
export function whyNoNamespace(programs: readonly string[] = []): string {
  if (process.platform !== 'linux') return 'this is not Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const program of ['ip', ...programs]) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `${program} is not installed`
  }
  const name = `swtest-${process.pid}`
  const tried = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (tried.status !== 0) return `a network namespace cannot be made: ${tried.stderr.trim()}`
  execFileSync('ip', ['netns', 'del', name])
  return ''
}

/** Says that tests are skipped so that nobody takes their silence for success. */
export function sayWhySkipped(file: string, reason: string): void {
  if (reason !== '') process.stderr.write(`\n*** NOT TESTED: ${file}: ${reason} ***\n\n`)
}

export class Wire {
  static #count = 0
  readonly name = `sw-${process.pid}-${Wire.#count++}`
  /** The end where the sensor listens. */
  readonly end = 'span'

  constructor(pairs = 1) {
    execFileSync('ip', ['netns', 'add', this.name])
    this.inside(['sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1'])
    this.ip('link', 'set', 'lo', 'up')
    for (let i = 0; i < pairs; i++) {
      this.ip('link', 'add', far(i), 'type', 'veth', 'peer', 'name', near(i))
      for (const device of [far(i), near(i)]) this.ip('link', 'set', device, 'mtu', '9000', 'up')
    }
  }

  /** Runs `ip` on the namespace. */
  ip(...args: string[]): void {
    execFileSync('ip', ['-n', this.name, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  }

  /** Runs a command inside to its end; returns its output. */
  inside(command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Starts a command inside. */
  start(command: string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, ...command], { stdio: ['ignore', 'pipe', 'ignore'] })
  }

  /** Sends a capture as fast as `rate` says (options of tcpreplay); returns the number of packets sent. */
  send(file: string, rate: string[] = ['--topspeed'], pair = 0): number {
    const said = this.inside(['tcpreplay', '-i', far(pair), ...rate, file])
    const sent = /Successful packets:\s+(\d+)/.exec(said)?.[1]
    if (sent === undefined) throw new Error(`tcpreplay says nothing of packets: ${said}`)
    return Number(sent)
  }

  /** Starts the sensor inside. */
  sensor(folder: string, args: string[], environment: NodeJS.ProcessEnv = {}): RunningSensor {
    return new RunningSensor(this.name, folder, ['live', ...args], environment)
  }

  remove(): void {
    execFileSync('ip', ['netns', 'del', this.name])
  }
}

/** Name of the end where packets go in. */
function far(pair: number): string {
  return pair === 0 ? 'inject' : `inject${pair}`
}

function near(pair: number): string {
  return pair === 0 ? 'span' : `span${pair}`
}

/** A process `seekwatch` in a namespace, and what it says. */
export class RunningSensor {
  stdout = ''
  stderr = ''
  readonly process: ChildProcess
  readonly exit: Promise<{ code: number | null; signal: string | null }>

  constructor(netns: string, folder: string, args: string[], environment: NodeJS.ProcessEnv) {
    // exec all the way, so that the process is the sensor and signals reach it
    this.process = spawn('ip', ['netns', 'exec', netns, PROGRAM, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    this.process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.exit = once(this.process, 'close').then(([code, signal]) => ({ code, signal }))
  }

  /** Waits until it says something, and fails with all it said when it does not. */
  async says(what: RegExp, ms = 15_000): Promise<void> {
    await until(
      () => what.test(this.stderr),
      ms,
      () => `no ${what} in:\n${this.stderr}`,
    )
  }

  /** Ends it with a signal; returns its summary and how long that took. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; summary: LiveSummary; ms: number }> {
    const beganMs = performance.now()
    this.process.kill(signal)
    const { code } = await this.exit
    return { code, summary: JSON.parse(this.stdout || '{}') as LiveSummary, ms: performance.now() - beganMs }
  }
}

export interface LiveSummary {
  packets: number
  packets_lost: number
  alerts: number
  flows: number
  not_decoded: Record<string, number>
}

/** Waits until `test` holds; fails after `ms` with what `explain` says. */
export async function until(test: () => boolean, ms: number, explain: () => string): Promise<void> {
  for (const endMs = performance.now() + ms; !test(); await pause(20)) {
    if (performance.now() > endMs) throw new Error(explain())
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
