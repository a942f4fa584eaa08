/** Whose address the server has. */

import { shortPacket } from './quic.ts'
import { ALICE, BOB, CARL6, connectTo, crlf, OTHER, ok, type Scene, socksTo, talkTls } from './scene.ts'
import { secret } from './tls.ts'

/** DeepSeek's own, as far as known. */
const DEDICATED = '3.173.21.63'
const CLOUDFLARE = ['104.18.26.90', '104.18.27.90']
const CLOUDFLARE_IPV6 = '2606:4700::6812:1a5a'
/** Huawei Cloud in China, AS55990. The first one answers for DeepSeek, and may answer for others. */
const HUAWEI_SHARED = '116.205.40.113'
const HUAWEI = ['116.205.40.200', '139.9.0.7']
/** Yandex Cloud, AS200350. */
const YANDEX = '51.250.7.200'

const HOUR = 3600

export const addresses: Record<string, (scene: Scene) => void> = {
  'dedicated-quic': (scene) => {
    scene.laterQuic(0, ALICE, DEDICATED)
  },
  'dedicated-mid-stream-server-first': (scene) => {
    // what is seen first is a packet of the server
    const talk = scene.talk(0, ALICE, DEDICATED, 443)
    talk.answer(secret('late response', 800)).send(secret('late request', 200)).answer(secret('later', 400)).close()
  },
  'dedicated-other-customer': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', [DEDICATED])
    scene.tls(1, ALICE, DEDICATED, 'www.example.org')
    scene.tls(2, ALICE, DEDICATED, 'd111111abcdef8.cloudfront.net')
    scene.http(3, ALICE, DEDICATED, 'GET / HTTP/1.1\nHost: shop.example.net')
    scene.quic(4, ALICE, DEDICATED, 'video.example.net')
  },
  'dedicated-told-for-other-name': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', [DEDICATED])
    scene.tls(1, ALICE, DEDICATED, '')
  },
  'cloudflare-other-customers': (scene) => {
    ;[...CLOUDFLARE, CLOUDFLARE_IPV6].forEach((address, i) => {
      const client = address.includes(':') ? CARL6 : ALICE
      scene.tls(i, client, address, `shop${i}.example.org`)
      scene.quic(i + 0.5, client, address, `shop${i}.example.org`)
    })
  },
  'cloudflare-no-name': (scene) => {
    ;[...CLOUDFLARE, CLOUDFLARE_IPV6].forEach((address, i) => {
      scene.tls(i, address.includes(':') ? CARL6 : ALICE, address, '')
    })
    scene.laterQuic(5, ALICE, CLOUDFLARE[0]!)
    scene.laterTls(6, ALICE, CLOUDFLARE[1]!)
  },
  'telemetry-addresses-no-name': (scene) => {
    ;['43.109.39.199', '43.109.37.227', '163.181.100.195', '138.113.144.16'].forEach((address, i) => {
      scene.tls(i, ALICE, address, '')
    })
  },
  'huawei-waf-no-name': (scene) => {
    scene.tls(0, ALICE, HUAWEI_SHARED, '')
  },
  'huawei-waf-ipv6-no-name': (scene) => {
    scene.tls(0, CARL6, '2407:c080:802:1ce8::1', '')
  },
  'huawei-waf-hard-coded': (scene) => {
    scene.tls(0, ALICE, '116.205.40.114', 'chat.deepseek.com')
  },
  'huawei-waf-other-name': (scene) => {
    scene.tls(0, ALICE, HUAWEI_SHARED, 'mall.example.org')
  },
  'hosting-once-an-hour': (scene) => {
    for (const [i, at] of [0, 300, 900, 1800].entries()) scene.tls(at, ALICE, HUAWEI[i % 2]!, '')
  },
  'hosting-next-hour': (scene) => {
    for (const at of [0, 600, HOUR + 60]) scene.tls(at, ALICE, HUAWEI[0]!, '')
  },
  'hosting-two-clients': (scene) => {
    scene.tls(0, ALICE, HUAWEI[0]!, '')
    scene.tls(1, BOB, HUAWEI[0]!, '')
  },
  'hosting-two-countries': (scene) => {
    scene.tls(0, ALICE, HUAWEI[0]!, '')
    scene.tls(1, ALICE, YANDEX, '')
  },
  'hosting-other-names': (scene) => {
    scene.tls(0, ALICE, HUAWEI[0]!, 'www.example.org')
    scene.http(1, ALICE, HUAWEI[1]!, 'GET / HTTP/1.1\nHost: www.example.net')
    scene.quic(2, ALICE, YANDEX, 'video.example.net')
  },
  'hosting-name-from-dns': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', [HUAWEI[0]!])
    scene.tls(1, ALICE, HUAWEI[0]!, '')
  },
  'hosting-carrier': (scene) => {
    // where EdgeOne answered for api.deepseek.com, in the network of a carrier; and a Russian carrier
    scene.tls(0, ALICE, '218.92.141.107', '')
    scene.tls(1, ALICE, '218.92.141.107', 'www.example.org')
    scene.tls(2, BOB, '5.143.224.1', '')
  },
  'hosting-abroad': (scene) => {
    // addresses of the same companies that lie in neither country
    ;['47.88.1.1', '159.138.0.1', '101.32.0.1'].forEach((address, i) => {
      scene.tls(i, ALICE, address, '')
    })
  },
  'hosting-comes-to-us': (scene) => {
    // somebody in China opens our web server: he is the client
    scene.http(0, HUAWEI[0]!, '192.0.2.80', 'GET / HTTP/1.1\nHost: www.example.cz', ok('hello'))
    scene.tls(1, HUAWEI[0]!, '192.0.2.80', '')
    const late = scene.talk(2, HUAWEI[1]!, '192.0.2.80', 443)
    late.answer(secret('late response', 900)).send(secret('late request', 100)).answer(secret('more', 900)).close()
  },
  'hosting-asked-dns': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', ['203.0.113.30'], { resolver: '223.5.5.5' })
    scene.dns(1, ALICE, 'www.example.net', ['203.0.113.31'], { resolver: '77.88.8.8' })
  },
  'hosting-ssh': (scene) => {
    const talk = scene.talk(0, ALICE, HUAWEI[0]!, 22).open()
    talk.answer(Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')).send(Buffer.from('SSH-2.0-OpenSSH_9.7\r\n')).close()
  },
  'other-addresses-no-name': (scene) => {
    scene.tls(0, ALICE, '3.173.21.62', '')
    scene.tls(1, ALICE, '3.173.21.64', '')
    scene.tls(2, ALICE, '8.8.8.8', '')
    scene.tls(3, ALICE, OTHER, '')
  },
  'dedicated-http-without-host': (scene) => {
    const talk = scene.talk(0, ALICE, DEDICATED, 80).open()
    talk
      .send(crlf('GET / HTTP/1.0'))
      .answer(crlf(ok('hello')))
      .close()
  },
  'dedicated-address-as-host': (scene) => {
    // the address itself is no name: the flow is as nameless as one without it
    scene.http(0, ALICE, DEDICATED, `GET / HTTP/1.1\nHost: ${DEDICATED}`)
    scene.shown.delete(DEDICATED)
  },
  'dedicated-udp-server-first': (scene) => {
    const talk = scene.talk(0, ALICE, DEDICATED, 443)
    talk.reply(shortPacket('late response', 900)).ask(shortPacket('late request', 60)).reply(shortPacket('more', 900))
  },
  'dedicated-by-connect': (scene) => {
    talkTls(connectTo(scene, 0, ALICE, DEDICATED), '')
  },
  'dedicated-by-socks': (scene) => {
    talkTls(socksTo(scene, 0, ALICE, DEDICATED), '')
  },
  'shared-by-proxy': (scene) => {
    talkTls(connectTo(scene, 0, ALICE, CLOUDFLARE[0]!), '')
    talkTls(socksTo(scene, 1, ALICE, CLOUDFLARE[1]!), '')
    talkTls(connectTo(scene, 2, ALICE, DEDICATED), 'www.example.org')
  },
  'dedicated-by-nat64': (scene) => {
    scene.tls(0, CARL6, '64:ff9b::3ad:153f', '')
  },
  'shared-by-nat64': (scene) => {
    scene.tls(0, CARL6, '64:ff9b::6812:1a5a', '')
    scene.laterQuic(1, CARL6, '64:ff9b::6812:1b5a')
  },
  'hosting-by-nat64': (scene) => {
    scene.tls(0, CARL6, '64:ff9b::74cd:28c8', '')
  },
  'hosting-beside-a-name': (scene) => {
    scene.tls(0, ALICE, HUAWEI[0]!, '')
    scene.quic(1, ALICE, HUAWEI[0]!, 'www.example.org')
    scene.laterQuic(2, ALICE, HUAWEI[1]!)
  },
  'hosting-asked-dns-over-tcp': (scene) => {
    scene.dnsOverTcp(0, ALICE, 'www.example.org', ['203.0.113.30'], { resolver: '223.5.5.5' })
    scene.dnsOverTcp(1, ALICE, 'www.example.net', ['203.0.113.31'], { resolver: '77.88.8.8' })
  },
  'hosting-two-networks': (scene) => {
    scene.tls(0, ALICE, HUAWEI[0]!, '')
    scene.tls(1, ALICE, '39.105.119.168', '')
  },
  'hosting-name-in-ech': (scene) => {
    scene.tls(0, ALICE, HUAWEI[0]!, 'www.example.org', { ech: true })
    scene.tls(1, ALICE, DEDICATED, 'www.example.net', { ech: true })
  },
  'hosting-refused': (scene) => {
    scene.talk(0, ALICE, HUAWEI[0]!, 443).syn().refuse()
    scene.talk(1, BOB, HUAWEI[0]!, 443).syn().wait(1).syn()
  },
  'hosting-over-the-hour': (scene) => {
    scene.tls(0, ALICE, HUAWEI[0]!, '', { seconds: 2 * HOUR })
  },
  'scans-from-hosting': (scene) => {
    for (const [i, port] of [22, 80, 443, 3389].entries()) scene.talk(i, HUAWEI[0]!, '192.0.2.80', port).syn()
    scene.talk(5, ALICE, HUAWEI[0]!, 443).back(0x12).back(0x12)
    scene.talk(6, ALICE, HUAWEI[0]!, 443).reply(shortPacket('stray', 40)).reply(shortPacket('stray 2', 40))
  },
  'hosting-name-ran-out': (scene) => {
    scene.dns(0, ALICE, 'www.example.org', [HUAWEI[0]!])
    scene.tls(2 * HOUR, ALICE, HUAWEI[0]!, '')
  },
  'hosting-ipv6': (scene) => {
    scene.tls(0, CARL6, '2a02:6b8::2:242', '')
  },
}
