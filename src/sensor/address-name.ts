/** Addresses where names should be: as server names of TLS, hosts of HTTP, targets of proxies. They name nobody. */

import { isIP } from 'node:net'

/** Is what stands where a name should be an address? IPv6 may have its brackets. */
export function isAddress(name: string): boolean {
  // looked at first: isIP is two large regular expressions
  if (!/\d$/.test(name) && !name.includes(':')) return false
  return isIP(withoutBrackets(name)) !== 0
}

/** An address of IPv6 as it is without the brackets of a URL. */
export function withoutBrackets(name: string): string {
  return name.replace(/^\[|\]$/g, '')
}
