/**
 * From what the TLS parsers found to the client's and the server's part of a
 * `tls` event. Everything that a stranger can make long is cut here.
 */

import type { TlsClient, TlsEch, TlsServer } from '../events/observation.ts'
import { alertName, type TlsAlert } from '../protocol/tls/alert.ts'
import { type ClientHello, offersResumption } from '../protocol/tls/client-hello.ts'
import { type EchOffer, hasGreaseShape } from '../protocol/tls/ech.ts'
import { withoutGrease } from '../protocol/tls/grease.ts'
import { ja3 } from '../protocol/tls/ja3.ts'
import { type Ja4Transport, ja4 } from '../protocol/tls/ja4.ts'
import { isResumed, type ServerFlight } from '../protocol/tls/server-flight.ts'
import type { ServerHello } from '../protocol/tls/server-hello.ts'
import { newestVersion } from '../protocol/tls/version.ts'

/** Most entries of a list; scanners that offer everything come to about 400 cipher suites. */
const LIST_MAX = 512
const JA3_TEXT_MAX = 4096

/** The client's part. @param transport what the hello came in, for JA4 */
export function tlsClient(hello: ClientHello, transport: Ja4Transport): TlsClient {
  const { ech } = hello
  return {
    version: newestVersion(hello.versions),
    cipherSuites: bounded(hello.cipherSuites),
    extensions: bounded(hello.extensions),
    signatureAlgorithms: bounded(hello.signatureAlgorithms),
    groups: bounded(hello.groups),
    fingerprints: hello.isPartial || hello.isSsl2 ? undefined : fingerprintsOf(hello, transport),
    offersResumption: offersResumption(hello),
    isPartial: hello.isPartial,
    ech: ech && echOf(ech),
    hasEsni: hello.hasEsni,
  }
}

function echOf(ech: EchOffer): TlsEch {
  const { form, kdf, aead, configId, payloadBytes } = ech
  return { form, kdf, aead, configId, payloadBytes, hasGreaseShape: hasGreaseShape(ech) }
}

/** The server's part. @param clientSessionId of the client's hello; empty when that was not seen */
export function tlsServer(flight: ServerFlight, clientSessionId: string): TlsServer {
  const { certificate, chainLength, wasRetried, hello, alert } = flight
  return serverPart(hello, alert, isResumed(flight, clientSessionId), wasRetried, certificate, chainLength)
}

/** The server's part of a DTLS connection, whose certificate is not read. @param wasRetried it asked for a cookie */
export function dtlsServer(
  hello: ServerHello | undefined,
  alert: TlsAlert | undefined,
  wasRetried: boolean,
): TlsServer {
  return serverPart(hello, alert, hello?.hasPsk ?? false, wasRetried, undefined, 0)
}

function serverPart(
  hello: ServerHello | undefined,
  alert: TlsAlert | undefined,
  isResumed: boolean,
  wasRetried: boolean,
  certificate: TlsServer['certificate'],
  chainLength: number,
): TlsServer {
  return {
    version: hello?.version ?? 0,
    cipherSuite: hello?.cipherSuite ?? 0,
    extensions: hello ? bounded(hello.extensions) : [],
    alpn: hello?.alpn ?? '',
    isResumed,
    wasRetried,
    alert: alert ? alertName(alert.description) : '',
    certificate,
    chainLength,
  }
}

/** The fingerprints of a whole hello. @param transport what it came in, for JA4 */
export function fingerprintsOf(hello: ClientHello, transport: Ja4Transport) {
  const { text, hash } = ja3(hello)
  return { ja3Text: text.length > JA3_TEXT_MAX ? '' : text, ja3: hash, ja4: ja4(hello, transport) }
}

function bounded(values: readonly number[]): number[] {
  const kept = withoutGrease(values)
  return kept.length > LIST_MAX ? kept.slice(0, LIST_MAX) : kept
}
