/**
 * Runs a program to its end and says what it cost: time on the wall, time of
 * the processor (user and system, all its threads), and the most memory it held.
 *
 * Node cannot ask the kernel for the usage of a child. GNU time can, and is used
 * where it is installed. Else /proc is looked at every 10 ms, so that the last
 * 10 ms of a program may be missing from its figures.
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuSeconds } from './processes.ts'

const GNU_TIME = '/usr/bin/time'
const POLL_MS = 10
const TIMEOUT_MS = 30 * 60 * 1_000
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024
/** Of what a program says on standard error, for the message when it fails. */
const COMPLAINT_CHARACTERS = 2_000

export interface Cost {
  seconds: number
  /** User and system. */
  cpuSeconds: number
  /** Most resident memory. */
  memoryBytes: number
  /** Standard output, when it was asked for. */
  output: string
}

export interface MeasureOptions {
  /** Keep the standard output; else it goes to /dev/null. */
  output?: boolean
  /** Exit codes that are no failure; 0 when absent. */
  allowed?: readonly number[]
  meter?: 'gnu-time' | 'proc'
}

/**
 * Runs `command` (program and arguments, no shell). Rejects when it cannot be started, ends with a code
 * that is not allowed, runs for more than half an hour, or prints more than 16 MiB that were to be kept.
 */
export async function measure(command: readonly string[], options: MeasureOptions = {}): Promise<Cost> {
  const meter = options.meter ?? (existsSync(GNU_TIME) ? 'gnu-time' : 'proc')
  if (meter === 'proc') return run(command, options)
  const folder = mkdtempSync(join(tmpdir(), 'seekwatch-time-'))
  try {
    const figures = join(folder, 'figures')
    const cost = await run([GNU_TIME, '-q', '-o', figures, '-f', '%U %S %M', ...command], options)
    const [user, system, kibibytes] = readFileSync(figures, 'utf8').trim().split(' ').map(Number)
    return { ...cost, cpuSeconds: user! + system!, memoryBytes: kibibytes! * 1024 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function run(command: readonly string[], options: MeasureOptions): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', options.output === true ? 'pipe' : 'ignore', 'pipe'],
      timeout: TIMEOUT_MS,
      env: plainEnvironment(),
    })
    let output = ''
    let complaint = ''
    let endedAt = 0
    const usage = { cpuSeconds: 0, memoryBytes: 0 }
    const poll = setInterval(() => look(child.pid, usage), POLL_MS)

    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > OUTPUT_BYTES_MAX) child.kill()
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-COMPLAINT_CHARACTERS)
    })
    child.on('error', (error) => {
      clearInterval(poll)
      reject(error)
    })
    child.on('exit', () => {
      endedAt = performance.now()
      clearInterval(poll)
    })
    child.on('close', (code, signal) => {
      const isAllowed = code !== null && (options.allowed ?? [0]).includes(code)
      if (isAllowed) resolve({ seconds: (endedAt - began) / 1_000, ...usage, output })
      else reject(new Error(`${command.join(' ')} ended with ${signal ?? `code ${code}`}:\n${complaint}`))
    })
  })
}

/** The usage of a process until now; left as it is when the process is gone. */
function look(pid: number | undefined, usage: { cpuSeconds: number; memoryBytes: number }): void {
  try {
    usage.cpuSeconds = Math.max(usage.cpuSeconds, cpuSeconds(pid ?? 0))
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    if (peak !== null) usage.memoryBytes = Math.max(usage.memoryBytes, Number(peak[1]) * 1024)
  } catch {
    // It ended between two looks.
  }
}

/** The environment without what would change the programs: our own settings, and Node's options of the bench itself. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith('SEEKWATCH_') && !name.startsWith('NODE_')) environment[name] = value
  }
  return environment
}
