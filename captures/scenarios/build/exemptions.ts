/** Contacts that are covered by an exemption, or nearly. All begin at 09:00. */

import { A, dnsAnswer } from '../../../test/support/dns-message.ts'
import { ALICE, BOB, CARL6, OTHER, type Scene, SERVER, SERVER6 } from './scene.ts'

const MINUTE = 60

export const exemptions: Record<string, (scene: Scene) => void> = {
  active: twoClients,
  ended: twoClients,
  'not-yet-begun': twoClients,
  'other-client': twoClients,
  'range-of-clients': twoClients,
  'by-mac': twoClients,
  'by-category': (scene) => {
    scene.tls(10 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(11 * MINUTE, ALICE, OTHER, 'deepseek.ai')
  },
  'by-indicator': (scene) => {
    scene.tls(10 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(11 * MINUTE, ALICE, SERVER, 'api.deepseek.com')
  },
  'by-server-network': (scene) => {
    scene.tls(10 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(11 * MINUTE, ALICE, '116.205.40.200', '')
  },
  everyone: (scene) => {
    scene.tls(10 * MINUTE, ALICE, OTHER, 'openrouter.ai')
    scene.tls(11 * MINUTE, BOB, SERVER, 'chat.deepseek.com')
  },
  outgrown: (scene) => {
    scene.tls(10 * MINUTE, ALICE, SERVER, 'chat.deepseek.com', { seconds: 10 * MINUTE })
  },
  'before-and-after': (scene) => {
    for (const at of [5, 12, 25]) scene.tls(at * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  },
  'by-rule': (scene) => {
    scene.tls(10 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(11 * MINUTE, ALICE, '116.205.40.200', '')
  },
  'by-system': (scene) => {
    scene.tls(10 * MINUTE, ALICE, '116.205.40.200', '')
    scene.tls(11 * MINUTE, ALICE, '39.105.119.168', '')
  },
  'ipv6-range': (scene) => {
    scene.tls(10 * MINUTE, CARL6, SERVER6, 'chat.deepseek.com')
    scene.tls(11 * MINUTE, '2001:db8:9::1', SERVER6, 'chat.deepseek.com')
  },
  'by-name': (scene) => {
    const name = 'lab-7.local'
    const announcement = dnsAnswer(name, [{ name, type: A, ttl: 120, data: ALICE }], {
      id: 0,
      flags: 0x8400,
      questionCount: 1,
    })
    scene.talk(1, ALICE, '224.0.0.251', 5353, 5353).ask(announcement)
    scene.tls(10 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
    scene.tls(11 * MINUTE, BOB, SERVER, 'chat.deepseek.com')
    scene.shown.add(name)
  },
  'questions-outgrow': (scene) => {
    scene.dns(10 * MINUTE, ALICE, 'chat.deepseek.com', [SERVER])
    scene.dns(20 * MINUTE, ALICE, 'chat.deepseek.com', [SERVER])
  },
}

function twoClients(scene: Scene): void {
  scene.tls(10 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  scene.tls(11 * MINUTE, BOB, SERVER, 'chat.deepseek.com')
}
