/** What commands that serve have in common: where to listen, as people write it, and the page. */

import { accessSync, constants } from 'node:fs'
import { isIP, isIPv4 } from 'node:net'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
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
