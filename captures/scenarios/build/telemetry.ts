/** Hosts of analytics and device fingerprints that many apps use. */

import { ALICE, BOB, CARL6, OTHER, OTHER6, RESOLVER, type Scene, SERVER, SERVER6 } from './scene.ts'
import { clientFinish, clientHello, secret, serverFlight } from './tls.ts'

const GATOR = 'gator.volces.com'
const GATOR_AT = '198.51.100.43'
const MINUTE = 60

export const telemetry: Record<string, (scene: Scene) => void> = {
  alone: (scene) => {
    SHARED.forEach((name, i) => {
      scene.dns(i * 2, ALICE, name, [GATOR_AT])
      scene.tls(i * 2 + 1, ALICE, GATOR_AT, name)
    })
  },
  'alone-all-day': (scene) => {
    for (let hour = 0; hour < 6; hour++) {
      scene.tls(hour * 3600, ALICE, GATOR_AT, GATOR)
      scene.tls(hour * 3600 + 30, ALICE, GATOR_AT, 'fp-it-acc.portal101.cn')
    }
  },
  'just-before': (scene) => {
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(4 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  },
  'just-after': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(4 * MINUTE, ALICE, GATOR_AT, GATOR)
  },
  'asked-only': (scene) => {
    scene.dns(0, ALICE, GATOR, [GATOR_AT])
    scene.tls(MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  },
  'during-a-long-chat': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { seconds: 40 * MINUTE })
    scene.tls(30 * MINUTE, ALICE, GATOR_AT, GATOR)
  },
  'six-minutes-before': (scene) => {
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(6 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  },
  'six-minutes-after': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(6 * MINUTE, ALICE, GATOR_AT, GATOR)
  },
  'of-another-client': (scene) => {
    scene.tls(0, BOB, GATOR_AT, GATOR)
    scene.tls(10, ALICE, SERVER, 'chat.deepseek.com')
  },
  'beside-a-look-alike': (scene) => {
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(10, ALICE, OTHER, 'deepseek.ai')
  },
  'beside-hosting': (scene) => {
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(10, ALICE, '116.205.40.200', '')
  },
  'beside-a-shared-address': (scene) => {
    // neither of the two is evidence, and two nothings are nothing
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(10, ALICE, '104.18.26.90', '')
  },
  'neighbours-of-bound-names': (scene) => {
    // the same services under the account of somebody else
    NEIGHBOURS.forEach((name, i) => {
      scene.dns(i * 2, ALICE, name, [OTHER])
      scene.tls(i * 2 + 1, ALICE, OTHER, name)
    })
  },
  'at-the-border': (scene) => {
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(290, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(3600, ALICE, SERVER, 'api.deepseek.com')
    scene.tls(3600 + 290, ALICE, GATOR_AT, GATOR)
  },
  'beyond-the-border': (scene) => {
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(310, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(3600, ALICE, SERVER, 'api.deepseek.com')
    scene.tls(3600 + 310, ALICE, GATOR_AT, GATOR)
  },
  'beside-the-affiliate': (scene) => {
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(10, ALICE, SERVER, 'www.high-flyer.cn')
    scene.tls(20, ALICE, OTHER, 'openrouter.ai')
  },
  'in-other-ways': (scene) => {
    scene.http(0, ALICE, GATOR_AT, 'POST /list HTTP/1.1\nHost: apmplus.volces.com')
    scene.quic(1, ALICE, GATOR_AT, 'tab.volces.com')
    scene.tls(20, ALICE, SERVER, 'chat.deepseek.com')
  },
  'told-and-nameless': (scene) => {
    scene.dns(0, ALICE, GATOR, [GATOR_AT])
    scene.tls(1, ALICE, GATOR_AT, '')
    scene.laterQuic(2, ALICE, GATOR_AT)
  },
  'before-the-second-question': (scene) => {
    scene.dns(0, ALICE, 'chat.deepseek.com', [SERVER])
    scene.tls(9 * MINUTE, ALICE, GATOR_AT, GATOR)
    scene.dns(12 * MINUTE, ALICE, 'chat.deepseek.com', [SERVER])
  },
  'in-a-pause': (scene) => {
    const talk = scene.talk(0, ALICE, SERVER, 443).open()
    talk.send(clientHello('chat.deepseek.com')).answer(serverFlight()).send(clientFinish())
    talk
      .wait(9 * MINUTE)
      .send(secret('more', 300))
      .answer(secret('answer', 900))
      .close()
    scene.shown.add('chat.deepseek.com')
    scene.tls(6 * MINUTE, ALICE, GATOR_AT, GATOR)
  },
  'over-ipv6': (scene) => {
    scene.tls(0, CARL6, OTHER6, GATOR)
    scene.tls(10, CARL6, SERVER6, 'chat.deepseek.com')
    scene.tls(20, '2001:db8:1::11', SERVER6, 'api.deepseek.com')
  },
  'beside-resolver': (scene) => {
    scene.dns(0, RESOLVER, GATOR, [GATOR_AT], { resolver: '203.0.113.53' })
    scene.tls(10, ALICE, SERVER, 'chat.deepseek.com')
  },
  'beside-an-attempt': (scene) => {
    scene.tls(0, ALICE, SERVER, 'chat.deepseek.com', { ends: 'reset' })
    scene.tls(MINUTE, ALICE, GATOR_AT, GATOR)
  },
  'beside-a-nameless-flow': (scene) => {
    scene.tls(0, ALICE, GATOR_AT, GATOR)
    scene.tls(MINUTE, ALICE, '3.173.21.63', '')
  },
  'model-cloud-beside': (scene) => {
    scene.tls(0, ALICE, OTHER, 'ark.cn-beijing.volces.com')
    scene.tls(10, ALICE, SERVER, 'chat.deepseek.com')
  },
  'suffix-beside': (scene) => {
    scene.tls(0, ALICE, OTHER, 'toblog.volceapplog.com')
    scene.tls(100, ALICE, SERVER, 'chat.deepseek.com')
  },
}

/** Every shared host of the dossier on DeepSeek's indicators. */
const SHARED = [
  'gator.volces.com',
  'apmplus.volces.com',
  'tab.volces.com',
  'apmplus.ap-southeast-1.volces.com',
  'apm.volccdn.com',
  'lf3-data.volccdn.com',
  'toblog.volceapplog.com',
  'tobapplog.volceapplog.com',
  'fp-it-acc.portal101.cn',
  'static.portal101.cn',
  'fp-it.fengkongcloud.com',
  'fp-sa-it-acc.fengkongcloud.com',
  'captcha1.fengkongcloud.cn',
  'castatic.fengkongcloud.cn',
  'nexus-websocket-a.intercom.io',
]

const NEIGHBOURS = [
  'd111111abcdef8.cloudfront.net',
  '0123456789abcdef0123456789abcdef.vip1.huaweicloudwaf.com',
  'b0b1b2b3b4b5.edge.sdk.awswaf.com',
  'b0b1b2b3b4b5.edge.captcha-sdk.awswaf.com',
  'abcdef12-ios.mobile-messenger.intercom.com',
  'www.example.org.eo.dnse1.com',
  'img.example.org.0badcafe.cdnhwcabc21.com',
  'www.example.org.cdn.cloudflare.net',
]
