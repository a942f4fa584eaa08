/** Delivery over TCP and TLS to receivers that behave and to such that do not: what is taken for arrived, and what not. */

import { readFileSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type Attempt,
  DELIVERY_TIMES,
  DeliveryError,
  type DeliveryTimes,
} from '../../../src/outputs/transport/delivery.ts'
import type { StreamOptions } from '../../../src/outputs/transport/syslog-stream.ts'
import { syslogOverTcp } from '../../../src/outputs/transport/syslog-tcp.ts'
import { syslogOverTls, type TlsOptions } from '../../../src/outputs/transport/syslog-tls.ts'
import { makeAuthority } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { receiver } from '../../support/receiver.ts'
import { isInstalled } from '../../support/setup.ts'

const TIMES: DeliveryTimes = { connectMs: 2000, idleMs: 500, settleMs: 50, closeMs: 500 }
const OPTIONS: StreamOptions = { framing: 'octets', confirm: 'close', times: TIMES }
const MESSAGES = ['one', 'zwei', 'tři'].map((text) => Buffer.from(text))

function attempt(silenceMs = 0): Attempt {
  return { signal: new AbortController().signal, silenceMs }
}

/** How a delivery failed: its kind and its words; `delivered` when it did not. */
async function failure(delivery: Promise<void>): Promise<string> {
  try {
    await delivery
    return 'delivered'
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error
    return `${error.kind}: ${error.message}`
  }
}

function overTcp(
  port: number,
  messages = MESSAGES,
  options: Partial<StreamOptions> = {},
  silenceMs = 0,
): Promise<string> {
  return failure(syslogOverTcp('127.0.0.1', port, { ...OPTIONS, ...options })(messages, attempt(silenceMs)))
}

describe('over TCP', () => {
  test('messages are framed by their length, in bytes', async () => {
    const { port, connections } = await receiver()
    expect(await overTcp(port)).toBe('delivered')
    expect(connections).toEqual(['3 one4 zwei4 t\xc5\x99i'])
  })

  test('or by a line feed', async () => {
    const { port, connections } = await receiver()
    expect(await overTcp(port, MESSAGES, { framing: 'lf' })).toBe('delivered')
    expect(connections).toEqual(['one\nzwei\nt\xc5\x99i\n'])
  })

  test('a slow receiver gets all of it, as fast as it reads', async () => {
    let waited = 0
    const { port, messages } = await receiver({
      onData: (socket) => {
        waited++
        socket.pause()
        setTimeout(() => socket.resume(), 1)
      },
    })
    const many = Array.from({ length: 2000 }, (_, i) => Buffer.from(`${i} `.padEnd(2000, 'x')))
    expect(await overTcp(port, many)).toBe('delivered')
    expect(messages().map((text) => Number.parseInt(text, 10))).toEqual(many.map((_, i) => i))
    expect(waited).toBeGreaterThan(10)
  })

  test.each<[string, (socket: Socket, text: string) => void, string]>([
    [
      'closes in the middle',
      (socket, text) => {
        if (text.length > 10_000) socket.destroy()
      },
      'broken: ',
    ],
    ['resets at the first message', (socket) => socket.resetAndDestroy(), 'broken: '],
  ])('a receiver that %s', async (_, onData, want) => {
    const { port } = await receiver({ onData })
    const many = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`${i} `.padEnd(2000, 'x')))
    expect(await overTcp(port, many)).toMatch(want)
  })

  test.each<[string, (socket: Socket) => void]>([
    ['resets', (socket) => socket.resetAndDestroy()],
    ['closes', (socket) => socket.end()],
  ])('a receiver that %s at the last message may have read it or not', async (_, onData) => {
    const { port } = await receiver({ onData })
    expect(await overTcp(port, [Buffer.from('one')])).toMatch(/^answered: the receiver (reset|closed) the connection/)
  })

  test('nothing is sent to one that closes at once', async () => {
    const { port } = await receiver({ onConnection: (socket) => socket.end() })
    expect(await overTcp(port)).toBe('unreachable: the receiver closed the connection')
  })

  test('and to one that closes a little later, where it is waited for', async () => {
    const { port, messages } = await receiver({ onConnection: (socket) => setTimeout(() => socket.end(), 150) })
    expect(await overTcp(port, MESSAGES, {}, 300)).toBe('unreachable: the receiver closed the connection')
    expect(messages()).toEqual([])
  })

  test('one that never reads: what fits into the buffers of the system is not taken for arrived', async () => {
    const { port } = await receiver({ isReading: false })
    expect(await overTcp(port)).toMatch(/^broken: the receiver does not close the connection after us: .*waited 0.5 s/)
  })

  test('one that never reads, and much to send', async () => {
    const { port } = await receiver({ isReading: false })
    const much = Array.from({ length: 50 }, () => Buffer.alloc(500_000, 'x'))
    expect(await overTcp(port, much)).toBe('broken: the receiver takes nothing (waited 0.5 s)')
  })

  test('what was written is enough where that is asked for', async () => {
    const hanging = await receiver({ isReading: false })
    expect(await overTcp(hanging.port, MESSAGES, { confirm: 'written' })).toBe('delivered')
    const { port, messages } = await receiver()
    expect(await overTcp(port, MESSAGES, { confirm: 'written' })).toBe('delivered')
    await expect.poll(messages).toEqual(['one', 'zwei', 'tři'])
  })

  test('a receiver that talks is not listened to', async () => {
    const { port, messages } = await receiver({ onConnection: (socket) => socket.write('welcome\n'.repeat(9000)) })
    expect(await overTcp(port)).toBe('delivered')
    expect(messages()).toEqual(['one', 'zwei', 'tři'])
  })

  test('nobody listens', async () => {
    const { port, close } = await receiver()
    await close()
    expect(await overTcp(port)).toBe('unreachable: nobody listens there (ECONNREFUSED)')
  })

  test('a name that does not resolve', async () => {
    const deliver = syslogOverTcp('siem.invalid', 514, OPTIONS)
    expect(await failure(deliver(MESSAGES, attempt()))).toMatch(/^unreachable: the name /)
  })

  test('an IPv6 address', async () => {
    const deliver = syslogOverTcp('::1', 9, OPTIONS)
    expect(await failure(deliver(MESSAGES, attempt()))).toMatch(/^unreachable: (nobody listens there|there is no way)/)
  })

  test('it ends when it is told to', async () => {
    const { port } = await receiver({ isReading: false })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 20)
    const options = { ...OPTIONS, times: DELIVERY_TIMES }
    const delivery = syslogOverTcp('127.0.0.1', port, options)(MESSAGES, { signal: stop.signal, silenceMs: 0 })
    expect(await failure(delivery)).toMatch(/: it was told to end$/)
  })
})

const reason = ['openssl', 'faketime'].filter((program) => !isInstalled(program)).join(', ')

describe.skipIf(reason !== '')(`over TLS${reason && ` (apt-get install ${reason})`}`, () => {
  function overTls(port: number, options: Partial<TlsOptions> = {}, host = '127.0.0.1'): Promise<string> {
    return failure(syslogOverTls(host, port, { ...OPTIONS, insecure: false, ...options })(MESSAGES, attempt()))
  }

  async function tlsReceiver(names: string, isExpired = false) {
    const folder = temporaryFolder()
    const authority = makeAuthority(folder)
    const { cert, key } = authority.sign('server', names, isExpired)
    const tls = { cert: readFileSync(cert), key: readFileSync(key) }
    return { folder, authority, tls, ...(await receiver({ tls })) }
  }

  test('messages arrive at a receiver whose certificate is good', async () => {
    const { port, authority, messages } = await tlsReceiver('IP:127.0.0.1')
    expect(await overTls(port, { ca: authority.ca })).toBe('delivered')
    expect(messages()).toEqual(['one', 'zwei', 'tři'])
  })

  test('a name in the certificate is asked for as the one that is called', async () => {
    const { port, authority } = await tlsReceiver('DNS:localhost')
    expect(await overTls(port, { ca: authority.ca }, 'localhost')).toBe('delivered')
  })

  test('or as the one that is expected', async () => {
    const { port, authority } = await tlsReceiver('DNS:siem.example')
    expect(await overTls(port, { ca: authority.ca })).toMatch(/^unreachable: its certificate is for another name; /)
    expect(await overTls(port, { ca: authority.ca, serverName: 'siem.example' })).toBe('delivered')
  })

  test('nothing is sent to one whose certificate is of an unknown authority', async () => {
    const { port, connections } = await tlsReceiver('IP:127.0.0.1')
    expect(await overTls(port)).toMatch(/^unreachable: its certificate is of an authority that is not known here; /)
    expect(connections.join('')).toBe('')
  })

  test('nor to one whose certificate has expired, unless any is taken', async () => {
    const { port, authority, messages } = await tlsReceiver('IP:127.0.0.1', true)
    expect(await overTls(port, { ca: authority.ca })).toMatch(/^unreachable: its certificate has expired /)
    expect(messages()).toEqual([])
    expect(await overTls(port, { insecure: true })).toBe('delivered')
  })

  test('a receiver that asks for a certificate of ours, and refuses without', async () => {
    const folder = temporaryFolder()
    const authority = makeAuthority(folder)
    const server = authority.sign('server', 'IP:127.0.0.1')
    const client = authority.sign('client', 'DNS:sensor.example')
    const ca = readFileSync(authority.ca)
    const tls = { cert: readFileSync(server.cert), key: readFileSync(server.key), ca, requestCert: true }
    const { port, messages } = await receiver({ tls })
    expect(await overTls(port, { ca: authority.ca })).toMatch(/^unreachable: TLS: tlsv13 alert certificate required/)
    expect(messages()).toEqual([])
    expect(await overTls(port, { ca: authority.ca, cert: client.cert, key: client.key })).toBe('delivered')
  })

  test('a receiver that speaks no TLS', async () => {
    const { port } = await receiver({ onData: (socket) => socket.end('hello, this is plain syslog\n') })
    expect(await overTls(port)).toMatch(/^unreachable: TLS: wrong version number/)
  })

  test('one that never answers the handshake', async () => {
    const { port } = await receiver({ isReading: false })
    const times = { ...TIMES, connectMs: 200 }
    expect(await overTls(port, { times })).toBe('unreachable: no connection (waited 0.2 s)')
  })

  test('files of certificates that are not there, or are none', async () => {
    const { port } = await receiver()
    const none = join(temporaryFolder(), 'none.pem')
    expect(await overTls(port, { ca: none })).toMatch(/^unreachable: .*none\.pem: there is no such file/)
    writeFileSync(none, 'no certificate')
    expect(await overTls(port, { cert: none, key: none })).toMatch(/^unreachable: the certificates cannot be used: /)
  })
})
