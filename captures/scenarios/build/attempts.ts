/** A contact was wanted, and as far as the wire shows it did not come about. */

import { socksConnect } from './names.ts'
import { quicInitial } from './quic.ts'
import { ALICE, crlf, OTHER, PROXY, RESOLVER, type Scene, SERVER, talkTls } from './scene.ts'
import { clientHello } from './tls.ts'

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
}

function quicHellos(talk: ReturnType<Scene['talk']>, name: string): void {
  for (const pause of [0.3, 0.6, 1.2]) talk.ask(quicInitial(name)).wait(pause)
}
