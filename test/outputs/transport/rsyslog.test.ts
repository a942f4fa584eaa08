/** What rsyslog makes of our messages: each field is where it belongs, over each transport, whatever a stranger's name is. */

import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../src/events/alert.ts'
import { alertFormat } from '../../../src/outputs/format/alert-formats.ts'
import { syslogMessage } from '../../../src/outputs/format/syslog.ts'
import { DELIVERY_TIMES } from '../../../src/outputs/transport/delivery.ts'
import { syslogOverTcp } from '../../../src/outputs/transport/syslog-tcp.ts'
import { syslogOverTls } from '../../../src/outputs/transport/syslog-tls.ts'
import { syslogOverUdp } from '../../../src/outputs/transport/syslog-udp.ts'
import { makeAlert } from '../../support/alerts.ts'
import { makeAuthority } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { type Rsyslog, startRsyslog, whyNoRsyslog } from '../../support/rsyslog.ts'
import { sayWhySkipped } from '../../support/wire.ts'

const reason = whyNoRsyslog()
sayWhySkipped('test/outputs/transport/rsyslog.test.ts', reason)

const STYLE = { facility: 16, enterprise: 32473, bom: false, bytesMax: 8192 }
const STREAM = { framing: 'octets', confirm: 'close', times: DELIVERY_TIMES } as const
const attempt = { signal: new AbortController().signal, silenceMs: 0 }

const HOSTILE: Alert[] = [
  makeAlert('a1'),
  makeAlert('a2', { severity: 'info', rule: 'a"] b\\', title: '<13>1 - - - - - - \r\n5 x\n', sensor: 'Büro 1' }),
  makeAlert('a3', { client: { ip: '2001:db8::1', port: 1, name: '"]\n\0\u2028[x y="z"] %s ž' } }),
  makeAlert('a4', { reasons: ['x'.repeat(20_000)] }),
]
const eve = (alert: Alert): string => alertFormat('eve').write(alert, { version: '0.1.0' })
const messages = HOSTILE.map((alert) => syslogMessage(alert, eve, STYLE).bytes)

async function allHeard(rsyslog: Rsyslog): Promise<void> {
  await expect.poll(() => rsyslog.heard().length, { timeout: 5000 }).toBe(HOSTILE.length)
  const heard = rsyslog.heard()
  expect(heard.map(({ pri }) => Number(pri))).toEqual([130, 134, 130, 130])
  expect(new Set(heard.map(({ app, procid, msgid }) => `${app} ${procid} ${msgid}`))).toEqual(
    new Set(['seekwatch - service']),
  )
  expect(heard.map(({ host }) => host)).toEqual(['sensor-1', 'B_ro_1', 'sensor-1', 'sensor-1'])
  expect(heard[0]!.time).toBe('2026-11-22T09:00:10.000000Z')
  expect(heard.map(({ data }) => /^\[seekwatch@32473 id="(a\d)".* contact="contact-a\d"\]$/.exec(data)?.[1])).toEqual(
    HOSTILE.map(({ id }) => id),
  )
  for (const [i, alert] of HOSTILE.slice(0, 3).entries())
    expect(JSON.parse(heard[i]!.msg).seekwatch).toEqual(JSON.parse(JSON.stringify(alert)))
  expect(heard[3]!.msg.length, 'cut').toBeGreaterThan(7000)
}

describe.skipIf(reason !== '')(`rsyslog ${reason}`, () => {
  test('over UDP', async () => {
    const rsyslog = await startRsyslog({ transport: 'udp' })
    await syslogOverUdp('127.0.0.1', rsyslog.port, DELIVERY_TIMES)(messages, attempt)
    await allHeard(rsyslog)
  })

  test('over TCP, framed by length', async () => {
    const rsyslog = await startRsyslog({ transport: 'tcp' })
    await syslogOverTcp('127.0.0.1', rsyslog.port, STREAM)(messages, attempt)
    await allHeard(rsyslog)
  })

  test('over TCP, framed by line feeds', async () => {
    const rsyslog = await startRsyslog({ transport: 'tcp' })
    await syslogOverTcp('127.0.0.1', rsyslog.port, { ...STREAM, framing: 'lf' })(messages, attempt)
    await allHeard(rsyslog)
  })

  test('over TLS, where both sides check the name in the certificate of the other', async () => {
    const authority = makeAuthority(temporaryFolder())
    const rsyslog = await startRsyslog({ transport: 'tls', authority, client: 'sensor.example' })
    const options = { ...STREAM, insecure: false, ca: authority.ca }
    const mine = authority.sign('sensor', 'DNS:sensor.example')
    await syslogOverTls('localhost', rsyslog.port, { ...options, ...mine })(messages, attempt)
    await allHeard(rsyslog)
    await expect(syslogOverTls('localhost', rsyslog.port, options)(messages, attempt)).rejects.toThrow()
    expect(rsyslog.heard()).toHaveLength(HOSTILE.length)
  })

  test('over TLS, a certificate for another name: what counts as delivered was heard', async () => {
    const authority = makeAuthority(temporaryFolder())
    const rsyslog = await startRsyslog({ transport: 'tls', authority, client: 'sensor.example' })
    const other = authority.sign('other', 'DNS:other.example')
    const deliver = syslogOverTls('localhost', rsyslog.port, { ...STREAM, insecure: false, ca: authority.ca, ...other })
    // rsyslog 8.2302 refuses it, but not when the handshake reaches it in two parts: then it forgets to look at the name
    for (let delivered = 0, i = 0; i < 4; i++) {
      delivered += await deliver(messages.slice(0, 1), attempt).then(
        () => 1,
        () => 0,
      )
      await expect.poll(() => rsyslog.heard().length, { timeout: 5000 }).toBe(delivered)
    }
  })
})
