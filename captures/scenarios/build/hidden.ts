/** No name of the server is visible in the flow: what DNS told the client must do, or does not. */

import { ALICE, BOB, OTHER, type Scene, SERVER } from './scene.ts'

const HOUR = 3600
const CLOUDFLARE = '104.18.26.90'

export const hidden: Record<string, (scene: Scene) => void> = {
  'no-sni-after-dns': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'no-sni-second-address': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', ['198.51.100.18', '198.51.100.19', SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'no-sni-ipv6': (scene) => {
    scene.dns(0, '2001:db8:1::10', 'hif-dliq.deepseek.com', ['2001:db8:2::20'], { resolver: '2001:db8:1::53' })
    scene.tls(1, '2001:db8:1::10', '2001:db8:2::20', '')
  },
  'cname-chain-no-sni': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', [SERVER], { aliases: ['edge.example.net', 'd3bbv8sr76az5s.cloudfront.net'] })
    scene.tls(1, ALICE, SERVER, '')
  },
  resumed: (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, ALICE, SERVER, '', { resumes: true })
  },
  'resumed-with-name': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { resumes: true })
  },
  'quic-unreadable': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.laterQuic(1, ALICE, SERVER)
  },
  'mid-stream': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.laterTls(1, ALICE, SERVER)
  },
  'ech-outer-name': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, ALICE, SERVER, 'cloudflare-ech.com', { ech: true })
  },
  'ech-outer-name-shared': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [CLOUDFLARE])
    scene.tls(1, ALICE, CLOUDFLARE, 'cloudflare-ech.com', { ech: true })
  },
  'ech-grease-watched-name': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, ALICE, SERVER, 'chat.deepseek.com', { ech: true })
  },
  'ech-grease-other-name': (scene) => {
    // the client asked for the name outside, so that is the real one
    scene.dns(0, ALICE, 'chat.deepseek.com', [CLOUDFLARE])
    scene.dns(5, ALICE, 'www.example.org', [CLOUDFLARE])
    scene.tls(6, ALICE, CLOUDFLARE, 'www.example.org', { ech: true })
  },
  'shared-address-told': (scene) => {
    scene.dns(0, ALICE, 'www.deepseek.com', [CLOUDFLARE])
    scene.tls(1, ALICE, CLOUDFLARE, '')
  },
  'shared-by-what-dns-said': (scene) => {
    // another client was given the same address for a name of somebody else
    scene.dns(0, BOB, 'www.example.org', [SERVER])
    scene.dns(10, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(11, ALICE, SERVER, '')
  },
  'shared-long-ago': (scene) => {
    scene.dns(0, BOB, 'www.example.org', [SERVER])
    scene.dns(3 * HOUR, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(3 * HOUR + 1, ALICE, SERVER, '')
  },
  'reused-while-valid': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER], { ttl: 600 })
    scene.dns(20, ALICE, 'www.example.org', [SERVER], { ttl: 600 })
    scene.tls(21, ALICE, SERVER, '')
  },
  'reused-after-expiry': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.dns(3 * HOUR, ALICE, 'www.example.org', [SERVER])
    scene.tls(3 * HOUR + 1, ALICE, SERVER, '')
  },
  'reused-with-name': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, ALICE, SERVER, 'www.example.org')
  },
  expired: (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(3 * HOUR, ALICE, SERVER, '')
  },
  'long-ttl': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER], { ttl: 4 * HOUR })
    scene.tls(3 * HOUR, ALICE, SERVER, '')
  },
  'told-to-another-client': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, BOB, SERVER, '')
  },
  'told-after-the-flow': (scene) => {
    scene.tls(0, ALICE, SERVER, '')
    scene.dns(20, ALICE, 'chat.deepseek.com', [SERVER])
  },
  'told-other-name-only': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', [SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'encrypted-dns-and-no-name': (scene) => {
    scene.tls(0, ALICE, '203.0.113.8', 'cloudflare-dns.com')
    scene.tls(1, ALICE, OTHER, 'cloudflare-ech.com', { ech: true })
    scene.tls(2, ALICE, OTHER, '')
  },
  'encrypted-dns-then-dedicated': (scene) => {
    scene.tls(0, ALICE, '203.0.113.8', 'dns.google')
    scene.tls(1, ALICE, '3.173.21.63', '')
  },
  'blocked-answer-then-flow': (scene) => {
    // the resolver says 0.0.0.0, and the client goes somewhere else without a name
    scene.dns(0, ALICE, 'chat.deepseek.com', ['0.0.0.0'])
    scene.tls(1, ALICE, OTHER, '')
  },
}
