/**
 * What happens on the network in a case: questions to DNS, connections, a
 * request. Ports and ids count up, so that each flow is one of its own; times
 * are seconds after the case began.
 */

import {
  A,
  AAAA,
  CNAME,
  dnsAnswer,
  dnsQuestion,
  type MessageOptions,
  type TestRecord,
} from '../../../test/support/dns-message.ts'
import type { TimedFrame } from '../../../test/support/feed.ts'
import { opaque } from '../../../test/support/quic-encoder.ts'
import { mixed, Talk } from '../../../test/support/talk.ts'
import { quicInitial, shortPacket } from './quic.ts'
import { clientFinish, clientHello, fatalAlert, type HelloOptions, noise, secret, serverFlight } from './tls.ts'

/** The client of most cases. */
export const ALICE = '192.0.2.10'
export const BOB = '192.0.2.11'
export const RESOLVER = '192.0.2.53'
export const PROXY = '192.0.2.12'
/** A server that is nobody's in particular. */
export const SERVER = '198.51.100.20'
export const OTHER = '203.0.113.30'

const RESPONSE = 0x8180

export interface DnsOptions {
  resolver?: string
  ttl?: number
  /** Names that lead to the addresses, each the alias of the one before. */
  aliases?: string[]
  /** RFC 1035 section 4.1.1: 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  code?: number
  type?: number
  /** No answer comes. */
  silent?: boolean
}

export interface TlsOptions extends HelloOptions {
  port?: number
  /** What becomes of the hello. */
  ends?: 'use' | 'silence' | 'reset' | 'alert'
  /** How long the connection lasts, with data about every minute. */
  seconds?: number
}

export class Scene {
  /** Names that another program must find in the capture. */
  readonly shown = new Set<string>()
  readonly #talks: Talk[] = []
  #port = 50_000
  #id = 0x1000

  /** All frames so far, in the order of time. */
  get frames(): TimedFrame[] {
    return mixed(...this.#talks)
  }

  /** A conversation to be written by hand. */
  talk(at: number, client: string, server: string, port: number, clientPort = ++this.#port): Talk {
    const talk = new Talk({ ip: client, port: clientPort }, { ip: server, port }, at, 1000 + clientPort)
    this.#talks.push(talk)
    return talk
  }

  /** `client` asks for `name` and is given `addresses`; their family decides the type. */
  dns(at: number, client: string, name: string, addresses: readonly string[] = [], options: DnsOptions = {}): this {
    const { resolver = RESOLVER, ttl = 60, aliases = [], code = 0, silent = false } = options
    const { type = addresses.some((address) => address.includes(':')) ? AAAA : A } = options
    const id = ++this.#id
    const chain = [name, ...aliases]
    const answers: TestRecord[] = [
      ...aliases.map((alias, i) => ({ name: chain[i]!, type: CNAME, ttl, data: alias })),
      ...addresses.map((data) => ({ name: chain.at(-1)!, type, ttl, data })),
    ]
    const settings: MessageOptions = { id, type }
    const talk = this.talk(at, client, resolver, 53).ask(dnsQuestion(name, settings))
    if (!silent) talk.reply(dnsAnswer(name, answers, { ...settings, flags: RESPONSE | code }))
    for (const shown of chain) this.shown.add(shown)
    return this
  }

  /** A TLS connection. @param name the server name; none when it is empty */
  tls(at: number, client: string, server: string, name: string, options: TlsOptions = {}): this {
    const { port = 443, ends = 'use', seconds = 0, ...hello } = options
    if (name !== '') this.shown.add(name)
    talkTls(this.talk(at, client, server, port).open(), name, hello, ends, seconds)
    return this
  }

  /** An HTTP request in clear and the answer to it. */
  http(at: number, client: string, server: string, request: string, response = ok('ok\n'), port = 80): this {
    this.talk(at, client, server, port).open().send(crlf(request)).answer(crlf(response)).close()
    const host = /^host: *(\S+)/im.exec(request)?.[1]
    if (host !== undefined) this.shown.add(host)
    return this
  }

  /** A QUIC connection whose hello can be read. */
  quic(at: number, client: string, server: string, name: string): this {
    this.shown.add(name)
    this.talk(at, client, server, 443)
      .ask(quicInitial(name))
      .reply(opaque(2, noise('handshake', 1100)))
      .ask(shortPacket('request', 300))
      .reply(shortPacket('response', 1000))
    return this
  }

  /** A QUIC connection that was there before the capture began: nobody on the path can read it. */
  laterQuic(at: number, client: string, server: string): this {
    this.talk(at, client, server, 443)
      .ask(shortPacket('request', 300))
      .reply(shortPacket('response', 1000))
      .ask(shortPacket('more', 60))
    return this
  }

  /** A TLS connection that was there before the capture began: no SYN, no hello. */
  laterTls(at: number, client: string, server: string, port = 443): this {
    this.talk(at, client, server, port)
      .send(secret('request', 300))
      .answer(secret('response', 1000))
      .send(secret('request 2', 300))
      .answer(secret('response 2', 1000))
      .close()
    return this
  }
}

/** Goes on with an open connection as TLS. */
export function talkTls(
  talk: Talk,
  name: string,
  hello: HelloOptions = {},
  ends: NonNullable<TlsOptions['ends']> = 'use',
  seconds = 0,
): void {
  talk.send(clientHello(name, hello))
  if (ends === 'silence') return
  if (ends === 'reset') {
    talk.refuse()
    return
  }
  if (ends === 'alert') {
    talk.answer(fatalAlert(112)).close()
    return
  }
  talk.answer(serverFlight()).send(clientFinish()).answer(secret('response', 1200))
  for (let left = seconds; left > 0; left -= 60)
    talk.wait(Math.min(left, 60)).send(secret('more', 80)).answer(secret('more', 400))
  talk.close()
}

/** A response with a body. */
export function ok(body: string): string {
  return `HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: ${body.length}\n\n${body}`
}

/** Text with the line ends of HTTP in its head. */
export function crlf(text: string): Buffer {
  const end = text.indexOf('\n\n')
  const head = end < 0 ? text : text.slice(0, end)
  const rest = end < 0 ? '' : text.slice(end + 2)
  return Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n\r\n${rest}`, 'latin1')
}
