import { expect, test } from 'vitest'
import { encryptedDns } from '../../../src/protocol/dns/encrypted.ts'

const stories: Array<[kind: string, protocol: 'TCP' | 'UDP', port: number, name: string, alpn: string[]]> = [
  ['dot', 'TCP', 853, '', []],
  ['dot', 'TCP', 853, 'dns.google', ['dot']],
  ['dot', 'TCP', 443, 'private.example', ['dot']],
  ['doq', 'UDP', 853, '', []],
  ['doq', 'UDP', 8853, 'private.example', ['doq']],
  ['doh', 'TCP', 443, 'dns.google', ['h2']],
  ['doh', 'UDP', 443, 'mozilla.cloudflare-dns.com', ['h3']],
  ['doh', 'TCP', 443, 'ABC123.DNS.NextDNS.io.', ['h2']],
  ['doh', 'TCP', 8443, 'odvr.nic.cz', []],
  ['', 'TCP', 443, 'notdns.google', ['h2']],
  ['', 'TCP', 443, 'dns.google.example', ['h2']],
  ['', 'TCP', 443, 'google.com', ['h2']],
  ['', 'TCP', 443, 'www.joindns4.eu', ['h2']],
  ['', 'TCP', 443, '', ['h2']],
  ['', 'TCP', 443, '...', []],
  ['', 'UDP', 443, '', ['h3']],
  ['', 'UDP', 853 + 1, '', ['dot']],
]

test.each(stories)('"%s": %s port %i, server "%s", offering %s', (kind, protocol, serverPort, serverName, alpn) => {
  expect(encryptedDns({ protocol, serverPort, serverName, alpn })).toBe(kind)
})

test('a server name of 64 KiB of dots costs nothing', () => {
  const began = performance.now()
  expect(encryptedDns({ protocol: 'TCP', serverPort: 443, serverName: '.'.repeat(65_535), alpn: [] })).toBe('')
  expect(performance.now() - began).toBeLessThan(100)
})
