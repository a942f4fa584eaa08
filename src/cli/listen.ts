/** What commands that serve have in common: where to listen, as people write it, and the page. */

import { accessSync, constants } from 'node:fs'
import { isIP, isIPv4, isIPv6 } from 'node:net'
import { dirname, resolve } from 'node:path'
import { domainToASCII, fileURLToPath } from 'node:url'
import { UsageError } from './usage-error.ts'

/** The page as `npm run build` makes it; the same place seen from src/cli and from dist/cli. */
export const DASHBOARD_DIR = fileURLToPath(new URL('../../dist/dashboard', import.meta.url))

export const LISTEN_DEFAULT = '127.0.0.1:8787'

export interface ListenAddress {
  host: string
  port: number
}

/**
 * Reads `ADDRESS:PORT`, `[IPV6]:PORT`, `NAME:PORT`, `:PORT` or `PORT`. Without an address it is 127.0.0.1: to be
 * reached by others is something to say, not to forget. Port 0 takes a free one. Throws UsageError.
 */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([^\]]*)\]:|([^:[\]]*):)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65535) throw wrong(text, 'is not ADDRESS:PORT')
  const [, address6, address] = match
  if (address6 !== undefined && isIP(address6) !== 6) throw wrong(text, 'has no IPv6 address in its brackets')
  if (address && /^[0-9.]+$/.test(address) && !isIPv4(address)) throw wrong(text, 'has no IPv4 address')
  if (address && !/^[a-z0-9.-]+$/i.test(address)) throw wrong(text, 'has no address or name')
  return { host: address6 ?? (address || '127.0.0.1'), port }
}

/** Reads the value of `--listen` and gives it as it is, so that what is wrong with it is told of the place where it stands. */
export function listenText(text: string): string {
  parseListen(text)
  return text
}

/** One value more of `--allow-host`. Throws UsageError. */
export function addHost(text: string, hosts: readonly string[]): string[] {
  return [...hosts, parseHost(text)]
}

/** RFC 1035 section 2.3.4; the underscore is no letter of a host name, but there are machines that have one. */
const NAME_CHARACTERS_MAX = 253
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i

/**
 * Reads a value of `--allow-host`, a name or an address, and gives it as a browser has it in the header `Host`, without
 * the brackets. Throws UsageError for what no request can name.
 */
export function parseHost(text: string): string {
  const address6 = /^\[(.*)\]$/.exec(text)?.[1] ?? text
  if (isIPv6(address6) && !address6.includes('%')) return new URL(`http://[${address6}]`).hostname.slice(1, -1)
  const name = text.replace(/\.$/, '')
  const cause = hostProblem(name)
  if (cause === '') return name
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII is what this is about
  const ascii = /[^\x00-\x7f]/.test(name) ? domainToASCII(name) : ''
  const example = hostProblem(ascii) === '' ? ascii : 'seekwatch.office.example'
  throw new UsageError(`--allow-host: ${JSON.stringify(text)} ${cause}; write the name alone: ${example}`)
}

/** What is wrong with a host name or IPv4 address, as the end of a sentence; empty when nothing is. */
function hostProblem(name: string): string {
  if (name === '') return 'is empty'
  if (/\s/.test(name)) return 'has a space in it'
  if (/[/?#@]/.test(name)) return 'is the address of a page'
  if (isIPv6(name)) return 'has a zone, which no browser sends'
  if (name.includes(':')) return 'has a port, or is no address'
  if (name.length > NAME_CHARACTERS_MAX)
    return `has ${name.length} characters, and a name ${NAME_CHARACTERS_MAX} at most`
  const labels = name.split('.')
  if (labels.includes('')) return 'has nothing between two dots, or before the first'
  if (!labels.every((label) => LABEL.test(label))) return 'is no name that a machine can have'
  return /^\d+$/.test(labels.at(-1)!) && !isIPv4(name) ? 'is no IPv4 address' : ''
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** What makes a server one that lets people change something. */
export interface WriteOptions {
  /** The file of the database. */
  db: string
  host: string
  /** Names of reverse proxies: behind one there is somebody else. */
  allowHost: readonly string[]
  allowWrites?: boolean
}

/**
 * Whether the page may change states and exemptions: there is no login, so only where nobody else can reach the
 * server, or somebody says that they may; and where this user may write the database.
 */
export function mayWrite({ db, host, allowHost, allowWrites = false }: WriteOptions): boolean {
  return (allowWrites || (isLoopback(host) && allowHost.length === 0)) && isWritable(db)
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    accessSync(dirname(resolve(file)), constants.W_OK)
    return true
  } catch {
    return false
  }
}

function wrong(text: string, reason: string): UsageError {
  return new UsageError(`--listen: ${JSON.stringify(text)} ${reason}; write 127.0.0.1:8787, [::1]:8787 or 8787`)
}
