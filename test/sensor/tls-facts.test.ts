import { describe, expect, test } from 'vitest'
import { type ClientHello, emptyHello } from '../../src/protocol/tls/client-hello.ts'
import { emptyFlight, type ServerFlight } from '../../src/protocol/tls/server-flight.ts'
import type { ServerHello } from '../../src/protocol/tls/server-hello.ts'
import { dtlsServer, tlsClient, tlsServer } from '../../src/sensor/tls-facts.ts'

const hello = (parts: Partial<ClientHello>): ClientHello => ({ ...emptyHello(), ...parts })
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => 0x3000 + i)

const SERVER_HELLO: ServerHello = {
  version: 0x0303,
  cipherSuite: 0xc02b,
  sessionId: 'abc',
  extensions: [16],
  alpn: 'h2',
  group: 0,
  hasPsk: false,
  isRetry: false,
}
const flight = (parts: Partial<ServerFlight>): ServerFlight => ({ ...emptyFlight(), hello: SERVER_HELLO, ...parts })

describe('the client', () => {
  test('lists are without GREASE', () => {
    const client = tlsClient(
      hello({ versions: [0xfafa, 0x0304], cipherSuites: [0x1a1a, 0x1301], groups: [0x2a2a, 29] }),
      't',
    )
    expect(client).toMatchObject({ version: 0x0304, cipherSuites: [0x1301], groups: [29] })
    expect(client.fingerprints?.ja4).toMatch(/^t13i0100/)
  })

  test('over QUIC', () => expect(tlsClient(hello({}), 'q').fingerprints?.ja4).toMatch(/^q00i/))

  test.each([{ isPartial: true }, { isSsl2: true }])('no fingerprints of %o', (parts) => {
    expect(tlsClient(hello(parts), 't').fingerprints).toBeUndefined()
  })

  test('lists and texts that go on and on are cut, the fingerprint is of all', () => {
    const client = tlsClient(hello({ cipherSuites: numbers(2000), extensions: numbers(2000) }), 't')
    expect(client.cipherSuites).toHaveLength(512)
    expect(client.extensions).toHaveLength(512)
    expect(client.fingerprints).toMatchObject({ ja3Text: '', ja4: expect.stringMatching(/^t00i9999/) })
    expect(client.fingerprints!.ja3).not.toBe(
      tlsClient(hello({ cipherSuites: numbers(1999), extensions: numbers(2000) }), 't').fingerprints!.ja3,
    )
  })

  test('an encrypted name', () => {
    const ech = { form: 'outer' as const, kdf: 1, aead: 1, configId: 7, keyBytes: 32, payloadBytes: 144 }
    expect(tlsClient(hello({ ech }), 't').ech).toMatchObject({ form: 'outer', configId: 7, hasGreaseShape: true })
    expect(tlsClient(hello({}), 't').ech).toBeUndefined()
  })
})

describe('the server', () => {
  test('the session id that comes back', () => {
    expect(tlsServer(flight({}), 'abc')).toMatchObject({ isResumed: true, version: 0x0303, alpn: 'h2', alert: '' })
    expect(tlsServer(flight({}), 'abd').isResumed).toBe(false)
    expect(tlsServer(flight({ hello: { ...SERVER_HELLO, sessionId: '' } }), '').isResumed).toBe(false)
    expect(tlsServer(flight({ chainLength: 2 }), 'abc').isResumed).toBe(false)
    expect(tlsServer(flight({ isAbbreviated: true }), '').isResumed).toBe(true)
  })

  test('a refusal without a hello', () => {
    const server = tlsServer(flight({ hello: undefined, alert: { isFatal: true, description: 40 } }), '')
    expect(server).toMatchObject({ version: 0, cipherSuite: 0, alert: 'handshake_failure', isResumed: false })
    expect(tlsServer(flight({ alert: { isFatal: true, description: 250 } }), '').alert).toBe('250')
  })

  test('DTLS', () => {
    expect(dtlsServer({ ...SERVER_HELLO, hasPsk: true }, undefined, true)).toMatchObject({
      isResumed: true,
      wasRetried: true,
      chainLength: 0,
      alert: '',
    })
    expect(dtlsServer(undefined, { isFatal: true, description: 70 }, false)).toMatchObject({
      alert: 'protocol_version',
    })
  })
})
