/** rsyslog as a receiver: a process of our own with a configuration of its own, on loopback, that writes down what came. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Authority } from './certificates.ts'
import { temporaryFolder } from './folder.ts'
import { isInstalled } from './setup.ts'
import { until } from './wire.ts'

/** Why there is no rsyslog with TLS; empty when there is. */
export function whyNoRsyslog(): string {
  const missing = ['rsyslogd', 'openssl'].filter((program) => !isInstalled(program))
  if (missing.length > 0)
    return `${missing.join(', ')} is not installed: apt-get install rsyslog rsyslog-openssl openssl`
  return DRIVERS.some((path) => existsSync(path)) ? '' : 'no TLS driver: apt-get install rsyslog-openssl'
}

const MACHINE = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
const DRIVERS = [`/usr/lib/${MACHINE}-linux-gnu/rsyslog/lmnsd_ossl.so`]

/** A message as rsyslog took it apart. */
export interface Heard {
  pri: string
  time: string
  host: string
  app: string
  procid: string
  msgid: string
  data: string
  msg: string
}

export interface Rsyslog {
  port: number
  heard: () => Heard[]
  /** Ends it in order, so that all it took is written. */
  stop: () => Promise<void>
  /** Ends it at once. */
  kill: () => Promise<void>
}

export interface RsyslogOptions {
  transport: 'udp' | 'tcp' | 'tls'
  port?: number
  folder?: string
  /** For TLS: it takes only a client whose certificate is for `client`. */
  authority?: Authority
  client?: string
  bytesMax?: number
}

/** Starts one; a second one in the same folder goes on with the same file. */
export async function startRsyslog(options: RsyslogOptions): Promise<Rsyslog> {
  const { transport, folder = temporaryFolder() } = options
  const port = options.port ?? (await freePort(transport))
  const out = join(folder, 'heard.jsonl')
  writeFileSync(join(folder, 'rsyslog.conf'), configuration({ ...options, folder, port, out }))
  const child = spawn(program(), ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'rsyslog.pid')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  const end = (signal: NodeJS.Signals) => ended(child, signal)
  onTestFinished(() => end('SIGKILL'))
  const isReady = (): boolean => {
    if (child.exitCode !== null) throw new Error(`rsyslogd has ended: ${said}`)
    return isListening(transport, port)
  }
  await until(isReady, 10_000, () => `rsyslogd does not listen on port ${port}: ${said}`)
  return { port, heard: () => heardIn(out), stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

/** Of rsyslog, for the fields of `Heard`. */
const PROPERTIES: Readonly<Record<keyof Heard, string>> = {
  pri: 'pri',
  time: 'timestamp',
  host: 'hostname',
  app: 'app-name',
  procid: 'procid',
  msgid: 'msgid',
  data: 'structured-data',
  msg: 'msg',
}

function configuration({
  transport,
  port,
  folder,
  out,
  authority,
  client,
  bytesMax = 16384,
}: RsyslogOptions & { port: number; folder: string; out: string }): string {
  const template = Object.entries(PROPERTIES).map(
    ([name, property]) => `property(outname="${name}" name="${property}" format="jsonf" dateFormat="rfc3339")`,
  )
  const listed = template.join('\n  constant(value=", ")\n  ')
  const input = transport === 'udp' ? 'imudp' : 'imtcp'
  const tls = transport === 'tls' ? tlsModule(authority!, client!) : { global: '', module: '' }
  return `
global(workDirectory="${folder}" maxMessageSize="${bytesMax}" ${tls.global})
module(load="${input}" ${tls.module})
template(name="json" type="list") {
  constant(value="{")
  ${listed}
  constant(value="}\\n")
}
ruleset(name="all") { action(type="omfile" file="${out}" template="json" flushOnTXEnd="on" asyncWriting="off") }
input(type="${input}" port="${port}" address="127.0.0.1" ruleset="all")
`
}

function tlsModule(authority: Authority, client: string): { global: string; module: string } {
  const { cert, key } = authority.sign('rsyslog', 'DNS:localhost,IP:127.0.0.1')
  const files = `DefaultNetstreamDriverCAFile="${authority.ca}" DefaultNetstreamDriverCertFile="${cert}" DefaultNetstreamDriverKeyFile="${key}"`
  return {
    global: `DefaultNetstreamDriver="ossl" ${files}`,
    module: `StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/name" PermittedPeer=["${client}"]`,
  }
}

function program(): string {
  return ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'].find((path) => existsSync(path)) ?? 'rsyslogd'
}

function heardIn(path: string): Heard[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Heard)
}

/** Looks into the tables of Linux, because a connection would be one that rsyslog sees. */
function isListening(transport: 'udp' | 'tcp' | 'tls', port: number): boolean {
  const table = transport === 'udp' ? '/proc/net/udp' : '/proc/net/tcp'
  const state = transport === 'udp' ? '07' : '0A'
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = readFileSync(table, 'utf8').split('\n')
  return rows.some((row) => row.includes(` ${local} `) && row.trim().split(/\s+/)[3] === state)
}

async function freePort(transport: 'udp' | 'tcp' | 'tls'): Promise<number> {
  if (transport === 'udp') {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const { port } = socket.address()
    socket.close()
    return port
  }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
