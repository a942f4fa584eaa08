/** Contacts that are covered by an exemption, or nearly. All begin at 09:00. */

import { ALICE, BOB, OTHER, type Scene, SERVER } from './scene.ts'

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
}

function twoClients(scene: Scene): void {
  scene.tls(10 * MINUTE, ALICE, SERVER, 'chat.deepseek.com')
  scene.tls(11 * MINUTE, BOB, SERVER, 'chat.deepseek.com')
}
