/** Addresses that mean something only inside a network, or nothing at all: told by their text. */

const PRIVATE =
  /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[789]\d|1[01]\d|12[0-7])\.|2(?:2[4-9]|[345]\d)\.)\d/
const PRIVATE_IPV6 = /^(?:::1?$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:|100::)/

/**
 * Is the text an address of a private network, of this host, or of nobody (RFC 1918, 6598, 4193, 3927, 4291, 6666; those
 * from 224.0.0.0 on)?
 */
export function isPrivateAddress(address: string): boolean {
  if (!address.includes(':')) return PRIVATE.test(address)
  return PRIVATE_IPV6.test(address) || PRIVATE.test(embeddedIpv4(address))
}

/** The IPv4 address inside an IPv6 one, as programs map it or NAT64 carries it (RFC 4291 2.5.5.2, 6052); empty without. */
function embeddedIpv4(address: string): string {
  const match = /^(?:::ffff|64:ff9b:):(?:([0-9a-f]{1,4}):)?([0-9a-f]{0,4})$/.exec(address)
  if (!match) return ''
  const [high, low] = match.slice(1).map((group) => Number.parseInt(group || '0', 16)) as [number, number]
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`
}
