/**
 * The object `tls` of an EVE event as Suricata 8 writes it, and what we know
 * beyond it, which lives under `seekwatch`.
 *
 * As there: a key is absent when there is nothing to say; `version` is the one
 * that the connection uses; numbers of the IANA registries stay numbers;
 * times are UTC without a zone. Beyond Suricata: `session_resumed` is also said
 * of TLS 1.3, and the event is written without waiting for a certificate.
 */

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

/** The object `tls`. */
export function eveTls(tls: TlsObservation): object {
  const { serverName, alpn, client, server } = tls
  const certificate = server?.certificate
  const names = certificate ? [...certificate.dnsNames, ...certificate.ipAddresses] : []
  return {
    ...text('subject', certificate?.subject),
    ...text('issuerdn', certificate?.issuer),
    ...(names.length === 0 ? {} : { subjectaltname: names }),
    ...(server?.isResumed ? { session_resumed: true } : {}),
    ...text('serial', certificate?.serial),
    ...text('fingerprint', certificate?.fingerprint),
    ...text('sni', serverName),
    ...(server && server.version !== 0 ? { version: tlsVersionName(server.version) } : {}),
    ...text('notbefore', certificate?.notBefore),
    ...text('notafter', certificate?.notAfter),
    ...(client ? fingerprints(client) : {}),
    ...(alpn.length === 0 ? {} : { client_alpns: alpn }),
    ...(server && server.alpn !== '' ? { server_alpns: [server.alpn] } : {}),
    ...(client ? { client_handshake: clientHandshake(client) } : {}),
    ...(server && server.version !== 0 ? { server_handshake: serverHandshake(server) } : {}),
  }
}

/** What Suricata has no keys for. */
export function eveTlsMore(tls: TlsObservation): object {
  const { client, server, versions } = tls
  return {
    client_versions: versions,
    ...(client?.isPartial ? { hello_partial: true } : {}),
    ...(client?.offersResumption ? { resumption_offered: true } : {}),
    ...(client?.ech
      ? {
          ech: {
            form: client.ech.form,
            kdf: client.ech.kdf,
            aead: client.ech.aead,
            config_id: client.ech.configId,
            payload_bytes: client.ech.payloadBytes,
            grease_shape: client.ech.hasGreaseShape,
          },
        }
      : {}),
    ...(client?.hasEsni ? { esni: true } : {}),
    ...(server?.wasRetried ? { hello_retried: true } : {}),
    ...text('server_alert', server?.alert),
    ...(server && server.chainLength > 0 ? { certificates: server.chainLength } : {}),
    ...text('certificate_name', server?.certificate?.commonName),
    ...(server?.certificate && server.certificate.namesLeftOut > 0
      ? { certificate_names_left_out: server.certificate.namesLeftOut }
      : {}),
  }
}

/** A version number as Suricata writes it; a draft of TLS 1.3 by its number, others in decimal. */
export function tlsVersionName(version: number): string {
  const name = VERSIONS[version]
  if (name !== undefined) return name
  if (version >> 8 === 0x7f && (version & 0xff) >= 0x10) return `TLS 1.3 draft-${version & 0xff}`
  if (version >> 8 === 0xfb) return `TLS 1.3 draft-${version & 0xff}-fb`
  return String(version)
}

function fingerprints({ fingerprints: prints }: TlsClient): object {
  if (!prints) return {}
  return { ja3: { hash: prints.ja3, ...text('string', prints.ja3Text) }, ja4: prints.ja4 }
}

function clientHandshake(client: TlsClient): object {
  return {
    ...(client.version === 0 ? {} : { version: tlsVersionName(client.version) }),
    ...list('ciphers', client.cipherSuites),
    ...list('exts', client.extensions),
    ...list('sig_algs', client.signatureAlgorithms),
  }
}

function serverHandshake(server: TlsServer): object {
  return { version: tlsVersionName(server.version), cipher: server.cipherSuite, ...list('exts', server.extensions) }
}

function text(key: string, value: string | undefined): object {
  return value === undefined || value === '' ? {} : { [key]: value }
}

function list(key: string, values: readonly number[]): object {
  return values.length === 0 ? {} : { [key]: values }
}
