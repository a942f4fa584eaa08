/** A watched name is visible in the flow. */

import { addressBytes, u16 } from '../../../test/support/frames.ts'
import { prefixed } from '../../../test/support/hello.ts'
import { ALICE, CARL6, crlf, OTHER, ok, PROXY, proxied, type Scene, SERVER, SERVER6, socks, talkTls } from './scene.ts'

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
}

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
