/**
 * The object `tls` of an EVE event as Suricata 8 writes it, and what we know
 * beyond it, which lives under `seekwatch`.
 *
 * As there: a key is absent when there is nothing to say; `version` is the one
 * that the connection uses; numbers of the IANA registries stay numbers;
 * times are UTC without a zone. Beyond Suricata: `session_resumed` is also said
 * of TLS 1.3, and the event is written without waiting for a certificate.
 */

import type { JsonWriter } from '../../bytes/json-writer.ts'
import type { TlsClient, TlsObservation, TlsServer } from '../../events/observation.ts'

const VERSIONS: Readonly<Record<number, string>> = {
  2: 'SSLv2',
  512: 'SSLv2',
  768: 'SSLv3',
  769: 'TLSv1', // so Suricata writes it, unlike its successors
  770: 'TLS 1.1',
  771: 'TLS 1.2',
  772: 'TLS 1.3',
  256: 'DTLS 1.0',
  65279: 'DTLS 1.0',
  65277: 'DTLS 1.2',
  65276: 'DTLS 1.3',
}

/** Writes what the object `tls` holds. */
export function writeTls(json: JsonWriter, tls: TlsObservation): void {
  const { client, server } = tls
  const certificate = server?.certificate
  const version = server?.version ?? 0
  json.someText('subject', certificate?.subject)
  json.someText('issuerdn', certificate?.issuer)
  if (certificate) json.someTexts('subjectaltname', [...certificate.dnsNames, ...certificate.ipAddresses])
  if (server?.isResumed) json.flag('session_resumed')
  json.someText('serial', certificate?.serial)
  json.someText('fingerprint', certificate?.fingerprint)
  json.someText('sni', tls.serverName)
  if (version !== 0) json.text('version', tlsVersionName(version))
  json.someText('notbefore', certificate?.notBefore)
  json.someText('notafter', certificate?.notAfter)
  if (client) writeFingerprints(json, client)
  json.someTexts('client_alpns', tls.alpn)
  if (server && server.alpn !== '') json.texts('server_alpns', [server.alpn])
  if (client) writeClientHandshake(json, client)
  if (server && version !== 0) writeServerHandshake(json, server)
}

/** Writes what Suricata has no keys for. */
export function writeTlsMore(json: JsonWriter, { client, server, versions }: TlsObservation): void {
  json.numbers('client_versions', versions)
  if (client?.isPartial) json.flag('hello_partial')
  if (client?.offersResumption) json.flag('resumption_offered')
  if (client?.ech) {
    json.object('ech')
    json.text('form', client.ech.form)
    json.number('kdf', client.ech.kdf)
    json.number('aead', client.ech.aead)
    json.number('config_id', client.ech.configId)
    json.number('payload_bytes', client.ech.payloadBytes)
    json.value('grease_shape', client.ech.hasGreaseShape)
    json.endObject()
  }
  if (client?.hasEsni) json.flag('esni')
  if (server?.wasRetried) json.flag('hello_retried')
  json.someText('server_alert', server?.alert)
  if (server && server.chainLength > 0) json.number('certificates', server.chainLength)
  json.someText('certificate_name', server?.certificate?.commonName)
  const leftOut = server?.certificate?.namesLeftOut ?? 0
  if (leftOut > 0) json.number('certificate_names_left_out', leftOut)
}

/** A version number as Suricata writes it; a draft of TLS 1.3 by its number, others in decimal. */
export function tlsVersionName(version: number): string {
  const name = VERSIONS[version]
  if (name !== undefined) return name
  if (version >> 8 === 0x7f && (version & 0xff) >= 0x10) return `TLS 1.3 draft-${version & 0xff}`
  if (version >> 8 === 0xfb) return `TLS 1.3 draft-${version & 0xff}-fb`
  return String(version)
}

function writeFingerprints(json: JsonWriter, { fingerprints }: TlsClient): void {
  if (!fingerprints) return
  json.object('ja3')
  json.text('hash', fingerprints.ja3)
  json.someText('string', fingerprints.ja3Text)
  json.endObject()
  json.text('ja4', fingerprints.ja4)
}

function writeClientHandshake(json: JsonWriter, client: TlsClient): void {
  json.object('client_handshake')
  if (client.version !== 0) json.text('version', tlsVersionName(client.version))
  json.someNumbers('ciphers', client.cipherSuites)
  json.someNumbers('exts', client.extensions)
  json.someNumbers('sig_algs', client.signatureAlgorithms)
  json.endObject()
}

function writeServerHandshake(json: JsonWriter, server: TlsServer): void {
  json.object('server_handshake')
  json.text('version', tlsVersionName(server.version))
  json.number('cipher', server.cipherSuite)
  json.someNumbers('exts', server.extensions)
  json.endObject()
}
