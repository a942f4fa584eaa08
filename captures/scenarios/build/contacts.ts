/** Which alerts belong together, and whose they are. */

import { ALICE, BOB, CARL6, OTHER, ok, PROXY, type Scene, SERVER, SERVER6 } from './scene.ts'

const MINUTE = 60

export const contacts: Record<string, (scene: Scene) => void> = {
  'gap-of-29-minutes': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(29 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  },
  'gap-of-31-minutes': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(31 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  },
  'asked-again-after-31-minutes': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.dns(31 * MINUTE, ALICE, 'chat.deepseek.com', [SERVER])
  },
  'asked-again-after-29-minutes': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.dns(29 * MINUTE, ALICE, 'chat.deepseek.com', [SERVER])
  },
  'long-flow-bridges': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { seconds: 40 * MINUTE })
    scene.tls(50 * MINUTE, ALICE, SERVER, 'api.deepseek.com')
  },
  'two-clients': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(1, BOB, SERVER, 'chat.deepseek.com')
    scene.tls(2, ALICE, SERVER, 'api.deepseek.com')
  },
  'two-services': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(1, ALICE, OTHER, 'deepseek.ai')
  },
  'four-contacts': (scene) => {
    for (const at of [0, 40, 80, 120]) scene.tls(at * MINUTE, ALICE, SERVER, 'api.deepseek.com')
  },
  'proxy-onward': (scene) => {
    scene.http(
      0,
      ALICE,
      PROXY,
      'CONNECT api.deepseek.com:443 HTTP/1.1\nHost: api.deepseek.com:443',
      'HTTP/1.1 200 OK',
      8080,
    )
    scene.tls(0.5, PROXY, SERVER, 'api.deepseek.com')
    scene.shown.clear()
    scene.shown.add('api.deepseek.com')
  },
  'proxy-in-clear-onward': (scene) => {
    scene.http(0, ALICE, PROXY, 'GET http://www.deepseek.com/ HTTP/1.1\nHost: www.deepseek.com', ok('page'), 8080)
    scene.http(0.5, PROXY, SERVER, 'GET / HTTP/1.1\nHost: www.deepseek.com', ok('page'))
  },
  'no-proxy-that-refused': (scene) => {
    const web = '192.0.2.80'
    const refusal = 'HTTP/1.1 405 Method Not Allowed\nContent-Length: 0'
    scene.http(0, '198.51.100.99', web, 'CONNECT mail.example.net:25 HTTP/1.1\nHost: mail.example.net:25', refusal)
    scene.shown.clear()
    scene.tls(60, web, SERVER, 'chat.deepseek.com')
  },
  'gap-just-under': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(30 * MINUTE - 1, ALICE, SERVER, 'api.deepseek.com')
  },
  'gap-just-over': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(30 * MINUTE + 1, ALICE, SERVER, 'api.deepseek.com')
  },
  'chain-of-gaps': (scene) => {
    for (const at of [0, 25, 50, 75]) scene.tls(at * MINUTE, ALICE, SERVER, 'api.deepseek.com')
  },
  'affiliate-beside': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(1, ALICE, OTHER, 'www.high-flyer.cn')
  },
  'telemetry-is-no-contact': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(20 * MINUTE, ALICE, OTHER, 'gator.volces.com')
    scene.tls(40 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  },
  'over-both-families': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(1, CARL6, SERVER6, 'chat.deepseek.com')
  },
  'many-ways-one-contact': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.http(5 * MINUTE, ALICE, OTHER, 'GET / HTTP/1.1\nHost: www.deepseek.com')
    scene.quic(20 * MINUTE, ALICE, OTHER, 'api.deepseek.com')
    scene.tls(45 * MINUTE, ALICE, '3.173.21.63', '')
  },
  'gap-exactly': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER]) // answered a millisecond later
    scene.dns(30 * MINUTE + 0.001, ALICE, 'chat.deepseek.com', [SERVER])
  },
  'others-do-not-bridge': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(20 * MINUTE, ALICE, SERVER, 'openrouter.ai')
    scene.tls(40 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  },
}
