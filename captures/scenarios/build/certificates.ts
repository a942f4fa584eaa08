/** Servers that choose TLS 1.2 and show a certificate. */

import { ALICE, CARL6, oneDirection, type Scene, SERVER, SERVER6 } from './scene.ts'
import { certificateFlight, clientFinish, clientHello, secret } from './tls.ts'

const DEEPSEEK = { commonName: '*.deepseek.com', names: ['*.deepseek.com', 'deepseek.com'] }
const MANY = { commonName: 'cdn.example.net', names: ['cdn.example.net', 'shop.example.com', '*.deepseek.com'] }

export const certificates: Record<string, (scene: Scene) => void> = {
  'under-other-name': (scene) => {
    scene.tls(0, ALICE, SERVER, 'www.example.org', { certificate: DEEPSEEK })
  },
  'under-other-name-in-pieces': (scene) => {
    const talk = scene.talk(0, CARL6, SERVER6, 443).open().send(clientHello('www.example.org'))
    const flight = certificateFlight(DEEPSEEK)
    for (let at = 0; at < flight.length; at += 100) talk.answer(flight.subarray(at, at + 100))
    talk.send(clientFinish()).answer(secret('response', 1200)).close()
    scene.shown.add('www.example.org')
  },
  'under-other-name-many': (scene) => {
    scene.tls(0, ALICE, SERVER, 'www.example.org', { certificate: MANY })
  },
  'under-other-name-affiliate': (scene) => {
    const certificate = { commonName: 'high-flyer.cn', names: ['high-flyer.cn', '*.high-flyer.cn'] }
    scene.tls(0, ALICE, SERVER, 'www.example.org', { certificate })
  },
  'under-a-look-alike': (scene) => {
    scene.tls(0, ALICE, SERVER, 'deepseek.ai', { certificate: DEEPSEEK })
  },
  'under-telemetry': (scene) => {
    scene.tls(0, ALICE, SERVER, '', {
      certificate: { commonName: 'chat.deepseek.com', names: ['chat.deepseek.com', 'gator.volces.com'] },
    })
  },
  'organisation-as-common-name': (scene) => {
    const certificate = { commonName: 'Hangzhou DeepSeek', names: ['deepseek.com', '*.deepseek.com'] }
    scene.tls(0, ALICE, SERVER, '', { certificate })
  },
  'of-somebody-else': (scene) => {
    const certificate = { commonName: 'gateway.example.cz', names: ['gateway.example.cz'] }
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { certificate })
  },
  traps: (scene) => {
    ;[
      'notdeepseek.com',
      '*.deepseek.com.example.org',
      'deepseek.example.org',
      '*.com',
      'deepseek.com\\0.example.org',
    ].forEach((name, i) => {
      scene.tls(i * 2, ALICE, SERVER, '', { certificate: { commonName: name, names: [name] } })
      scene.tls(i * 2 + 1, ALICE, SERVER, 'www.example.org', { certificate: { commonName: name, names: [name] } })
    })
  },
  'told-other-name': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', [SERVER])
    scene.tls(1, ALICE, SERVER, '', { certificate: DEEPSEEK })
  },
  'at-hosting-own': (scene) => {
    scene.tls(0, ALICE, '116.205.40.200', '', { certificate: DEEPSEEK })
  },
  'one-direction': (scene) => {
    // the mirror shows what servers say, and not what clients do
    oneDirection(scene, 0, SERVER, (talk) => {
      talk.send(clientHello('')).answer(certificateFlight(DEEPSEEK)).send(clientFinish())
      talk.answer(secret('response', 1200)).close()
    })
  },
  'of-the-client': (scene) => {
    const own = { commonName: 'deepseek.com', names: ['deepseek.com'] }
    const talk = scene.talk(0, ALICE, SERVER, 443).open().send(clientHello(''))
    talk.answer(certificateFlight({ commonName: 'www.example.org', names: ['www.example.org'] }))
    talk.send(certificateFlight(own)).answer(secret('response', 1200)).close()
  },
  'of-a-look-alike': (scene) => {
    scene.tls(0, ALICE, SERVER, '', { certificate: { commonName: 'deepseek.ai', names: ['deepseek.ai'] } })
  },
  'of-third-parties': (scene) => {
    const names = ['huggingface.co', 'ollama.com', 'api.together.xyz', 'dashscope.aliyuncs.com', 'gator.volces.com']
    names.forEach((name, i) => {
      scene.tls(i, ALICE, SERVER, '', { certificate: { commonName: name, names: [name, `*.${name}`] } })
    })
  },
  'of-both-domains': (scene) => {
    const certificate = { commonName: '*.deepseek.com', names: ['*.deepseek.com', '*.deepseeksvc.com'] }
    scene.tls(0, ALICE, SERVER, '', { certificate })
  },
}
