/** What Prometheus hears of destinations, from whichever process serves the database. */

import { expect, test } from 'vitest'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { ask, testServer } from './support.ts'

test('each destination: what waits, what was sent, whether it fails', async () => {
  const { server, store } = await testServer()
  store.outgoing.begin({ name: 'si"em\n', url: 'syslog+tcp://siem:514' }, true)
  store.write(batchOf(makeAlert('a'), makeAlert('b'), makeAlert('c')))
  store.outgoing.arrived('si"em\n', 1, 1, 1)
  store.outgoing.failed('si"em\n', 'nobody listens there')
  const { body } = await ask(server, '/metrics')
  const of = String.raw`{destination="si\"em\n"}`
  expect(body).toContain(`seekwatch_forward_outstanding${of} 2\n`)
  expect(body).toContain(`seekwatch_forward_failing${of} 1\n`)
  expect(body).toContain(`seekwatch_forward_sent_total${of} 1\n`)
  expect(body).toContain(`seekwatch_forward_doubtful_total${of} 1\n`)
  expect(body).toMatch(/seekwatch_forward_last_sent_seconds\{[^}]*\} 1\d{9}\n/)
})
