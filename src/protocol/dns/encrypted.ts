/**
 * Encrypted DNS, recognised from outside: the questions in it cannot be seen,
 * but that they are asked can, which is part of the coverage.
 *
 *   dot  DNS over TLS, RFC 7858: TCP port 853, or the protocol `dot` (ALPN)
 *   doq  DNS over QUIC, RFC 9250: UDP port 853, or the protocol `doq` (ALPN)
 *   doh  DNS over HTTPS, RFC 8484: HTTPS to a server whose name is known for it
 *
 * DoH cannot be told from other HTTPS but by its server, so the names below
 * decide: those that browsers and systems offer, and those that large public
 * resolvers document. A server that is not among them is not recognised.
 */

export type EncryptedDns = 'dot' | 'doh' | 'doq' | ''

export interface EncryptedDnsHints {
  protocol: 'TCP' | 'UDP'
  serverPort: number
  /** The server's name as the client gave it; empty when it gave none. */
  serverName: string
  /** The protocols the client offered (ALPN). */
  alpn: readonly string[]
}

const PORT = 853
const NAME_CHARACTERS_MAX = 253 // a longer name is none, and would be slow to look up

/** Servers of DNS over HTTPS: these names and everything below them. */
const DOH_SERVERS: ReadonlySet<string> = new Set([
  // https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/ and the names it gives browsers
  'cloudflare-dns.com',
  'dns.cloudflare.com',
  'one.one.one.one',
  'cloudflare-gateway.com',
  // https://developers.google.com/speed/public-dns/docs/doh
  'dns.google',
  'dns.google.com',
  // https://docs.quad9.net/services/
  'dns.quad9.net',
  'dns9.quad9.net',
  'dns10.quad9.net',
  'dns11.quad9.net',
  'dns12.quad9.net',
  // https://support.opendns.com/hc/en-us/articles/360038086532
  'doh.opendns.com',
  'doh.familyshield.opendns.com',
  'doh.umbrella.com',
  // https://adguard-dns.io/kb/general/dns-providers/
  'dns.adguard-dns.com',
  'family.adguard-dns.com',
  'unfiltered.adguard-dns.com',
  'd.adguard-dns.com',
  'dns.adguard.com',
  'dns.nextdns.io',
  'doh.cleanbrowsing.org',
  'dns.controld.com',
  'freedns.controld.com',
  'dns.mullvad.net',
  'doh.mullvad.net',
  'doh.dns.sb',
  'doh.libredns.gr',
  'dns.switch.ch',
  'dns.digitale-gesellschaft.ch',
  'doh.applied-privacy.net',
  'ordns.he.net',
  'doh.xfinity.com',
  'dns.alidns.com',
  'doh.pub',
  'dns.pub',
  'doh.360.cn',
  'dns.twnic.tw',
  'wikimedia-dns.org',
  // https://www.nic.cz/odvr/
  'odvr.nic.cz',
  // https://www.joindns4.eu/for-public
  'protective.joindns4.eu',
  'child.joindns4.eu',
  'noads.joindns4.eu',
  'child-noads.joindns4.eu',
  'unfiltered.joindns4.eu',
])

/** What kind of encrypted DNS a flow is, or empty when nothing says that it is any. */
export function encryptedDns({ protocol, serverPort, serverName, alpn }: EncryptedDnsHints): EncryptedDns {
  if (protocol === 'TCP' && (serverPort === PORT || alpn.includes('dot'))) return 'dot'
  if (protocol === 'UDP' && (serverPort === PORT || alpn.includes('doq'))) return 'doq'
  return isDohServer(serverName) ? 'doh' : ''
}

/** Is the name one of the servers above or below one? Case and a final dot make no difference. */
function isDohServer(serverName: string): boolean {
  if (serverName.length > NAME_CHARACTERS_MAX + 1) return false
  let name = serverName.replace(/\.$/, '').toLowerCase()
  for (;;) {
    if (DOH_SERVERS.has(name)) return true
    const dot = name.indexOf('.')
    if (dot < 0) return false
    name = name.slice(dot + 1)
  }
}
