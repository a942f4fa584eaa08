/** No name of the server is visible in the flow: what DNS told the client must do, or does not. */

import { A, CNAME, dnsAnswer, dnsQuestion, HTTPS, type TestRecord } from '../../../test/support/dns-message.ts'
import { addressBytes, u16 } from '../../../test/support/frames.ts'
import { extensionOf, helloMessage, prefixed, serverNames } from '../../../test/support/hello.ts'
import { crypto, initial, opaque } from '../../../test/support/quic-encoder.ts'
import { shortPacket } from './quic.ts'
import {
  ALICE,
  BOB,
  CARL6,
  connectTo,
  httpsRecord,
  OTHER,
  oneDirection,
  PROXY,
  RESOLVER,
  RESOLVER6,
  type Scene,
  SERVER,
  SERVER6,
  socksTo,
  talkTls,
} from './scene.ts'
import { noise, outerEch } from './tls.ts'

const HOUR = 3600
const CLOUDFLARE = '104.18.26.90'
/** SERVER by way of NAT64, RFC 6052. */
const NAT64_SERVER = '64:ff9b::c633:6414'

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
  'told-over-tcp': (scene) => {
    scene.dnsOverTcp(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'https-alias': (scene) => {
    scene.answered(0, ALICE, 'chat.deepseek.com', HTTPS, [httpsRecord('chat.deepseek.com', 0, 'edge.example.net')])
    scene.dns(0.1, ALICE, 'edge.example.net', [SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'https-hint-ipv6': (scene) => {
    const records = [httpsRecord('chat.deepseek.com', 1, '', [SERVER6])]
    scene.answered(0, CARL6, 'chat.deepseek.com', HTTPS, records, RESOLVER6)
    scene.tls(1, CARL6, SERVER6, '')
  },
  'quic-ipv6': (scene) => {
    scene.dns(0, CARL6, 'chat.deepseek.com', [SERVER6], { resolver: RESOLVER6 })
    scene.laterQuic(1, CARL6, SERVER6)
  },
  'quic-server-first': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    const talk = scene.talk(1, ALICE, SERVER, 443)
    talk.reply(shortPacket('late response', 900)).ask(shortPacket('late request', 60)).reply(shortPacket('more', 900))
  },
  'udp-of-its-own': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.talk(1, ALICE, SERVER, 51_820).ask(noise('question', 148)).reply(noise('answer', 92))
  },
  'expired-by-minutes': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(600, ALICE, SERVER, '')
  },
  affiliate: (scene) => {
    scene.dns(0, ALICE, 'www.high-flyer.cn', [SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'look-alike-at-a-shared-address': (scene) => {
    scene.dns(0, ALICE, 'deepseek.ai', [CLOUDFLARE])
    scene.tls(1, ALICE, CLOUDFLARE, '')
  },
  aggregator: (scene) => {
    scene.dns(0, ALICE, 'openrouter.ai', [SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'telemetry-at-the-same-address': (scene) => {
    scene.dns(0, BOB, 'gator.volces.com', [SERVER])
    scene.dns(1, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(2, ALICE, SERVER, '')
  },
  'name-at-telemetry-address': (scene) => {
    scene.dns(0, ALICE, 'gator.volces.com', [SERVER])
    scene.tls(1, ALICE, SERVER, 'chat.deepseek.com')
  },
  'must-not-alert-told': (scene) => {
    ;['huggingface.co', 'registry.ollama.ai', 'api.together.xyz', 'api.siliconflow.cn'].forEach((name, i) => {
      scene.dns(i * 2, ALICE, name, [`203.0.113.${70 + i}`])
      scene.tls(i * 2 + 1, ALICE, `203.0.113.${70 + i}`, '')
    })
  },
  'socks-by-address': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    talkTls(socksTo(scene, 1, ALICE, SERVER), '')
  },
  'connect-by-address': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    talkTls(connectTo(scene, 1, ALICE, SERVER), '')
  },
  'connect-by-ipv6-address': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER6])
    talkTls(connectTo(scene, 1, ALICE, SERVER6), '')
  },
  'connect-by-address-other-name': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    talkTls(connectTo(scene, 1, ALICE, SERVER), 'www.example.org')
  },
  'socks-by-address-refused': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    socksTo(scene, 1, ALICE, SERVER, 5).close()
  },
  'nat64-told': (scene) => {
    scene.dns(0, CARL6, 'chat.deepseek.com', [NAT64_SERVER], { resolver: RESOLVER6 })
    scene.tls(1, CARL6, NAT64_SERVER, '')
  },
  'nat64-told-ipv4': (scene) => {
    scene.dns(0, CARL6, 'chat.deepseek.com', [SERVER], { resolver: RESOLVER6 })
    scene.tls(1, CARL6, NAT64_SERVER, '')
  },
  'nat64-shared': (scene) => {
    scene.dns(0, CARL6, 'www.deepseek.com', ['64:ff9b::6812:1a5a'], { resolver: RESOLVER6 })
    scene.tls(1, CARL6, '64:ff9b::6812:1a5a', '')
  },
  'told-dedicated': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', ['3.173.21.63'], { aliases: ['d3bbv8sr76az5s.cloudfront.net'] })
    scene.tls(1, ALICE, '3.173.21.63', '')
  },
  'told-shared-ipv6': (scene) => {
    scene.dns(0, CARL6, 'hif-dliq.deepseek.com', ['2407:c080:802:1ce8::1'], { resolver: RESOLVER6 })
    scene.tls(1, CARL6, '2407:c080:802:1ce8::1', '')
  },
  'told-edgeone': (scene) => {
    scene.dns(0, ALICE, 'api.deepseek.com', ['218.92.141.107'], { aliases: ['api.deepseek.com.eo.dnse1.com'] })
    scene.dns(1, BOB, 'zhuanlan.zhihu.com', ['218.92.141.107'])
    scene.tls(2, ALICE, '218.92.141.107', '')
    scene.tls(3, BOB, '218.92.141.107', '')
  },
  'socks4-by-address': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    const talk = scene.talk(1, ALICE, PROXY, 1080).open()
    talk.send(Buffer.concat([Buffer.of(4, 1), u16(443), addressBytes(SERVER), Buffer.of(0)]))
    talkTls(talk.answer(Buffer.of(0, 0x5a, 0, 0, 0, 0, 0, 0)), '')
  },
  'ech-by-proxy': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    talkTls(connectTo(scene, 1, ALICE, SERVER), 'cloudflare-ech.com', { ech: true })
  },
  'address-as-server-name': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, ALICE, SERVER, SERVER)
    scene.tls(2, BOB, '3.173.21.63', '3.173.21.63')
    scene.shown.delete(SERVER)
    scene.shown.delete('3.173.21.63')
  },
  'long-chat-without-name': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(30, ALICE, SERVER, '', { seconds: 3600 })
  },
  'one-direction': (scene) => {
    // the mirror shows what servers say, and not what clients do
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    oneDirection(scene, 1, SERVER, (talk) => talkTls(talk, 'chat.deepseek.com'))
    oneDirection(scene, 2, OTHER, (talk) => talkTls(talk, 'chat.deepseek.com'))
  },
  'just-before-it-runs-out': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER], { ttl: 300 })
    scene.tls(299, ALICE, SERVER, '')
  },
  'just-after-it-ran-out': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER], { ttl: 300 })
    scene.tls(362, ALICE, SERVER, '') // a minute more is how long browsers keep an answer
  },
  'good-for-no-time': (scene) => {
    // a dozen aliases over TCP, none of which may be kept, and a hidden name right after
    const names = ['chat.deepseek.com', ...Array.from({ length: 12 }, (_, i) => `hop${i}.example.net`)]
    const aliases = names.slice(1).map((data, i): TestRecord => ({ name: names[i]!, type: CNAME, ttl: 0, data }))
    const answers = [...aliases, { name: names.at(-1)!, type: A, ttl: 0, data: SERVER }]
    scene
      .talk(0, ALICE, RESOLVER, 53)
      .open()
      .send(prefixed(2, dnsQuestion(names[0]!)))
      .answer(prefixed(2, dnsAnswer(names[0]!, answers)))
      .close()
    scene.tls(0.1, ALICE, SERVER, 'cloudflare-ech.com', { ech: true })
    for (const name of names) scene.shown.add(name)
  },
  'alias-in-an-answer-of-its-own': (scene) => {
    const alias = { name: 'chat.deepseek.com', type: CNAME, ttl: 300, data: 'edge.example.net' }
    scene.answered(0, ALICE, 'chat.deepseek.com', A, [alias])
    scene.dns(0.2, ALICE, 'edge.example.net', [SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'some-addresses-lead-nowhere': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', ['0.0.0.0', SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
  'nat64-of-its-own': (scene) => {
    // DNS64 with a prefix that this network chose
    scene.dns(0, CARL6, 'chat.deepseek.com', ['2001:db8:64::c633:6414'], { resolver: RESOLVER6 })
    scene.tls(1, CARL6, '2001:db8:64::c633:6414', '')
  },
  'ech-in-quic': (scene) => {
    const versions = extensionOf(43, Buffer.of(2, 3, 4))
    const hello = helloMessage({ extensions: [serverNames('cloudflare-ech.com'), outerEch(), versions] })
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene
      .talk(1, ALICE, SERVER, 443)
      .ask(initial({ frames: [crypto(0, hello)] }))
      .reply(opaque(2, noise('handshake', 1100)))
      .ask(shortPacket('request', 300))
    scene.shown.add('cloudflare-ech.com')
  },
  'reused-by-one-of-two': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER], { ttl: 600 })
    scene.dns(1, BOB, 'chat.deepseek.com', [SERVER], { ttl: 600 })
    scene.tls(2, BOB, SERVER, '')
    scene.dns(30, ALICE, 'www.example.org', [SERVER], { ttl: 600 })
    scene.tls(31, ALICE, SERVER, '')
  },
  'told-load-balancer': (scene) => {
    scene.dns(0, ALICE, 'status.deepseek.com', ['39.105.119.168'])
    scene.tls(1, ALICE, '39.105.119.168', '')
  },
  'doubtful-domain': (scene) => {
    scene.dns(0, ALICE, 'api.deepseek.cn', [SERVER])
    scene.tls(1, ALICE, SERVER, '')
  },
}
