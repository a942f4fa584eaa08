/**
 * Syslog over TLS (RFC 5425): version 1.2 and newer, with the cipher suites that
 * Node.js has for them (RFC 9662). The receiver's certificate is checked, and
 * that it is for the name that we called.
 */

import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { systemReason } from '../../bytes/system-error.ts'
import { type Deliver, DeliveryError, networkReason } from './delivery.ts'
import { deliverOverStream, type Opening, type StreamOptions } from './syslog-stream.ts'

export interface TlsFiles {
  /** Certificates of authorities, in PEM, in place of those that Node.js knows. */
  ca?: string
  /** Our own certificate with the ones above it, and its key, in PEM. */
  cert?: string
  key?: string
}

export interface TlsOptions extends StreamOptions, TlsFiles {
  /** The name that the certificate has to be for, in place of the host. */
  serverName?: string
  /** Take any certificate. */
  insecure: boolean
}

/**
 * In TLS 1.3 our side of the handshake is done before the receiver has looked at our certificate. One that refuses it
 * closes in good order, and would do so behind messages that it never read, as if it had. So it is given time to.
 */
const REFUSAL_MS = 1000

/** As `syslogOverTcp`. Files are read each time, because certificates are renewed while we run. */
export function syslogOverTls(host: string, port: number, options: TlsOptions): Deliver {
  return async (messages, { signal, silenceMs }) => {
    const attempt = { signal, silenceMs: Math.max(silenceMs, REFUSAL_MS) }
    await deliverOverStream(open(host, port, options), messages, attempt, options)
  }
}

function open(host: string, port: number, { serverName = host, insecure, ...files }: TlsOptions): Opening {
  try {
    const options: ConnectionOptions = {
      host,
      port,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: !insecure,
      ...tlsContents(files),
      // an address is no name to send, and is looked for in the certificate all the same
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    }
    return { socket: connect(options), readyEvent: 'secureConnect' }
  } catch (error) {
    if (error instanceof DeliveryError) throw error
    throw new DeliveryError('unreachable', `the certificates cannot be used: ${networkReason(error)}`)
  }
}

/** What is in the files. Throws DeliveryError. */
export function tlsContents({ ca, cert, key }: TlsFiles): Pick<ConnectionOptions, 'ca' | 'cert' | 'key'> {
  return {
    ...(ca === undefined ? {} : { ca: contents(ca) }),
    ...(cert === undefined ? {} : { cert: contents(cert) }),
    ...(key === undefined ? {} : { key: contents(key) }),
  }
}

function contents(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new DeliveryError('unreachable', `${path}: ${systemReason(error)}`)
  }
}
