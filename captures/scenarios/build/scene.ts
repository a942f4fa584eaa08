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
  HTTPS,
  type MessageOptions,
  type TestRecord,
  wireName,
} from '../../../test/support/dns-message.ts'
import type { TimedFrame } from '../../../test/support/feed.ts'
import { addressBytes, u16 } from '../../../test/support/frames.ts'
import { prefixed } from '../../../test/support/hello.ts'
import { opaque } from '../../../test/support/quic-encoder.ts'
import { mixed, Talk } from '../../../test/support/talk.ts'
import { quicInitial, shortPacket } from './quic.ts'
import {
  type CertificateNames,
  certificateFlight,
  clientFinish,
  clientHello,
  fatalAlert,
  type HelloOptions,
  noise,
  secret,
  serverFlight,
} from './tls.ts'

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
  /** The server chooses TLS 1.2 and shows this certificate. */
  certificate?: CertificateNames
}

/** A host over IPv6, its resolver, and servers. */
export const CARL6 = '2001:db8:1::10'
export const RESOLVER6 = '2001:db8:1::53'
export const SERVER6 = '2001:db8:2::20'
export const OTHER6 = '2001:db8:3::30'

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

  /** As `dns`, with these records as the answer, in this order. */
  answered(at: number, client: string, name: string, type: number, answers: TestRecord[], resolver = RESOLVER): this {
    const settings: MessageOptions = { id: ++this.#id, type }
    const talk = this.talk(at, client, resolver, 53).ask(dnsQuestion(name, settings))
    talk.reply(dnsAnswer(name, answers, settings))
    this.shown.add(name)
    return this
  }

  /** As `dns`, over TCP. */
  dnsOverTcp(at: number, client: string, name: string, addresses: readonly string[], options: DnsOptions = {}): this {
    const { resolver = RESOLVER, ttl = 60, code = 0 } = options
    const { type = addresses.some((address) => address.includes(':')) ? AAAA : A } = options
    const settings: MessageOptions = { id: ++this.#id, type }
    const answers = addresses.map((data) => ({ name, type, ttl, data }))
    this.talk(at, client, resolver, 53)
      .open()
      .send(prefixed(2, dnsQuestion(name, settings)))
      .answer(prefixed(2, dnsAnswer(name, answers, { ...settings, flags: RESPONSE | code })))
      .close()
    this.shown.add(name)
    return this
  }

  /** A TLS connection. @param name the server name; none when it is empty */
  tls(at: number, client: string, server: string, name: string, options: TlsOptions = {}): this {
    const { port = 443, ends = 'use', seconds = 0, certificate, ...hello } = options
    if (name !== '') this.shown.add(name)
    const talk = this.talk(at, client, server, port).open()
    if (certificate === undefined) talkTls(talk, name, hello, ends, seconds)
    else
      talk
        .send(clientHello(name, hello))
        .answer(certificateFlight(certificate))
        .send(clientFinish())
        .answer(secret('response', 1200))
        .close()
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

/** A connection of ALICE of which only what the server says is seen. */
export function oneDirection(scene: Scene, at: number, server: string, talk: (talk: Talk) => void): void {
  const whole = new Talk({ ip: ALICE, port: 52_000 }, { ip: server, port: 443 }, at).open()
  talk(whole)
  const begin = 14 + 12 // of the source address
  const isServer = ({ bytes }: TimedFrame) => addressBytes(server).equals(bytes.subarray(begin, begin + 4))
  scene.talk(at, ALICE, server, 443).frames.push(...whole.frames.filter(isServer))
}

/** A connection to a proxy that leads to `address` by CONNECT. */
export function connectTo(scene: Scene, at: number, client: string, address: string): Talk {
  const host = address.includes(':') ? `[${address}]` : address
  return scene
    .talk(at, client, PROXY, 8080)
    .open()
    .send(crlf(`CONNECT ${host}:443 HTTP/1.1\nHost: ${host}:443`))
    .answer(crlf('HTTP/1.1 200 Connection established'))
}

/** The same by SOCKS5, RFC 1928. @param code 0 when it is granted */
export function socksTo(scene: Scene, at: number, client: string, address: string, code = 0): Talk {
  const target = Buffer.concat([Buffer.of(address.includes(':') ? 4 : 1), addressBytes(address), u16(443)])
  return scene
    .talk(at, client, PROXY, 1080)
    .open()
    .send(Buffer.of(5, 1, 0))
    .answer(Buffer.of(5, 0))
    .send(Buffer.concat([Buffer.of(5, 1, 0), target]))
    .answer(Buffer.concat([Buffer.of(5, code, 0, 1), addressBytes(PROXY), u16(40_000)]))
}

/** A tunnel by CONNECT to a name, granted and left alone. @param authority `name:port` */
export function proxied(scene: Scene, at: number, authority: string): void {
  scene
    .talk(at, ALICE, PROXY, 8080)
    .open()
    .send(crlf(`CONNECT ${authority} HTTP/1.1\nHost: ${authority}`))
    .answer(crlf('HTTP/1.1 200 Connection established'))
    .close()
  scene.shown.add(authority)
}

/** The same by SOCKS5. */
export function socks(scene: Scene, at: number, name: string): void {
  scene
    .talk(at, ALICE, PROXY, 1080)
    .open()
    .send(Buffer.of(5, 1, 0))
    .answer(Buffer.of(5, 0))
    .send(socksConnect(name, 443))
    .answer(Buffer.concat([Buffer.of(5, 0, 0, 1), addressBytes(PROXY), u16(40_000)]))
    .close()
  scene.shown.add(name)
}

/** A name in SOCKS5's own form, RFC 1928 section 4. */
export function socksConnect(name: string, port: number): Buffer {
  return Buffer.concat([Buffer.of(5, 1, 0, 3), prefixed(1, Buffer.from(name)), u16(port)])
}

/** An HTTPS record, RFC 9460. @param target empty for the name itself; with priority 0 the name is an alias of it */
export function httpsRecord(name: string, priority: number, target = '', hints: readonly string[] = []): TestRecord {
  const hintsOf = (isIpv6: boolean) => hints.filter((hint) => hint.includes(':') === isIpv6).map(addressBytes)
  const parameter = (key: number, values: Uint8Array[]) =>
    values.length === 0 ? [] : [u16(key), prefixed(2, ...values)]
  const alpn = priority === 0 ? [] : parameter(1, [prefixed(1, Buffer.from('h2'))])
  const parameters = [...alpn, ...parameter(4, hintsOf(false)), ...parameter(6, hintsOf(true))]
  return { name, type: HTTPS, data: Buffer.concat([u16(priority), wireName(target), ...parameters]) }
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
