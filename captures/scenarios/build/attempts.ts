/** A contact was wanted, and as far as the wire shows it did not come about. */

import { ACK, addressBytes, u16 } from '../../../test/support/frames.ts'
import { quicInitial, shortPacket } from './quic.ts'
import {
  ALICE,
  CARL6,
  crlf,
  OTHER,
  OTHER6,
  ok,
  PROXY,
  RESOLVER,
  RESOLVER6,
  type Scene,
  SERVER,
  SERVER6,
  socksConnect,
  talkTls,
} from './scene.ts'
import { clientFinish, clientHello, secret } from './tls.ts'

const REFUSED = 5
const SERVFAIL = 2
const NXDOMAIN = 3

export const attempts: Record<string, (scene: Scene) => void> = {
  'hello-then-reset': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { ends: 'reset' })
  },
  'hello-then-tls-alert': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { ends: 'alert' })
  },
  'hello-without-answer': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { ends: 'silence' })
  },
  'hello-then-plain-http': (scene) => {
    const talk = scene.talk(0, ALICE, SERVER, 443).open().send(clientHello('chat.deepseek.com'))
    talk.answer(crlf('HTTP/1.1 400 Bad Request\nContent-Type: text/html\nContent-Length: 8\n\nblocked\n')).close()
    scene.shown.add('chat.deepseek.com')
  },
  'quic-without-answer': (scene) => {
    const quic = scene.talk(0, ALICE, SERVER, 443)
    scene.shown.add('chat.deepseek.com')
    quicHellos(quic, 'chat.deepseek.com')
  },
  'block-page': (scene) => {
    const page = '<html><h1>Access Denied</h1>This site is blocked by your organization.</html>'
    const head = `HTTP/1.1 403 Forbidden\nContent-Type: text/html\nContent-Length: ${page.length}\n\n`
    scene.http(0, ALICE, SERVER, 'GET / HTTP/1.1\nHost: www.deepseek.com', head + page)
  },
  'connect-refused': (scene) => {
    const talk = scene.talk(0, ALICE, PROXY, 8080).open()
    talk.send(crlf('CONNECT chat.deepseek.com:443 HTTP/1.1\nHost: chat.deepseek.com:443'))
    talk.answer(crlf('HTTP/1.1 403 Filtered\nContent-Length: 0')).close()
    scene.shown.add('chat.deepseek.com:443')
  },
  'connect-wants-password': (scene) => {
    const talk = scene.talk(0, ALICE, PROXY, 8080).open()
    talk.send(crlf('CONNECT chat.deepseek.com:443 HTTP/1.1\nHost: chat.deepseek.com:443'))
    talk
      .answer(crlf('HTTP/1.1 407 Proxy Authentication Required\nProxy-Authenticate: Negotiate\nContent-Length: 0'))
      .close()
    scene.shown.add('chat.deepseek.com:443')
  },
  'socks-refused': (scene) => {
    const talk = scene.talk(0, ALICE, PROXY, 1080).open()
    talk.send(Buffer.of(5, 1, 0)).answer(Buffer.of(5, 0))
    talk
      .send(socksConnect('chat.deepseek.com', 443))
      .answer(Buffer.of(5, 2, 0, 1, 0, 0, 0, 0, 0, 0))
      .close()
    scene.shown.add('chat.deepseek.com')
  },
  'told-address-unreachable': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.talk(1, ALICE, SERVER, 443).syn().wait(1).syn().wait(2).syn()
  },
  'dns-refused': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [], { code: REFUSED })
  },
  'dns-server-failure': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [], { code: SERVFAIL })
  },
  'dns-nxdomain-blocked': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [], { code: NXDOMAIN })
    scene.dns(0.1, ALICE, 'chat.deepseek.com', [], { code: NXDOMAIN, type: 28 })
    scene.dns(0.2, ALICE, 'chat.deepseek.com', [], { code: NXDOMAIN, type: 65 })
  },
  'dns-no-such-record': (scene) => {
    // the name exists, but has no address of this family: an answer without records
    scene.dns(0, ALICE, 'chat.deepseek.com', [], { type: 28 })
  },
  'sinkhole-loopback': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', ['127.0.0.1'])
    scene.dns(0.1, ALICE, 'api.deepseek.com', ['::1'])
  },
  'sinkhole-with-block-page': (scene) => {
    // the resolver sends the client to a page of the organisation's own, on a private address
    scene.dns(0, ALICE, 'chat.deepseek.com', ['10.0.0.80'])
    scene.tls(0.1, ALICE, '10.0.0.80', 'chat.deepseek.com', { ends: 'reset' })
  },
  'blocked-then-elsewhere': (scene) => {
    // two tries at two addresses: the first one is reset, the second one works
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { ends: 'reset' })
    scene.tls(2, ALICE, OTHER, 'chat.deepseek.com')
  },
  'udp-resolver-silent': (scene) => {
    scene.dns(0, ALICE, 'api.deepseek.com', [], { silent: true, resolver: RESOLVER })
    scene.dns(5, ALICE, 'api.deepseek.com', [], { silent: true, resolver: RESOLVER })
  },
  'mid-connection-reset': (scene) => {
    // the handshake is over and data flows, then the way is cut: that was use
    const talk = scene.talk(0, ALICE, SERVER, 443).open()
    talkTls(talk, 'chat.deepseek.com')
    talk.refuse()
    scene.shown.add('chat.deepseek.com')
  },
  'sinkhole-answers-tls': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', ['10.0.0.80'])
    scene.tls(1, ALICE, '10.0.0.80', 'chat.deepseek.com')
  },
  'sinkhole-answers-http': (scene) => {
    scene.dns(0, ALICE, 'www.deepseek.com', ['192.168.7.80'])
    scene.http(1, ALICE, '192.168.7.80', 'GET / HTTP/1.1\nHost: www.deepseek.com', ok('blocked'))
  },
  'sinkhole-nameless': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', ['172.20.1.1'])
    scene.tls(1, ALICE, '172.20.1.1', '')
  },
  'sinkhole-private': (scene) => {
    ;['10.1.2.3', '172.31.0.1', '192.168.0.1', '100.64.0.1', '169.254.1.1'].forEach((address, i) => {
      scene.dns(i, ALICE, `h${i}.deepseek.com`, [address])
    })
  },
  'sinkhole-ipv6': (scene) => {
    ;['::', '::1', 'fd00::80', 'fe80::1', '::ffff:0:0', '::ffff:7f00:1', '100::1'].forEach((address, i) => {
      scene.dns(i, CARL6, `h${i}.deepseek.com`, [address], { resolver: RESOLVER6 })
    })
  },
  'sinkhole-reserved': (scene) => {
    ;['0.0.0.0', '255.255.255.255', '240.0.0.1'].forEach((address, i) => {
      scene.dns(i, ALICE, `h${i}.deepseek.com`, [address])
    })
  },
  'sinkhole-nat64': (scene) => {
    scene.dns(0, CARL6, 'chat.deepseek.com', ['64:ff9b::'], { resolver: RESOLVER6 })
    scene.dns(1, CARL6, 'api.deepseek.com', ['64:ff9b::a00:50'], { resolver: RESOLVER6 })
  },
  'refused-then-resolved': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [], { code: NXDOMAIN })
    scene.dns(2, ALICE, 'chat.deepseek.com', [SERVER], { resolver: '203.0.113.53' })
  },
  'ipv6-refused': (scene) => {
    scene.dns(0, CARL6, 'chat.deepseek.com', [SERVER6], { resolver: RESOLVER6 })
    scene.talk(1, CARL6, SERVER6, 443).syn().wait(1).syn()
    scene.tls(5, CARL6, OTHER6, 'api.deepseek.com', { ends: 'reset' })
    quicHellos(scene.talk(6, CARL6, OTHER6, 443), 'api.deepseek.com')
    scene.shown.add('api.deepseek.com')
  },
  'proxy-in-clear-refused': (scene) => {
    const refusal = 'HTTP/1.1 403 Forbidden\nContent-Length: 0'
    scene.http(0, ALICE, PROXY, 'GET http://www.deepseek.com/ HTTP/1.1\nHost: www.deepseek.com', refusal, 8080)
  },
  'block-page-elsewhere': (scene) => {
    const moved = 'HTTP/1.1 302 Found\nLocation: http://block.example.cz/?u=www.deepseek.com\nContent-Length: 0'
    scene.http(0, ALICE, SERVER, 'GET / HTTP/1.1\nHost: www.deepseek.com', moved)
  },
  'socks4-refused': (scene) => {
    const target = Buffer.concat([
      Buffer.of(4, 1),
      u16(443),
      Buffer.of(0, 0, 0, 1, 0),
      Buffer.from('api.deepseek.com\0'),
    ])
    scene
      .talk(0, ALICE, PROXY, 1080)
      .open()
      .send(target)
      .answer(Buffer.of(0, 0x5b, 0, 0, 0, 0, 0, 0))
      .close()
  },
  'hello-then-goodbye': (scene) => {
    const talk = scene.talk(0, ALICE, SERVER, 443).open().send(clientHello('chat.deepseek.com'))
    talk.close()
    scene.shown.add('chat.deepseek.com')
  },
  'redirect-to-itself': (scene) => {
    const moved = 'HTTP/1.1 301 Moved Permanently\nLocation: https://www.deepseek.com/\nContent-Length: 0'
    scene.http(0, ALICE, SERVER, 'GET / HTTP/1.1\nHost: www.deepseek.com', moved)
  },
  'socks4-by-address-refused': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene
      .talk(1, ALICE, PROXY, 1080)
      .open()
      .send(Buffer.concat([Buffer.of(4, 1), u16(443), addressBytes(SERVER), Buffer.of(0)]))
      .answer(Buffer.of(0, 0x5b, 0, 0, 0, 0, 0, 0))
      .close()
  },
  'connect-by-address-refused': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene
      .talk(1, ALICE, PROXY, 8080)
      .open()
      .send(crlf(`CONNECT ${SERVER}:443 HTTP/1.1\nHost: ${SERVER}:443`))
      .answer(crlf('HTTP/1.1 403 Forbidden\nContent-Length: 0'))
      .close()
  },
  'blocked-then-hard-coded': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [], { code: NXDOMAIN })
    scene.tls(1, ALICE, '3.173.21.63', '')
  },
  'one-direction': (scene) => {
    // the mirror shows what clients say, and not what servers do
    const talk = scene.talk(0, ALICE, SERVER, 443).syn().send(clientHello('chat.deepseek.com'), clientFinish())
    talk.send(secret('more', 300)).finOut()
    scene.talk(1, ALICE, SERVER, 443).ask(quicInitial('api.deepseek.com')).ask(shortPacket('request', 60))
    scene.shown.add('chat.deepseek.com').add('api.deepseek.com')
  },
  'quic-then-tcp': (scene) => {
    quicHellos(scene.talk(0, ALICE, SERVER, 443), 'chat.deepseek.com')
    scene.tls(1, ALICE, SERVER, 'chat.deepseek.com')
  },
  'of-other-kinds': (scene) => {
    scene.dns(0, ALICE, 'high-flyer.cn', [], { code: NXDOMAIN })
    scene.tls(1, ALICE, SERVER, 'www.high-flyer.cn', { ends: 'reset' })
    scene.tls(2, ALICE, SERVER, 'deepseek.ai', { ends: 'silence' })
    scene.tls(3, ALICE, SERVER, 'openrouter.ai', { ends: 'silence' })
  },
  'refused-by-proxy-then-direct': (scene) => {
    const talk = scene.talk(0, ALICE, PROXY, 8080).open()
    talk.send(crlf('CONNECT chat.deepseek.com:443 HTTP/1.1\nHost: chat.deepseek.com:443'))
    talk.answer(crlf('HTTP/1.1 403 Forbidden\nContent-Length: 0')).close()
    scene.tls(5, ALICE, SERVER, 'chat.deepseek.com')
  },
  'no-more-than-acknowledged': (scene) => {
    const talk = scene.talk(0, ALICE, SERVER, 443).open().send(clientHello('chat.deepseek.com'))
    talk.back(ACK).wait(30).finBack()
    scene.shown.add('chat.deepseek.com')
  },
}

function quicHellos(talk: ReturnType<Scene['talk']>, name: string): void {
  for (const pause of [0.3, 0.6, 1.2]) talk.ask(quicInitial(name)).wait(pause)
}
