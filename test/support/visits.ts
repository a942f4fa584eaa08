/** What the tests of detection have clients do, and how they write down the alerts that come of it. */

import type { Alert } from '../../src/events/alert.ts'
import { ACME } from './acme.ts'
import { A, AAAA, dnsAnswer, dnsQuestion } from './dns-message.ts'
import { type FeedOptions, feed, networksOf, type TimedFrame } from './feed.ts'
import type { End } from './frames.ts'
import { shortHello } from './hello.ts'
import { Talk } from './talk.ts'

export const CLIENT: End = { ip: '192.0.2.10', port: 51_000 }
export const SERVER: End = { ip: '198.51.100.7', port: 443 }
/** One that the pack calls the vendor's own. */
export const OWN: End = { ip: '203.0.113.7', port: 443 }
/** One that the pack calls shared. */
export const SHARED: End = { ip: '203.0.113.99', port: 443 }
/** One in a network that the pack watches. */
export const RENTED: End = { ip: '1.2.3.4', port: 443 }
export const RESOLVER: End = { ip: '192.0.2.53', port: 53 }

export const NETWORKS = networksOf([
  { ip: '1.2.3.4', country: 'CN', asn: 64500, name: 'Hosting \x1b[31mLtd' },
  { ip: '1.2.3.5', country: 'CN', asn: 64501, name: 'Another' },
  { ip: '1.2.3.6', country: 'RU', asn: 64500, name: 'Hosting' },
])

export function alertsOf(frames: readonly TimedFrame[], options: FeedOptions = {}): Alert[] {
  return feed(frames, { packs: [ACME], networks: NETWORKS, ...options }).alerts
}

/** The client asks for `name` and is given the addresses, or what `answer` says. */
export function lookup(
  name: string,
  answer: Uint8Array | string[] | null,
  { at = 0, client = CLIENT.ip, port = 40_000 } = {},
): Talk {
  const talk = new Talk({ ip: client, port }, RESOLVER, at).ask(dnsQuestion(name))
  if (answer === null) return talk
  const records = Array.isArray(answer)
    ? answer.map((data) => ({ name, type: data.includes(':') ? AAAA : A, data }))
    : []
  return talk.reply(Array.isArray(answer) ? dnsAnswer(name, records) : answer)
}

/** A visit without a server name. */
export const nameless = (server: End, at = 1, client = CLIENT): Talk =>
  new Talk(client, server, at).open().send(shortHello('')).answer().close()

export const named = (name: string, server = SERVER, at = 1, client = CLIENT): Talk =>
  new Talk(client, server, at).open().send(shortHello(name)).answer().close()

/** `service high attempt, tls_sni=chat.acme.example` of each alert. */
export const words = (alerts: Alert[]): string[] =>
  alerts.map(({ rule, confidence, attempt, evidence }) =>
    [
      `${rule} ${confidence}${attempt ? ' attempt' : ''}`,
      ...evidence.map(({ kind, value }) => `${kind}=${value}`),
    ].join(', '),
  )
