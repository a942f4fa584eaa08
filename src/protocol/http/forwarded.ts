/**
 * Who a proxy says it speaks for: `X-Forwarded-For`, as proxies have long
 * written it, and `Forwarded`, RFC 7239. Each proxy adds the one it heard at
 * the right, so the left end is the first client; and as that client may send
 * the field itself, it is a claim and no proof.
 *
 *   X-Forwarded-For: 192.0.2.60, 198.51.100.17
 *   Forwarded: for=192.0.2.60;proto=http;by=203.0.113.43, for="[2001:db8:cafe::17]:4711"
 */

import { isIP } from 'node:net'
import { parseAuthority } from './authority.ts'

const NODES_MAX = 16

/** The address at the left end of either field, without its port; empty when neither holds an address. */
export function firstClient(xForwardedFor: string, forwarded: string): string {
  const nodes = [...xForwardedFor.split(',', NODES_MAX), ...forwarded.split(',', NODES_MAX).map(forPart)]
  for (const node of nodes) {
    const { host } = parseAuthority(node.trim().replace(/^"(.*)"$/, '$1'))
    if (isIP(host) !== 0) return host
  }
  return ''
}

/** The value of `for` in one element of a Forwarded field; parameters come in any order and case (RFC 7239 section 4). */
function forPart(element: string): string {
  const pair = element.split(';').find((part) => /^\s*for\s*=/i.test(part)) ?? ''
  return pair.slice(pair.indexOf('=') + 1)
}
