/** DNS in HTTP without TLS, RFC 8484: what tools and tests speak, and proxies that end TLS. */

/** Content type of a DNS message, section 6. */
export const DNS_MESSAGE = 'application/dns-message'

const QUERY_CHARACTERS_MAX = 4096

/** The DNS message in the address of a GET request, section 4.1; undefined when there is none. */
export function dnsOfUrl(url: string): Uint8Array | undefined {
  if (url.length > QUERY_CHARACTERS_MAX) return undefined
  const match = /[?&]dns=([\w-]+)/.exec(url)
  return match ? Buffer.from(match[1]!, 'base64url') : undefined
}
