/**
 * The authority of a URI: what stands in a Host field, in an absolute target,
 * in the target of CONNECT, in `:authority` (RFC 3986 section 3.2, RFC 9110
 * section 7.2).
 *
 *   [ userinfo "@" ] host [ ":" port ]      host = name / IPv4 / "[" IPv6 "]"
 *
 * It is a stranger's text and is never trusted: whatever it holds, there is a
 * host to match and to show, and `odd` says that it can be no real one.
 */

import { isIPv6 } from 'node:net'

const PORT_MAX = 65_535

export interface Authority {
  /** Lower case, without the dot of the root and without brackets; empty when there is none. */
  host: string
  /** 1 to 65535; 0 when none is stated. */
  port: number
  /** Something in front of an `@`; it is not kept, for it may be a password. */
  hasUser: boolean
  /** The host can be no domain name and no address, or the port is none. */
  odd: boolean
}

/** Takes `text`, one character per byte, apart. */
export function parseAuthority(text: string): Authority {
  const at = text.lastIndexOf('@')
  const rest = text.slice(at + 1).toLowerCase()
  const hasUser = at >= 0
  const bracket = rest.startsWith('[') ? rest.indexOf(']') : -1
  if (bracket > 0) {
    const host = rest.slice(1, bracket)
    const after = rest.slice(bracket + 1)
    const port = portOf(after)
    return { host, port: Math.max(port, 0), hasUser, odd: port < 0 || !isIPv6(host) }
  }
  const colon = rest.lastIndexOf(':')
  const hasColons = colon !== rest.indexOf(':') // looked at first: isIPv6 is a large regular expression
  if (hasColons && isIPv6(rest)) return { host: rest, port: 0, hasUser, odd: true } // brackets forgotten

  const port = portOf(colon < 0 ? '' : rest.slice(colon))
  const isSplit = colon >= 0 && /^:\d*$/.test(rest.slice(colon))
  const name = isSplit ? rest.slice(0, colon) : rest
  const host = name.endsWith('.') ? name.slice(0, -1) : name
  return {
    host,
    port: Math.max(port, 0),
    hasUser,
    odd: port < 0 || !/^[a-z0-9._-]*$/.test(host) || /^\.|\.\.|\.$/.test(host),
  }
}

/** The port of `:443`; 0 of `` and `:`; -1 of anything else. */
function portOf(text: string): number {
  if (text === '' || text === ':') return 0
  if (!/^:\d{1,5}$/.test(text)) return -1
  const port = Number(text.slice(1))
  return port > 0 && port <= PORT_MAX ? port : -1
}
