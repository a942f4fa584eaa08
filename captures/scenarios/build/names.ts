/** A watched name is visible in the flow. */

import { ACK, addressBytes, PSH, SYN, tcpFrame, u16, u32 } from '../../../test/support/frames.ts'
import { prefixed } from '../../../test/support/hello.ts'
import {
  crypto,
  initial,
  opaque,
  clientHello as quicHello,
  retry,
  V1,
  V2,
  varint,
  versionNegotiation,
} from '../../../test/support/quic-encoder.ts'
import { shortPacket } from './quic.ts'
import {
  ALICE,
  CARL6,
  connectTo,
  crlf,
  OTHER,
  ok,
  PROXY,
  proxied,
  type Scene,
  SERVER,
  SERVER6,
  socks,
  socksConnect,
  talkTls,
} from './scene.ts'
import { clientFinish, clientHello, noise, serverFlight } from './tls.ts'

export const names: Record<string, (scene: Scene) => void> = {
  'final-dot': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(1, ALICE, SERVER, 'chat.deepseek.com.')
    scene.http(2, ALICE, SERVER, 'GET / HTTP/1.1\nHost: www.deepseek.com.')
  },
  'every-host': (scene) => {
    OPERATED.forEach((name, i) => {
      scene.tls(i, ALICE, SERVER, name)
    })
  },
  'unlisted-host': (scene) => {
    scene.tls(0, ALICE, SERVER, 'brand-new.deepseek.com')
    scene.tls(1, ALICE, SERVER, 'a.b.c.deepseeksvc.com')
  },
  'bare-domain': (scene) => {
    scene.tls(0, ALICE, SERVER, 'deepseek.com')
    scene.tls(1, ALICE, SERVER, 'deepseeksvc.com')
  },
  'quic-sni': (scene) => {
    scene.quic(0, ALICE, SERVER, 'chat.deepseek.com')
  },
  'host-with-port': (scene) => {
    scene.http(0, ALICE, SERVER, 'GET /v1/models HTTP/1.1\nHost: API.DeepSeek.com:8080', ok('[]'), 8080)
  },
  'absolute-target': (scene) => {
    scene.shown.add('http://www.deepseek.com/en/')
    scene.http(0, ALICE, PROXY, 'GET http://www.deepseek.com/en/ HTTP/1.1\nHost: www.deepseek.com', ok('page'), 8080)
  },
  'connect-allowed': (scene) => {
    const talk = scene.talk(0, ALICE, PROXY, 8080).open()
    talk.send(crlf('CONNECT chat.deepseek.com:443 HTTP/1.1\nHost: chat.deepseek.com:443'))
    talk.answer(crlf('HTTP/1.1 200 Connection established'))
    talkTls(talk, 'chat.deepseek.com')
    scene.shown.add('chat.deepseek.com:443')
  },
  'socks-address-then-sni': (scene) => {
    const talk = scene.talk(0, ALICE, PROXY, 1080).open()
    talk.send(Buffer.of(5, 1, 0)).answer(Buffer.of(5, 0))
    talk.send(Buffer.concat([Buffer.of(5, 1, 0, 1), addressBytes(SERVER), u16(443)]))
    talk.answer(Buffer.concat([Buffer.of(5, 0, 0, 1), addressBytes('192.0.2.12'), u16(40_000)]))
    talkTls(talk, 'api.deepseek.com')
    scene.shown.add('api.deepseek.com')
  },
  'accounts-at-hosters': (scene) => {
    ACCOUNTS.forEach((name, i) => {
      scene.tls(i, ALICE, SERVER, name)
    })
  },
  'doubtful-domains': (scene) => {
    scene.tls(0, ALICE, SERVER, 'api.deepseek.cn')
    scene.tls(1, ALICE, SERVER, 'public.deepseekcdn.com')
  },
  'affiliate-hosts': (scene) => {
    ;['high-flyer.cn', 'doc.hfai.high-flyer.cn', 'registry.high-flyer.cn'].forEach((name, i) => {
      scene.tls(i, ALICE, OTHER, name)
    })
  },
  'cdn-in-front-known': (scene) => {
    scene.tls(0, ALICE, SERVER, 'api.deepseek.com.eo.dnse1.com')
    scene.tls(1, ALICE, SERVER, 'chat.deepseek.com.eo.dnse1.com')
    scene.tls(2, ALICE, SERVER, 'cdn.deepseek.com.436b7a4e.cdnhwcqwg14.com')
    scene.tls(3, ALICE, SERVER, 'static.deepseek.com.0badcafe.cdnhwcabc21.com')
    scene.tls(4, ALICE, SERVER, 'www.deepseek.com.cdn.cloudflare.net')
  },
  'absolute-target-other-host': (scene) => {
    scene.http(0, ALICE, PROXY, 'GET http://www.deepseek.com/ HTTP/1.1\nHost: www.example.org', ok('page'), 8080)
  },
  'connect-by-address': (scene) => {
    const talk = scene.talk(0, ALICE, PROXY, 8080).open()
    talk.send(crlf(`CONNECT ${SERVER}:443 HTTP/1.1\nHost: ${SERVER}:443`))
    talk.answer(crlf('HTTP/1.1 200 Connection established'))
    talkTls(talk, 'chat.deepseek.com')
    scene.shown.add('chat.deepseek.com')
  },
  'two-watched-names-one-connection': (scene) => {
    const talk = scene.talk(0, ALICE, SERVER, 80).open()
    talk.send(crlf('GET / HTTP/1.1\nHost: www.deepseek.com')).answer(crlf(ok('first')))
    talk
      .send(crlf('GET / HTTP/1.1\nHost: cdn.deepseek.com'))
      .answer(crlf(ok('second')))
      .close()
    scene.shown.add('www.deepseek.com').add('cdn.deepseek.com')
  },
  'two-names-one-connection': (scene) => {
    // pipelined requests of one connection to two names, one of them watched
    const request = 'GET / HTTP/1.1\nHost: www.example.org'
    const talk = scene.talk(0, ALICE, OTHER, 80).open()
    talk.send(crlf(request)).answer(crlf(ok('first')))
    talk
      .send(crlf('GET / HTTP/1.1\nHost: www.deepseek.com'))
      .answer(crlf(ok('second')))
      .close()
    scene.shown.add('www.example.org').add('www.deepseek.com')
  },
  'tls-after-proxy-header': (scene) => {
    const talk = scene.talk(0, ALICE, SERVER, 443).open()
    talk.send(Buffer.from('PROXY TCP4 192.0.2.99 198.51.100.20 41000 443\r\n', 'latin1'))
    talkTls(talk, 'chat.deepseek.com')
  },
  'user-agent-of-the-app': (scene) => {
    scene.http(0, ALICE, OTHER, `GET /generate_204 HTTP/1.1\nHost: portal.example.org\nUser-Agent: ${APP}`)
  },
  'user-agent-and-name': (scene) => {
    scene.http(0, ALICE, SERVER, `GET / HTTP/1.1\nHost: www.deepseek.com\nUser-Agent: ${APP}`)
  },
  'user-agent-of-harness': (scene) => {
    const agent = 'deepseek-harness/0.2.0 (+https://github.com/deepseek-ai/deepseek-harness)'
    scene.http(0, ALICE, OTHER, `GET /manual HTTP/1.1\nHost: docs.example.org\nUser-Agent: ${agent}`)
  },
  'dns-over-https-elsewhere': (scene) => {
    scene.tls(0, ALICE, '203.0.113.8', 'dns.google')
    scene.tls(2, ALICE, SERVER, 'chat.deepseek.com')
  },
  'case-everywhere': (scene) => {
    scene.quic(0, ALICE, SERVER, 'CHAT.DEEPSEEK.COM')
    scene.http(1, ALICE, SERVER, 'GET / HTTP/1.1\nHOST: WwW.DeepSeek.CoM')
    proxied(scene, 2, 'Api.DeepSeek.Com:443')
    socks(scene, 3, 'fIlEs.DeepSeekSVC.com')
  },
  'dot-everywhere': (scene) => {
    scene.quic(0, ALICE, SERVER, 'chat.deepseek.com.')
    proxied(scene, 1, 'api.deepseek.com.:443')
    socks(scene, 2, 'files.deepseeksvc.com.')
  },
  'over-ipv6': (scene) => {
    scene.tls(0, CARL6, SERVER6, 'chat.deepseek.com')
    scene.quic(1, CARL6, SERVER6, 'api.deepseek.com')
    scene.http(2, CARL6, SERVER6, 'GET / HTTP/1.1\nHost: www.deepseek.com')
  },
  'binary-proxy-header': (scene) => {
    const addresses = Buffer.concat([addressBytes('192.0.2.99'), addressBytes(SERVER), u16(41_000), u16(443)])
    const signature = Buffer.from('0d0a0d0a000d0a515549540a2111', 'hex')
    const talk = scene.talk(0, ALICE, SERVER, 443).open()
    talk.send(Buffer.concat([signature, prefixed(2, addresses)]))
    talkTls(talk, 'chat.deepseek.com')
  },
  'forwarded-for': (scene) => {
    scene.http(0, PROXY, SERVER, 'GET / HTTP/1.1\nHost: www.deepseek.com\nX-Forwarded-For: 192.0.2.99, 192.0.2.98')
  },
  'connect-to-other-name': (scene) => {
    const talk = scene.talk(0, ALICE, PROXY, 8080).open()
    talk.send(crlf('CONNECT front.example.org:443 HTTP/1.1\nHost: front.example.org:443'))
    talk.answer(crlf('HTTP/1.1 200 Connection established'))
    talkTls(talk, 'chat.deepseek.com')
    scene.shown.add('front.example.org:443').add('chat.deepseek.com')
  },
  'user-agent-at-a-look-alike': (scene) => {
    scene.http(0, ALICE, OTHER, `GET / HTTP/1.1\nHost: deepseek.ai\nUser-Agent: ${APP}`)
  },
  'on-the-port-of-dns': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { port: 53 })
    scene.http(1, ALICE, SERVER, 'GET / HTTP/1.1\nHost: www.deepseek.com', ok('page'), 53)
    scene.dns(3, ALICE, 'www.example.org', [OTHER], { resolver: SERVER })
    scene.shown.clear() // tshark goes by the port
  },
  'on-ports-of-others': (scene) => {
    ;[22, 25, 80, 1080, 65_535].forEach((port, i) => {
      scene.tls(i, ALICE, SERVER, 'chat.deepseek.com', { port })
    })
    scene.shown.clear()
  },
  'quic-versions': (scene) => {
    const name = 'chat.deepseek.com'
    const hello = [crypto(0, quicHello(name))]
    const ends = (talk: ReturnType<Scene['talk']>, version = V1) =>
      talk.reply(opaque(version === V2 ? 3 : 2, noise('handshake', 1100), version)).ask(shortPacket('request', 300))
    ends(scene.talk(0, ALICE, SERVER, 443).ask(initial({ frames: hello, version: V2 })), V2)
    // a version that nobody has, so that servers learn to say which they have
    const [id, sourceId, other] = [noise('id', 8), noise('source', 8), noise('other', 8)]
    const rest = Buffer.concat([Buffer.of(0), varint(1150, 2), noise('strange', 1150)])
    const strange = [Buffer.of(0xc0), u32(0x1a2a3a4a), prefixed(1, id), prefixed(1, sourceId), rest]
    const again = scene.talk(1, ALICE, SERVER, 443).ask(Buffer.concat(strange))
    again.reply(versionNegotiation(sourceId, id, [V1, V2])).ask(initial({ frames: hello, id, sourceId }))
    ends(again)
    const token = noise('token', 40)
    const asked = scene
      .talk(2, ALICE, SERVER, 443)
      .ask(initial({ frames: hello, id }))
      .reply(retry(other, token))
    ends(asked.ask(initial({ frames: hello, id: other, token, number: 1 })))
  },
  'quic-hello-in-two-datagrams': (scene) => {
    const name = 'api.deepseek.com'
    const hello = quicHello(name, 1600)
    scene
      .talk(0, ALICE, SERVER, 443)
      .ask(initial({ frames: [crypto(900, hello.subarray(900))], number: 1 }))
      .ask(initial({ frames: [crypto(0, hello.subarray(0, 900))] }))
      .reply(opaque(2, noise('handshake', 1100)))
      .ask(shortPacket('request', 300))
  },
  'hello-in-pieces': (scene) => {
    const hello = clientHello('chat.deepseek.com')
    const bytes = [...hello].map((byte) => Buffer.of(byte))
    scene
      .talk(0, ALICE, SERVER, 443)
      .open()
      .send(...bytes)
      .answer(serverFlight())
      .send(clientFinish())
      .close()
    const { length } = hello
    segments(scene, 1, 1000, [
      [90, length],
      [0, 40],
      [40, 90],
    ])
    segments(scene, 2, 1000, [
      [0, 60],
      [30, 100],
      [10, 20],
      [80, length],
    ])
    segments(scene, 3, 2 ** 32 - 50, [
      [0, 100],
      [100, length],
    ]) // its numbers begin again on the way
  },
  'hello-in-the-first-packet': (scene) => {
    // TCP Fast Open, RFC 7413
    const [client, server] = [
      { ip: ALICE, port: 52_100 },
      { ip: SERVER, port: 443 },
    ]
    const hello = clientHello('chat.deepseek.com')
    const answer = { acknowledgment: 1001 + hello.length, sequence: 7000 }
    scene
      .talk(0, ALICE, SERVER, 443)
      .frames.push(
        { at: 0, bytes: tcpFrame(client, server, { sequence: 1000, acknowledgment: 0, flags: SYN }, hello) },
        { at: 0.01, bytes: tcpFrame(server, client, { ...answer, flags: SYN | ACK }) },
        { at: 0.02, bytes: tcpFrame(server, client, { ...answer, sequence: 7001, flags: ACK | PSH }, serverFlight()) },
      )
  },
  'password-and-then-allowed': (scene) => {
    const connect = 'CONNECT chat.deepseek.com:443 HTTP/1.1\nHost: chat.deepseek.com:443'
    const wants = 'HTTP/1.1 407 Proxy Authentication Required\nProxy-Authenticate: Basic\nContent-Length: 0'
    const talk = scene.talk(0, ALICE, PROXY, 8080).open().send(crlf(connect)).answer(crlf(wants))
    talk
      .send(crlf(`${connect}\nProxy-Authorization: Basic eDp5`))
      .answer(crlf('HTTP/1.1 200 OK'))
      .close()
    scene.shown.add('chat.deepseek.com:443')
  },
  'forbidden-and-then-not': (scene) => {
    const request = crlf('GET / HTTP/1.1\nHost: www.deepseek.com')
    const talk = scene.talk(0, ALICE, SERVER, 80).open().send(request)
    talk
      .answer(crlf('HTTP/1.1 403 Forbidden\nContent-Length: 0'))
      .send(request)
      .answer(crlf(ok('page')))
      .close()
    scene.shown.add('www.deepseek.com')
  },
  'socks-in-other-ways': (scene) => {
    const granted = Buffer.concat([Buffer.of(5, 0, 0, 1), addressBytes(PROXY), u16(40_000)])
    const password = Buffer.concat([Buffer.of(1), prefixed(1, Buffer.from('user')), prefixed(1, Buffer.from('secret'))])
    const talk = scene
      .talk(0, ALICE, PROXY, 1080)
      .open()
      .send(Buffer.of(5, 2, 0, 2))
      .answer(Buffer.of(5, 2))
    talk.send(password).answer(Buffer.of(1, 0)).send(socksConnect('chat.deepseek.com', 443)).answer(granted).close()
    const all = [Buffer.of(5, 1, 0), socksConnect('api.deepseek.com', 443), clientHello('api.deepseek.com')]
    const eager = scene.talk(1, ALICE, PROXY, 9050).open().send(Buffer.concat(all))
    eager.answer(Buffer.of(5, 0)).answer(granted).answer(serverFlight()).close()
  },
  'request-inside-of-a-tunnel': (scene) => {
    connectTo(scene, 0, ALICE, OTHER)
      .send(crlf('GET / HTTP/1.1\nHost: www.deepseek.com'))
      .answer(crlf(ok('page')))
      .close()
  },
  'forwarded-by-the-standard': (scene) => {
    const forwarded = 'Forwarded: for="[2001:db8:1::10]:4711";proto=http;by=203.0.113.43'
    scene.http(0, PROXY, SERVER, `GET / HTTP/1.1\nHost: www.deepseek.com\n${forwarded}`)
  },
  'proxy-header-for-itself': (scene) => {
    const talk = scene.talk(0, ALICE, SERVER, 443).open().send(Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'))
    talkTls(talk, 'chat.deepseek.com')
  },
  'web-socket': (scene) => {
    const request = 'GET /ws HTTP/1.1\nHost: chat.deepseek.com\nUpgrade: websocket\nConnection: Upgrade'
    const response = 'HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade'
    scene.http(0, ALICE, SERVER, request, response)
  },
  'strange-labels': (scene) => {
    STRANGE.forEach((name, i) => {
      scene.tls(i, ALICE, SERVER, name)
    })
  },
}

/** A connection whose hello comes in these pieces, in this order. @param begin sequence number of the SYN */
function segments(scene: Scene, at: number, begin: number, pieces: ReadonlyArray<readonly [number, number]>): void {
  const [client, server] = [
    { ip: ALICE, port: 52_000 + at },
    { ip: SERVER, port: 443 },
  ]
  const hello = clientHello('chat.deepseek.com')
  const bytes = [
    tcpFrame(client, server, { sequence: begin, acknowledgment: 0, flags: SYN }),
    tcpFrame(server, client, { sequence: 7000, acknowledgment: begin + 1, flags: SYN | ACK }),
    ...pieces.map(([from, to]) => {
      const numbers = { sequence: begin + 1 + from, acknowledgment: 7001, flags: ACK | PSH }
      return tcpFrame(client, server, numbers, hello.subarray(from, to))
    }),
    tcpFrame(
      server,
      client,
      { sequence: 7001, acknowledgment: begin + 1 + hello.length, flags: ACK | PSH },
      serverFlight(),
    ),
  ]
  scene.talk(at, ALICE, SERVER, 443).frames.push(...bytes.map((frame, i) => ({ at: at + i / 1000, bytes: frame })))
}

/** Names below the domain with labels that hosts do not have, or at their longest. */
const STRANGE = [
  '_acme-challenge.chat.deepseek.com',
  'xn--bcher-kva.deepseek.com',
  `${'x'.repeat(63)}.deepseek.com`,
  [...Array.from({ length: 3 }, () => 'x'.repeat(60)), 'y'.repeat(57), 'deepseek.com'].join('.'),
]

/** What the Android app calls itself. */
const APP = 'DeepSeek/2.5.3 Android/28'

/** Hosts of DeepSeek that are known by name. */
const OPERATED = [
  'chat.deepseek.com',
  'api.deepseek.com',
  'platform.deepseek.com',
  'www.deepseek.com',
  'fe-static.deepseek.com',
  'cdn.deepseek.com',
  'static.deepseek.com',
  'download.deepseek.com',
  'applink.deepseek.com',
  'api-docs.deepseek.com',
  'status.deepseek.com',
  'hif-leim.deepseek.com',
  'hif-dliq.deepseek.com',
  'coder.deepseek.com',
  'files.deepseeksvc.com',
  'harness-telemetry.deepseeksvc.com',
  'dsh-otel-collector.deepseeksvc.com',
]

/** Names at hosting companies that are bound to DeepSeek's own accounts. */
const ACCOUNTS = [
  'd3bbv8sr76az5s.cloudfront.net',
  'f25089e3f8624be8804c1a64aa4c7043.vip1.huaweicloudwaf.com',
  'a0fea896111e.edge.sdk.awswaf.com',
  'a0fea896111e.edge.captcha-sdk.awswaf.com',
  'guh50jw4-ios.mobile-messenger.intercom.com',
]
