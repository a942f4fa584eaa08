import { describe, expect, test } from 'vitest'
import type { TlsClient, TlsObservation, TlsServer } from '../../../src/events/observation.ts'
import { tlsVersionName, writeTls, writeTlsMore } from '../../../src/outputs/format/eve-tls.ts'
import { eveLine, members } from '../../support/json.ts'

const eveTls = (tls: TlsObservation) => members((json) => writeTls(json, tls))
const eveTlsMore = (tls: TlsObservation) => members((json) => writeTlsMore(json, tls))

const CLIENT: TlsClient = {
  version: 0x0304,
  cipherSuites: [0x1301],
  extensions: [0, 43],
  signatureAlgorithms: [0x0403],
  groups: [29],
  fingerprints: { ja3Text: '771,4865,0-43,29,', ja3: 'a'.repeat(32), ja4: 't13d0102h2_aaaaaaaaaaaa_bbbbbbbbbbbb' },
  offersResumption: false,
  isPartial: false,
  hasEsni: false,
}

const SERVER: TlsServer = {
  version: 0x0303,
  cipherSuite: 0xc02b,
  extensions: [65281, 16],
  alpn: 'h2',
  isResumed: false,
  wasRetried: false,
  alert: '',
  certificate: {
    subject: 'C=CZ, CN=api.example.org',
    issuer: 'CN=Example Root',
    commonName: 'api.example.org',
    serial: '00:F1',
    notBefore: '2026-01-01T00:00:00',
    notAfter: '2027-01-01T00:00:00',
    fingerprint: '0a:1b',
    dnsNames: ['api.example.org'],
    ipAddresses: ['192.0.2.7'],
    namesLeftOut: 0,
  },
  chainLength: 2,
}

function observed(parts: Partial<TlsObservation> = {}): TlsObservation {
  return {
    kind: 'tls',
    file: 'a.pcap',
    packet: 4,
    timeUs: 1_700_000_000_000_000,
    flow: {
      id: 1,
      protocol: 'TCP',
      clientIp: '192.0.2.10',
      clientPort: 50000,
      serverIp: '198.51.100.7',
      serverPort: 443,
      communityId: '1:x',
      vlans: [],
      clientMac: '',
      serverMac: '',
    },
    serverName: 'api.example.org',
    alpn: ['h2'],
    versions: [0x0304, 0x0303],
    client: CLIENT,
    server: SERVER,
    ...parts,
  }
}

describe('the object tls', () => {
  test('both sides', () => {
    expect(eveTls(observed())).toEqual({
      subject: 'C=CZ, CN=api.example.org',
      issuerdn: 'CN=Example Root',
      subjectaltname: ['api.example.org', '192.0.2.7'],
      serial: '00:F1',
      fingerprint: '0a:1b',
      sni: 'api.example.org',
      version: 'TLS 1.2',
      notbefore: '2026-01-01T00:00:00',
      notafter: '2027-01-01T00:00:00',
      ja3: { hash: 'a'.repeat(32), string: '771,4865,0-43,29,' },
      ja4: 't13d0102h2_aaaaaaaaaaaa_bbbbbbbbbbbb',
      client_alpns: ['h2'],
      server_alpns: ['h2'],
      client_handshake: { version: 'TLS 1.3', ciphers: [0x1301], exts: [0, 43], sig_algs: [0x0403] },
      server_handshake: { version: 'TLS 1.2', cipher: 0xc02b, exts: [65281, 16] },
    })
  })

  test('the client alone has no version of the connection', () => {
    const { server: _, ...alone } = observed()
    expect(eveTls(alone)).not.toHaveProperty('version')
    expect(eveTls(alone)).toMatchObject({ sni: 'api.example.org', client_handshake: { version: 'TLS 1.3' } })
  })

  test('the server alone', () => {
    const { client: _, ...alone } = observed({ serverName: '', alpn: [], versions: [] })
    expect(Object.keys(eveTls(alone))).not.toEqual(expect.arrayContaining(['sni', 'ja3', 'client_handshake']))
    expect(eveTls(alone)).toMatchObject({ version: 'TLS 1.2', subject: 'C=CZ, CN=api.example.org' })
  })

  test('an observation of the name alone, as before', () => {
    const { client: _, server: __, ...alone } = observed()
    expect(eveTls(alone)).toEqual({ sni: 'api.example.org', client_alpns: ['h2'] })
  })

  test('an earlier session goes on', () => {
    const { certificate: _, ...rest } = SERVER
    const event = eveTls(observed({ server: { ...rest, isResumed: true } }))
    expect(event).toMatchObject({ session_resumed: true })
    expect(event).not.toHaveProperty('subject')
  })

  test('a hello without its end has no fingerprints', () => {
    const { fingerprints: _, ...rest } = CLIENT
    const event = observed({ client: { ...rest, isPartial: true, version: 0, signatureAlgorithms: [] } })
    expect(eveTls(event)).not.toHaveProperty('ja3')
    expect(eveTls(event)).toMatchObject({ client_handshake: { ciphers: [0x1301], exts: [0, 43] } })
    expect(eveTlsMore(event)).toMatchObject({ hello_partial: true })
  })

  test('a fingerprint text that was too long leaves its hash', () => {
    const fingerprints = { ...CLIENT.fingerprints!, ja3Text: '' }
    expect(eveTls(observed({ client: { ...CLIENT, fingerprints } }))).toMatchObject({ ja3: { hash: 'a'.repeat(32) } })
  })

  test('a refusal', () => {
    const { certificate: _, ...rest } = SERVER
    const server = {
      ...rest,
      version: 0,
      cipherSuite: 0,
      extensions: [],
      alpn: '',
      alert: 'handshake_failure',
      chainLength: 0,
    }
    expect(eveTls(observed({ server }))).not.toHaveProperty('server_handshake')
    expect(eveTlsMore(observed({ server }))).toMatchObject({ server_alert: 'handshake_failure' })
  })
})

describe('the object seekwatch', () => {
  test('nothing special', () => {
    expect(eveTlsMore(observed())).toEqual({
      client_versions: [0x0304, 0x0303],
      certificates: 2,
      certificate_name: 'api.example.org',
    })
  })

  test('all that can be', () => {
    const ech = { form: 'outer' as const, kdf: 1, aead: 1, configId: 7, payloadBytes: 144, hasGreaseShape: true }
    const client = { ...CLIENT, offersResumption: true, ech, hasEsni: true }
    const server = { ...SERVER, wasRetried: true, certificate: { ...SERVER.certificate!, namesLeftOut: 3 } }
    expect(eveTlsMore(observed({ client, server }))).toMatchObject({
      resumption_offered: true,
      ech: { form: 'outer', kdf: 1, aead: 1, config_id: 7, payload_bytes: 144, grease_shape: true },
      esni: true,
      hello_retried: true,
      certificate_names_left_out: 3,
    })
  })
})

test('the line: names from the wire stay inside their strings', () => {
  const evil = 'a"},\n\u001b[2J\u202e\u00ff'
  const server = { ...SERVER, certificate: { ...SERVER.certificate!, subject: `CN=${evil}`, dnsNames: [evil] } }
  const line = eveLine(observed({ serverName: evil, server }), 'sensor')
  expect(line).toMatch(/^[\x20-\x7e]+$/)
  const event = JSON.parse(line)
  expect(event).toMatchObject({ event_type: 'tls', tls: { sni: evil, subject: `CN=${evil}` } })
  expect(event.tls.subjectaltname[0]).toBe(evil)
})

test.each([
  { version: 0x0300, name: 'SSLv3' },
  { version: 0x0301, name: 'TLSv1' },
  { version: 0x0302, name: 'TLS 1.1' },
  { version: 0x0303, name: 'TLS 1.2' },
  { version: 0x0304, name: 'TLS 1.3' },
  { version: 0x0002, name: 'SSLv2' },
  { version: 0x7f1c, name: 'TLS 1.3 draft-28' },
  { version: 0xfb1a, name: 'TLS 1.3 draft-26-fb' },
  { version: 0xfefd, name: 'DTLS 1.2' },
  { version: 0x7f01, name: '32513' },
  { version: 0x9999, name: '39321' },
])('version $version is $name', ({ version, name }) => expect(tlsVersionName(version)).toBe(name))
