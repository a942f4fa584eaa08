/** How messages get to a destination. */

import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { readable } from '../bytes/text.ts'
import { DELIVERY_TIMES, type Deliver, type DeliveryTimes } from '../outputs/transport/delivery.ts'
import { syslogOverTcp } from '../outputs/transport/syslog-tcp.ts'
import { syslogOverTls, tlsContents } from '../outputs/transport/syslog-tls.ts'
import { syslogOverUdp } from '../outputs/transport/syslog-udp.ts'
import { type Destination, DestinationError } from './destination.ts'

/** What delivers to it. */
export function carrierOf(destination: Destination, times: DeliveryTimes = DELIVERY_TIMES): Deliver {
  const { transport, host, port, framing, confirm, files, insecure, serverName } = destination
  const options = { framing, confirm, times }
  if (transport === 'udp') return syslogOverUdp(host, port, times)
  if (transport === 'tcp') return syslogOverTcp(host, port, options)
  return syslogOverTls(host, port, { ...options, ...files, insecure, ...(serverName ? { serverName } : {}) })
}

/** Files that cannot be used are told when we start, and not when an alert is there. Throws DestinationError. */
export function checkFiles({ url, files }: Destination): void {
  try {
    const contents = tlsContents(files)
    if (contents.ca !== undefined) new X509Certificate(contents.ca as Buffer)
    createSecureContext(contents)
  } catch (error) {
    const { message } = error as Error
    const names = Object.entries(files).map(([name, path]) => `${name} ${path}`)
    const what = `name files in PEM, and the key that belongs to the certificate, without a pass phrase`
    throw new DestinationError(`${url}: ${names.join(', ')}: ${readable(message)}; ${what}`)
  }
}
