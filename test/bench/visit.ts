/**
 * One visit of a client to a server: it asks DNS, connects, says a TLS hello,
 * exchanges data and closes. A visit is the list of its packets, in order; the
 * generator writes them one by one, mixed with the packets of other visits.
 *
 * Addresses are for documentation or private use only (RFC 1918, RFC 5737,
 * RFC 3849), names lie below reserved top-level domains (RFC 2606), but for the
 * few watched ones. MAC addresses are locally administered.
 */

import { A, AAAA, dnsAnswer, dnsQuestion } from './dns.ts'
import { ACK, type Endpoint, FIN, Flow, PSH, type Segment, SYN, TCP, UDP } from './flow.ts'
import { Payload } from './payload.ts'
import { applicationData, clientFlight, clientHello, type HelloTemplate, helloTemplate, serverFlight } from './tls.ts'

export const CLIENTS = 2_000
const NAMES = 5_000
/** 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24. */
const SERVER_NETWORKS = ['c00002', 'c63364', 'cb0071']
const SERVERS = 3 * 254
const PORT_MIN = 1_024
const PORTS = 65_536 - PORT_MIN

export const WATCHED_NAMES = [
  'chat.deepseek.com',
  'api.deepseek.com',
  'www.deepseek.com',
  'platform.deepseek.com',
  'fe-static.deepseek.com',
]
const WATCHED_INDEX = NAMES
const HOSTS = ['www', 'api', 'cdn', 'mail', 'static', 'login', 'img', 'video-edge-frankfurt']

type Random = (below: number) => number

/** What a visit shows on the wire. */
export interface Visit {
  segments: Segment[]
  /** Server name of the hello; empty when the visit is a DNS question only. */
  serverName: string
  /** The hello needs two packets. */
  isSplit: boolean
  questions: Array<{ name: string; type: number }>
  client: string
  clientPort: number
  server: string
}

/** Content that visits share; made once from the seed, because making it costs more than writing it. */
export interface Pantry {
  small: HelloTemplate[]
  large: HelloTemplate[]
  serverFlights: Payload[]
  requests: Payload[]
  answers: Payload[]
  /** How many ports each client has used, so that no two flows of a file share all their endpoints. */
  portsUsed: Uint32Array
}

export function stockPantry(next: Random): Pantry {
  return {
    small: times(16, () => helloTemplate(false, next)),
    large: times(16, () => helloTemplate(true, next)),
    serverFlights: times(16, () => serverFlight(2_200 + next(2_400), next)),
    requests: times(32, () => clientFlight(150 + next(2_300), next)),
    answers: times(64, () => applicationData(answerBytes(next), next)),
    portsUsed: new Uint32Array(CLIENTS),
  }
}

/** 1 to 125 KB: each doubling as likely as the next. */
function answerBytes(next: Random): number {
  return (1_000 + next(1_000)) << next(7)
}

/** A visit to one of the ordinary names; one in ten only asks DNS. */
export function ordinaryVisit(pantry: Pantry, next: Random): Visit {
  const index = Math.min(next(NAMES), next(NAMES)) // lower numbers are visited more often
  return makeVisit(index, next(CLIENTS), next(10) !== 0, next(10) !== 0, pantry, next)
}

/**
 * A visit to a watched name.
 * @param turn 0, 1, ...: each turn another client; odd turns know the address already and do not ask DNS
 */
export function watchedVisit(turn: number, pantry: Pantry, next: Random): Visit {
  const index = WATCHED_INDEX + (turn % WATCHED_NAMES.length)
  return makeVisit(index, (turn * 97) % CLIENTS, turn % 2 === 0, true, pantry, next)
}

function makeVisit(
  index: number,
  client: number,
  asks: boolean,
  connects: boolean,
  pantry: Pantry,
  next: Random,
): Visit {
  const name = nameOf(index)
  const isIpv6 = next(5) === 0
  const vlan = client % 8 === 0 ? 100 + (client % 5) : 0
  const visit: Visit = {
    segments: [],
    serverName: connects ? name : '',
    isSplit: false,
    questions: [],
    client: '',
    clientPort: 0,
    server: '',
  }
  const flowTo = (protocol: typeof TCP | typeof UDP, server: Endpoint): Flow =>
    new Flow(protocol, clientOf(client, isIpv6, pantry), server, vlan, next)

  if (asks || !connects) {
    // Clients ask for both families, or for the one they have.
    const types = next(3) === 0 ? [A, AAAA] : [isIpv6 ? AAAA : A]
    for (const type of types) {
      addLookup(visit, flowTo(UDP, resolver(isIpv6)), index, type, !connects && next(4) === 0, next)
    }
  }
  if (connects) {
    const flow = flowTo(TCP, serverOf(index, isIpv6))
    visit.client = flow.client.ip.toString('hex')
    visit.clientPort = flow.client.port
    visit.server = flow.server.ip.toString('hex')
    addConnection(visit, flow, name, isIpv6, pantry, next)
  }
  return visit
}

/** A question and its answer: a third through aliases; `isUnknown`: "no such name". */
function addLookup(visit: Visit, flow: Flow, index: number, type: number, isUnknown: boolean, next: Random): void {
  const name = nameOf(index)
  const id = next(2 ** 16)
  const aliases = index % 3 === 0 && !isUnknown ? [`${name}.edge.example`, `pop${index % 40}.edge.example`] : []
  const server = serverOf(index, type === AAAA).ip
  const question = dnsQuestion(id, name, type)
  const answer = dnsAnswer(id, name, type, aliases, isUnknown ? [] : [server])
  visit.questions.push({ name, type })
  add(visit, flow, true, 0, question)
  add(visit, flow, false, 0, answer)
}

function addConnection(visit: Visit, flow: Flow, name: string, isIpv6: boolean, pantry: Pantry, next: Random): void {
  const options = isIpv6 ? OPTIONS_IPV6 : OPTIONS_IPV4
  add(visit, flow, true, SYN, options)
  add(visit, flow, false, SYN | ACK, options)
  add(visit, flow, true, ACK, null)

  const isLarge = next(3) === 0
  const hello = clientHello(pick(isLarge ? pantry.large : pantry.small, next), name, next)
  const segmentBytes = isIpv6 ? 1_440 : 1_460
  visit.isSplit = hello.bytes.length > segmentBytes
  addStream(visit, flow, true, hello, segmentBytes)
  addStream(visit, flow, false, pick(pantry.serverFlights, next), segmentBytes)
  addStream(visit, flow, true, pick(pantry.requests, next), segmentBytes)
  addStream(visit, flow, false, pick(pantry.answers, next), segmentBytes)
  if (next(12) === 0) addStream(visit, flow, true, pick(pantry.answers, next), segmentBytes) // an upload

  add(visit, flow, true, FIN | ACK, null)
  add(visit, flow, false, FIN | ACK, null)
  add(visit, flow, true, ACK, null)
}

/** The payload in segments; the other side acknowledges every second one, and the last. */
function addStream(visit: Visit, flow: Flow, fromClient: boolean, payload: Payload, segmentBytes: number): void {
  const { length } = payload.bytes
  for (let start = 0, count = 1; start < length; start += segmentBytes, count++) {
    const end = Math.min(start + segmentBytes, length)
    visit.segments.push({ flow, fromClient, flags: end === length ? PSH | ACK : ACK, payload, start, end })
    if (count % 2 === 0 || end === length) add(visit, flow, !fromClient, ACK, null)
  }
}

function add(visit: Visit, flow: Flow, fromClient: boolean, flags: number, payload: Payload | null): void {
  visit.segments.push({ flow, fromClient, flags, payload, start: 0, end: payload?.bytes.length ?? 0 })
}

/** Maximum segment size 1,460 or 1,440, selective acknowledgements, window scale 7 (RFC 9293 section 3.2). */
const OPTIONS_IPV4 = new Payload(Buffer.from('020405b40101040201030307', 'hex'))
const OPTIONS_IPV6 = new Payload(Buffer.from('020405a00101040201030307', 'hex'))

function nameOf(index: number): string {
  if (index >= WATCHED_INDEX) return WATCHED_NAMES[index - WATCHED_INDEX]!
  const site = Math.floor(index / HOSTS.length)
  return `${HOSTS[index % HOSTS.length]}.site${site}.${site % 2 === 0 ? 'example' : 'test'}`
}

function clientOf(client: number, isIpv6: boolean, pantry: Pantry): Endpoint {
  const used = pantry.portsUsed[client]!++
  if (used >= PORTS) throw new RangeError('a client has used all its ports: ask for less traffic')
  const mac = Buffer.from('020000000000', 'hex')
  mac.writeUInt32BE(client, 2)
  return { mac, ip: clientIp(client, isIpv6), port: PORT_MIN + ((client * 7_919 + used) % PORTS) }
}

function clientIp(client: number, isIpv6: boolean): Buffer {
  const high = client >> 8
  const low = client & 0xff
  if (!isIpv6) return client % 4 === 3 ? Buffer.from([192, 168, high, low]) : Buffer.from([10, 20, high, low])
  return ipv6(0xc11e, client)
}

function serverOf(index: number, isIpv6: boolean): Endpoint {
  const server = (index * 7) % SERVERS
  const ip = isIpv6
    ? ipv6(0x5e12, index)
    : Buffer.concat([Buffer.from(SERVER_NETWORKS[server % 3]!, 'hex'), Buffer.from([1 + Math.floor(server / 3)])])
  return { mac: ROUTER_MAC, ip, port: 443 }
}

function resolver(isIpv6: boolean): Endpoint {
  return { mac: ROUTER_MAC, ip: isIpv6 ? ipv6(0x53, 0x53) : Buffer.from([10, 0, 0, 53]), port: 53 }
}

const ROUTER_MAC = Buffer.from('02000000ff01', 'hex')

/** 2001:db8:NETWORK::HOST */
function ipv6(network: number, host: number): Buffer {
  const ip = Buffer.alloc(16)
  ip.writeUInt32BE(0x20010db8, 0)
  ip.writeUInt16BE(network, 4)
  ip.writeUInt16BE(host, 14)
  return ip
}

function pick<T>(items: T[], next: Random): T {
  return items[next(items.length)]!
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}
