/**
 * Which `Host` a request may name. Against DNS rebinding: a stranger's page can
 * point its own name at 127.0.0.1 and then read this server as its own origin;
 * but the browser still sends that name.
 */

import { isIP } from 'node:net'

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '::1']
const WILDCARDS: readonly string[] = ['0.0.0.0', '::']

/**
 * A check of the header `Host`: loopback names, the address listened on and the `allowed` names pass. One that
 * listens on every address also takes any address, because an address cannot be pointed elsewhere.
 */
export function hostCheck(listenHost: string, allowed: readonly string[]): (header: string | undefined) => boolean {
  const names = new Set([...LOOPBACK, listenHost, ...allowed].map((name) => withoutDot(name.toLowerCase())))
  const takesAddresses = WILDCARDS.includes(listenHost)
  return (header) => {
    const name = hostName(header ?? '')
    return name !== null && (names.has(name) || (takesAddresses && isIP(name) !== 0))
  }
}

/** Whether a page of `origin` is one that this server, asked as `host`, has sent. */
export function isSameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}

/** The name or address in `name:port`, lower case and without brackets; null when it is neither. */
function hostName(header: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header)
  const name = match?.[1] ?? match?.[2]
  return name === undefined ? null : withoutDot(name.toLowerCase())
}

/** A name with the dot of the root behind it (RFC 1034 section 3.1) is the same name. */
function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}
