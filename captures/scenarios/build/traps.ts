/** Names that look like a watched one and are not. */

import { domainToASCII } from 'node:url'
import { dnsAnswer, dnsQuestion, wireName } from '../../../test/support/dns-message.ts'
import { ALICE, OTHER, ok, PROXY, proxied, RESOLVER, type Scene, socks } from './scene.ts'

export const traps: Record<string, (scene: Scene) => void> = {
  boundaries: (scene) => both(scene, BOUNDARIES),
  'cdn-in-front-unknown': (scene) => both(scene, UNKNOWN_CDNS),
  'other-top-level': (scene) => both(scene, OTHER_DOMAINS),
  homographs: (scene) => both(scene, HOMOGRAPHS.map(domainToASCII)),
  'homographs-in-bytes': (scene) => {
    // names that were never turned into ASCII, as raw UTF-8; the Kelvin sign becomes a k when it is made lower case
    for (const [i, name] of ['chat.dееpseek.com', 'chat.deepsee\u212a.com', 'chat.deepseek\u3002com'].entries())
      scene.tls(i, ALICE, OTHER, Buffer.from(name).toString('latin1'))
    scene.shown.clear()
  },
  'names-with-rubbish': (scene) => {
    for (const [i, name] of [
      'chat.deepseek.com\0.example.org',
      'deepseek.com/',
      'chat.deepseek.com example.org',
    ].entries())
      scene.tls(i, ALICE, OTHER, name)
    scene.shown.clear()
  },
  'user-agents-alike': (scene) => {
    const agents = [
      'MyDeepSeek/1.0 Android/35',
      'DeepSeek',
      'Mozilla/5.0 (compatible; DeepSeekBot/1.0)',
      'curl/8.5.0 deepseek-harness/0.1',
      'python-openai/1.40 model=deepseek-chat',
    ]
    for (const [i, agent] of agents.entries())
      scene.http(i, ALICE, OTHER, `GET / HTTP/1.1\nHost: www.example.org\nUser-Agent: ${agent}`)
  },
  'search-suffix': (scene) => {
    // what Windows asks when a short name does not resolve: the name below the organisation's own domain
    for (const [i, name] of ['chat.deepseek.com.corp.example.cz', 'deepseek.corp.example.cz', 'deepseek'].entries())
      scene.dns(i, ALICE, name, [], { code: 3 })
  },
  'named-elsewhere-in-http': (scene) => {
    const host = 'Host: news.example.org'
    scene.http(0, ALICE, OTHER, `GET /2026/chat.deepseek.com-review HTTP/1.1\n${host}`)
    scene.http(1, ALICE, OTHER, `GET / HTTP/1.1\n${host}\nReferer: https://chat.deepseek.com/`)
    scene.http(2, ALICE, OTHER, `GET /go?to=https://www.deepseek.com/ HTTP/1.1\n${host}`)
    scene.http(3, ALICE, OTHER, `POST / HTTP/1.1\n${host}\nContent-Length: 24\n\nHost: www.deepseek.com\r\n`)
    scene.http(4, ALICE, OTHER, `GET / HTTP/1.1\n${host}\nOrigin: https://chat.deepseek.com\nX-Host: deepseek.com`)
    scene.http(5, ALICE, OTHER, `GET / HTTP/1.1\n${host}\nUser-Agent: Mozilla/5.0 (compatible; deepseek research)`)
    const moved = 'HTTP/1.1 302 Found\nLocation: https://www.deepseek.com/\nContent-Length: 0'
    scene.http(6, ALICE, OTHER, `GET /out HTTP/1.1\n${host}`, moved)
    scene.http(7, ALICE, OTHER, `GET /page HTTP/1.1\n${host}`, ok('<a href="https://chat.deepseek.com">here</a>\n'))
  },
  'named-elsewhere-in-dns': (scene) => {
    scene.dns(0, ALICE, '63.21.173.3.in-addr.arpa', [], { type: 12 })
    scene.dns(1, ALICE, 'deepseek.com.dnsbl.example.org', [], { code: 3 })
    answered(scene, 4, '20.100.51.198.in-addr.arpa', 12, wireName('mail.deepseek.com'))
    answered(scene, 5, 'example.org', 15, Buffer.concat([Buffer.of(0, 10), wireName('mx.deepseek.com')]))
    answered(scene, 6, 'example.net', 2, wireName('ns1.deepseek.com'))
    scene.dns(2, ALICE, 'chat-deepseek-com.translate.goog', [OTHER])
    scene.tls(3, ALICE, OTHER, 'chat-deepseek-com.translate.goog')
  },
  'mail-from-there': (scene) => {
    const talk = scene.talk(0, OTHER, '192.0.2.25', 25).open()
    talk.answer(Buffer.from('220 mail.example.cz ESMTP\r\n')).send(Buffer.from('EHLO mail.deepseek.com\r\n'))
    talk.answer(Buffer.from('250 mail.example.cz\r\n')).send(Buffer.from('MAIL FROM:<no-reply@deepseek.com>\r\n'))
    talk.answer(Buffer.from('250 OK\r\n')).send(Buffer.from('RCPT TO:<jana@example.cz>\r\n'))
    talk.answer(Buffer.from('250 OK\r\n')).send(Buffer.from('DATA\r\n')).answer(Buffer.from('354 go on\r\n'))
    talk.send(Buffer.from('Subject: https://chat.deepseek.com\r\nHost: chat.deepseek.com\r\n\r\n.\r\n'))
    talk.answer(Buffer.from('250 OK\r\n')).close()
  },
  'look-alikes-listed': (scene) => {
    LOOK_ALIKES.forEach((name, i) => {
      scene.tls(i, ALICE, OTHER, name)
    })
  },
  'look-alikes-asked': (scene) => {
    for (const [i, name] of ['www.deepseek.ai', 'chat-deep.ai', 'deepseekmodel1.org'].entries())
      scene.dns(i, ALICE, name, [OTHER])
  },
  'look-alike-and-service': (scene) => {
    scene.tls(0, ALICE, OTHER, 'chat-deep.ai')
    scene.tls(10, ALICE, '198.51.100.20', 'api.deepseek.com')
  },
  'boundaries-elsewhere': (scene) => {
    BOUNDARIES.forEach((name, i) => {
      scene.quic(i * 4, ALICE, OTHER, name)
      scene.http(i * 4 + 1, ALICE, OTHER, `GET / HTTP/1.1\nHost: ${name}`)
      proxied(scene, i * 4 + 2, `${name}:443`)
      socks(scene, i * 4 + 3, name)
    })
  },
  'look-alike-boundaries': (scene) => {
    both(scene, LOOK_ALIKE_BOUNDARIES)
  },
  'dots-in-labels': (scene) => {
    const label = (text: string) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])
    const name = Buffer.concat([label('chat'), label('deepseek.com'), label('example'), Buffer.of(0)])
    const other = Buffer.concat([label('chat.deepseek'), label('com'), Buffer.of(0)])
    for (const [i, wire] of [name, other].entries()) {
      const question = dnsQuestion('x')
      scene.talk(i, ALICE, RESOLVER, 53).ask(Buffer.concat([question.subarray(0, 12), wire, question.subarray(-4)]))
    }
  },
  'address-in-name': (scene) => {
    both(scene, ['3.173.21.63.example.org', 'server-3-173-21-63.fra60.r.cloudfront.net'])
  },
  'look-alike-redirects': (scene) => {
    const moved = 'HTTP/1.1 302 Found\nLocation: https://chat.deepseek.com/\nContent-Length: 0'
    scene.http(0, ALICE, OTHER, 'GET / HTTP/1.1\nHost: deepseek.ai', moved)
  },
  'before-the-host': (scene) => {
    const host = 'Host: www.example.org'
    for (const [i, target] of [
      'www.deepseek.com@www.example.org/',
      'www.example.org?x=http://www.deepseek.com/',
    ].entries())
      scene.http(i, ALICE, PROXY, `GET http://${target} HTTP/1.1\n${host}`, ok('page'), 8080)
  },
}

/** An answer with one record of any type. */
function answered(scene: Scene, at: number, name: string, type: number, data: Uint8Array): void {
  const talk = scene.talk(at, ALICE, RESOLVER, 53).ask(dnsQuestion(name, { type, id: at }))
  talk.reply(dnsAnswer(name, [{ name, type, data }], { type, id: at }))
  scene.shown.add(name)
}

/** Each name by DNS and by SNI. */
function both(scene: Scene, names: readonly string[]): void {
  names.forEach((name, i) => {
    scene.dns(i * 2, ALICE, name, [OTHER])
    scene.tls(i * 2 + 1, ALICE, OTHER, name)
  })
}

const BOUNDARIES = [
  'notdeepseek.com',
  'mydeepseek.com.example.org',
  'deepseek.com.attacker.example',
  'chat.deepseek.com.example.org',
  'deepseek.comm',
  'deepseek.com-login.example',
  'xdeepseeksvc.com',
  'files.deepseeksvc.com.example.org',
  'deepseek-com.example.org',
  'deepseek.example.org',
  'not-high-flyer.cn',
  'xd3bbv8sr76az5s.cloudfront.net',
  'd3bbv8sr76az5s.cloudfront.net.example.org',
]

const LOOK_ALIKE_BOUNDARIES = [
  'mydeepseek.ai',
  'deepseek.ai.example.org',
  'notchat-deep.ai',
  'deepseek.chat.example.org',
  'deepseek.chats',
  'xhigh-flyer.cn',
  'high-flyer.cn.example.org',
  'high-flyer.com',
  'notopenrouter.ai',
  'openrouter.ai.example.org',
  'xgator.volces.com.example.org',
]

const UNKNOWN_CDNS = [
  'api.deepseek.com.cdn.example.net',
  'chat.deepseek.com.eo.dnse1.com.example.net',
  'chat.deepseek.com.eo.dnse1.example',
  'cdn.deepseek.com.436b7a4e.cdnhwc.example.net',
  'cdn.deepseek.com.436b7a4e.notcdnhwcqwg14.com',
  'notdeepseek.com.eo.dnse1.com',
  'deepseek.com.cdn.cloudflare.example',
]

const OTHER_DOMAINS = [
  'deepseek.co',
  'deepseek.org',
  'deepseek.net',
  'deepseek.com.cn',
  'deep-seek.com',
  'deepseeks.com',
  'deepseek-v3.example.org',
  'chatdeepseek.app',
  'wwwdeepseek.com',
]

// In order: Cyrillic e, Cyrillic s look-alike, Latin e with dot below, full Cyrillic p, dotless letters
const HOMOGRAPHS = ['chat.dееpseek.com', 'dеepseek.com', 'deepѕeek.com', 'deẹpseek.com', 'deeрseek.com', 'dėepseek.com']

const LOOK_ALIKES = [
  'deepseek.ai',
  'chat-deep.ai',
  'deepseekmodel1.org',
  'deepseek.chat',
  'deepseekagi.org',
  'deepseek-ai.net',
  'deepseek-en.com',
]
