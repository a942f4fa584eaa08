/** DNS and nothing else. */

import { A, CNAME, dnsAnswer, dnsQuestion, type TestRecord, wireName } from '../../../test/support/dns-message.ts'
import { u16 } from '../../../test/support/frames.ts'
import { prefixed } from '../../../test/support/hello.ts'
import {
  ALICE,
  BOB,
  CARL6,
  httpsRecord,
  OTHER,
  PROXY,
  RESOLVER,
  RESOLVER6,
  type Scene,
  SERVER,
  SERVER6,
} from './scene.ts'

const UPSTREAM = '203.0.113.53'
const MX = 15
const TXT = 16
const SRV = 33
const HTTPS = 65

export const dns: Record<string, (scene: Scene) => void> = {
  'asked-three-ways': (scene) => {
    // as a browser does: A, AAAA and HTTPS at once, and again a minute later
    for (const at of [0, 60]) {
      scene.dns(at, ALICE, 'chat.deepseek.com', [SERVER])
      scene.dns(at + 0.001, ALICE, 'chat.deepseek.com', ['2001:db8:2::20'])
      scene.dns(at + 0.002, ALICE, 'chat.deepseek.com', [], { type: HTTPS })
    }
  },
  'two-names': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.dns(1, ALICE, 'files.deepseeksvc.com', [SERVER])
  },
  'alias-of-unrelated-name': (scene) => {
    scene.dns(0, ALICE, 'assistant.example.org', [SERVER], { aliases: ['api.deepseek.com'] })
  },
  'alias-under-known-cdn': (scene) => {
    scene.dns(0, ALICE, 'api.deepseek.com', ['58.49.197.113'], { aliases: ['api.deepseek.com.eo.dnse1.com'] })
  },
  'resolver-asks-for-others': (scene) => {
    // the order of every cold cache: the resolver asks before it has answered anybody
    const question = scene.talk(0, ALICE, RESOLVER, 53)
    resolveThrough(scene, question, 'chat.deepseek.com')
  },
  'resolver-asks-again': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', ['203.0.113.30'])
    scene.dns(5, RESOLVER, 'api.deepseek.com', [SERVER], { resolver: UPSTREAM })
  },
  'proxy-resolves': (scene) => {
    scene.http(
      0,
      ALICE,
      PROXY,
      'CONNECT www.example.org:443 HTTP/1.1\nHost: www.example.org:443',
      'HTTP/1.1 200 OK',
      8080,
    )
    scene.dns(5, PROXY, 'api.deepseek.com', [SERVER])
  },
  'two-clients-asked': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.dns(1, BOB, 'chat.deepseek.com', [SERVER])
  },
  'answer-without-question': (scene) => {
    const name = 'chat.deepseek.com'
    scene.talk(0, ALICE, RESOLVER, 53).reply(dnsAnswer(name, [{ name, type: A, data: SERVER }]))
    scene.shown.add(name)
  },
  'mail-server-checks-sender': (scene) => {
    const name = 'deepseek.com'
    const text = Buffer.from('v=spf1 include:spf.example.net -all')
    const data = Buffer.concat([Buffer.of(text.length), text])
    const talk = scene.talk(0, '192.0.2.25', RESOLVER, 53).ask(dnsQuestion(name, { type: TXT }))
    talk.reply(dnsAnswer(name, [{ name, type: TXT, data }], { type: TXT }))
    scene.shown.add(name)
  },
  'affiliate-asked': (scene) => {
    scene.dns(0, ALICE, 'www.high-flyer.cn', ['203.0.113.40'])
  },
  'doubtful-asked': (scene) => {
    scene.dns(0, ALICE, 'public.deepseekcdn.com', ['203.0.113.41'])
  },
  'over-ipv6': (scene) => {
    scene.dns(0, CARL6, 'chat.deepseek.com', [SERVER], { resolver: RESOLVER6 })
    scene.dns(0.01, CARL6, 'chat.deepseek.com', [SERVER6], { resolver: RESOLVER6 })
  },
  'tcp-refused': (scene) => {
    scene.dnsOverTcp(0, ALICE, 'api.deepseek.com', [], { code: 3 })
  },
  'mixed-case': (scene) => {
    scene.dns(0, RESOLVER, 'cHAt.DEepSeEk.cOm', [SERVER], { resolver: UPSTREAM })
    scene.shown.clear()
  },
  'aliases-out-of-order': (scene) => {
    scene.answered(0, ALICE, 'assistant.example.org', A, [
      { name: 'd3bbv8sr76az5s.cloudfront.net', type: A, data: SERVER },
      { name: 'edge.example.net', type: CNAME, data: 'D3BBV8SR76AZ5S.cloudfront.net' },
      { name: 'assistant.example.org', type: CNAME, data: 'edge.example.net' },
    ])
  },
  'https-record-with-hints': (scene) => {
    scene.answered(0, ALICE, 'chat.deepseek.com', HTTPS, [httpsRecord('chat.deepseek.com', 1, '', [SERVER, SERVER6])])
  },
  'alias-of-look-alike': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', [OTHER], { aliases: ['api.deepseek.com.eo.dnse1.com.example.net'] })
    scene.dns(1, ALICE, 'www.example.org', [OTHER], { aliases: ['notdeepseek.com.eo.dnse1.com'] })
    scene.dns(2, ALICE, 'www.example.org', [OTHER], { aliases: ['api.deepseek.com.x.y.cdnhwcqwg14.com'] })
    scene.tls(3, ALICE, OTHER, '')
  },
  'resolver-over-tcp': (scene) => {
    scene.dnsOverTcp(0, ALICE, 'www.example.org', [OTHER])
    scene.dnsOverTcp(5, RESOLVER, 'chat.deepseek.com', [SERVER], { resolver: UPSTREAM })
  },
  'truncated-then-tcp': (scene) => {
    const id = { id: 0x0b01, flags: 0x8380 }
    scene
      .talk(0, ALICE, RESOLVER, 53)
      .ask(dnsQuestion('chat.deepseek.com', { id: 0x0b01 }))
      .reply(dnsAnswer('chat.deepseek.com', [], id))
    scene.dnsOverTcp(0.1, ALICE, 'chat.deepseek.com', [SERVER])
  },
  'alias-to-front': (scene) => {
    scene.dns(0, ALICE, 'ai.example.org', [SERVER], { aliases: ['x.example.net', 'chat.deepseek.com.eo.dnse1.com'] })
  },
  'on-the-link': (scene) => {
    scene.talk(0, ALICE, '224.0.0.251', 5353, 5353).ask(dnsQuestion('chat.deepseek.com', { flags: 0 }))
    scene.talk(1, ALICE, '224.0.0.252', 5355).ask(dnsQuestion('chat.deepseek.com', { flags: 0 }))
    scene.shown.add('chat.deepseek.com')
  },
  'on-the-link-wants-recursion': (scene) => {
    // the bit says nothing there (RFC 6762 section 18.6)
    const told = { name: 'chat.deepseek.com', type: A, data: '192.0.2.40' }
    scene.talk(0, ALICE, '224.0.0.251', 5353, 5353).ask(dnsQuestion('chat.deepseek.com'))
    scene.talk(1, ALICE, '224.0.0.251', 5353).ask(dnsQuestion('chat.deepseek.com'))
    scene.talk(2, CARL6, 'ff02::fb', 5353, 5353).ask(dnsQuestion('chat.deepseek.com'))
    scene.talk(3, '192.0.2.40', '224.0.0.251', 5353, 5353).ask(dnsAnswer('chat.deepseek.com', [told]))
    scene.shown.add('chat.deepseek.com')
  },
  'address-of-another-name': (scene) => {
    scene.answered(0, ALICE, 'chat.deepseek.com', A, [
      { name: 'chat.deepseek.com', type: CNAME, data: 'edge.example.net' },
      { name: 'www.example.org', type: A, data: OTHER },
    ])
    scene.tls(1, ALICE, OTHER, '')
  },
  'aliases-in-a-circle': (scene) => {
    scene.answered(0, ALICE, 'chat.deepseek.com', A, aliases('chat.deepseek.com', 'a.example.net', 'chat.deepseek.com'))
  },
  'alias-of-nothing': (scene) => {
    // what a resolver with a response policy says instead of the answer
    scene.answered(0, ALICE, 'chat.deepseek.com', A, aliases('chat.deepseek.com', ''))
    scene.answered(1, ALICE, 'api.deepseek.com', A, aliases('api.deepseek.com', '*'))
  },
  'first-resolver-is-silent': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [], { silent: true })
    scene.dns(2, ALICE, 'chat.deepseek.com', [SERVER], { resolver: UPSTREAM })
  },
  'https-record-without-hints': (scene) => {
    scene.answered(0, ALICE, 'chat.deepseek.com', HTTPS, [httpsRecord('chat.deepseek.com', 1)])
  },
  'records-without-addresses': (scene) => {
    const mail = Buffer.concat([u16(10), wireName('mx.example.net')])
    const service = Buffer.concat([u16(1), u16(1), u16(443), wireName('api.deepseek.com')])
    const name = '_https._tcp.api.deepseek.com'
    scene.answered(0, ALICE, 'deepseek.com', MX, [{ name: 'deepseek.com', type: MX, data: mail }])
    scene.answered(1, ALICE, name, SRV, [{ name, type: SRV, data: service }])
  },
  'two-questions-in-one-segment': (scene) => {
    const names = ['chat.deepseek.com', 'api.deepseek.com']
    const told = (name: string) => [{ name, type: A, data: SERVER }]
    const questions = names.map((name, id) => prefixed(2, dnsQuestion(name, { id })))
    const answers = names.map((name, id) => prefixed(2, dnsAnswer(name, told(name), { id }))).reverse()
    const talk = scene.talk(0, ALICE, RESOLVER, 53).open().send(Buffer.concat(questions))
    talk.answer(Buffer.concat(answers)).close()
    for (const name of names) scene.shown.add(name)
  },
}

/** Each name as the alias of the one before. */
function aliases(...names: string[]): TestRecord[] {
  return names.slice(1).map((data, i) => ({ name: names[i]!, type: CNAME, data }))
}

/** A question whose answer waits until the resolver has asked its own. */
function resolveThrough(scene: Scene, client: ReturnType<Scene['talk']>, name: string): void {
  client.ask(dnsQuestion(name, { id: 0x0a01 }))
  scene.dns(0.01, RESOLVER, name, [SERVER], { resolver: UPSTREAM })
  client.wait(0.05).reply(dnsAnswer(name, [{ name, type: A, data: SERVER }], { id: 0x0a01 }))
}
