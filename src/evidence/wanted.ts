/**
 * Which packets prove an alert: those of its flow, from the first to the last
 * that the sensor saw, and those that showed its other evidence. A flow is known
 * by its community id; only frames with one of its ports are hashed.
 */

import { ipText } from '../bytes/address.ts'
import { latin1 } from '../bytes/text.ts'
import { microseconds } from '../bytes/time.ts'
import type { Alert, Evidence } from '../events/alert.ts'
import { TCP, UDP } from '../packet/packet.ts'
import { isOfOneFlow } from './identity.ts'
import type { Frame } from './walk.ts'

/** How long before a fact that which led to it is taken: a handshake, the pieces of a hello, an alias that DNS gave. */
export const BEFORE_US = 60e6
/**
 * How far the stamps of a recorder may be from those of a live sensor on the same line. Two programs on one machine were
 * seen to differ by a microsecond, and clocks of two machines that follow NTP by milliseconds.
 */
export const SKEW_US = 100_000
const NUMBERS = { TCP, UDP }
const DNS_PORT = 53
/** Names of which messages are looked for; those of more alerts are found by their packets alone. */
const NAMES_MAX = 100

/** The packets of one flow in a span of time. */
export interface WantedFlow {
  /** Community id. */
  id: string
  /** IP protocol number. */
  protocol: number
  /** One of its two ports. */
  port: number
  /** Packet time as the sensor has it, both inclusive. */
  fromUs: number
  toUs: number
  /** Only messages of DNS with this id; null for all packets. */
  dnsId: number | null
  /** How many packets the sensor counted in it; null where nobody did. */
  counted: number | null
}

/** Messages between one client and resolvers, over UDP, in which a name stands. */
export interface WantedName {
  client: string
  name: string
  fromUs: number
  toUs: number
}

/** A fact that shall be found again, and of whom it is. */
export interface WantedEvidence {
  evidence: Evidence
  timeUs: number
  /** Address of the client, and community id of the alert's own flow. */
  client: string
  flow: string
}

/** The flow of an alert, until `toUs`. */
export function flowOf(alert: Alert, toUs = Number.POSITIVE_INFINITY): WantedFlow {
  const lastUs = microseconds(alert.last_seen)
  const isOne = isOfOneFlow(alert)
  const firstUs = microseconds(alert.first_seen)
  return {
    id: alert.community_id,
    protocol: NUMBERS[alert.protocol],
    port: alert.client.port,
    // the first message of DNS in a connection is not the first packet of it
    fromUs: isOne ? firstUs : firstUs - BEFORE_US,
    toUs: Math.min(toUs, lastUs),
    dnsId: null,
    counted: isOne && toUs >= lastUs ? alert.packets_out + alert.packets_in : null,
  }
}

/** What DNS told the client of the names that an alert is about, and when it was asked again. */
export function namesOf(alert: Alert): WantedName[] {
  const isOne = isOfOneFlow(alert)
  return alert.evidence
    .filter(({ kind }) => kind === 'dns_answer' || kind === 'dns_question')
    .map(({ value, time }) => ({
      client: alert.client.ip,
      name: wireName(value),
      fromUs: microseconds(time) - BEFORE_US,
      toUs: microseconds(isOne ? time : alert.last_seen),
    }))
}

/** What an alert says was seen, until `toUs`. */
export function evidenceOf(alert: Alert, toUs = Number.POSITIVE_INFINITY): WantedEvidence[] {
  return alert.evidence
    .map((evidence) => ({
      evidence,
      timeUs: microseconds(evidence.time),
      client: alert.client.ip,
      flow: alert.community_id,
    }))
    .filter(({ timeUs }) => timeUs <= toUs)
}

/** All flows that are wanted, to be asked of each frame. */
export class Wanted {
  readonly flows: WantedFlow[] = []
  /** Behind this time there is nothing to look for. */
  lastUs = Number.NEGATIVE_INFINITY
  readonly #byPort = new Map<number, WantedFlow[]>()
  readonly #names: WantedName[] = []
  readonly #skewUs: number

  /** @param isElsewhere the packets are in a recording whose stamps are its own */
  constructor(isElsewhere = false) {
    this.#skewUs = isElsewhere ? SKEW_US : 0
  }

  add(flow: WantedFlow): void {
    const key = keyOf(flow.protocol, flow.port)
    const others = this.#byPort.get(key)
    if (others === undefined) this.#byPort.set(key, [flow])
    else others.push(flow)
    this.flows.push(flow)
    this.lastUs = Math.max(this.lastUs, flow.toUs + this.#skewUs)
  }

  addName(name: WantedName): void {
    if (this.#names.length === NAMES_MAX || name.name === '') return
    this.#names.push(name)
    this.lastUs = Math.max(this.lastUs, name.toUs + this.#skewUs)
  }

  /** Is it a message of DNS with a name that is wanted? */
  isNamed(frame: Frame): boolean {
    const { isPacket, nowUs, packet } = frame
    const { bytes, protocol, sourceStart, targetStart, addressBytes } = packet
    if (!isPacket || protocol !== UDP || !isOfDns(frame)) return false
    const names = this.#names.filter((name) => this.#isWithin(nowUs, name))
    if (names.length === 0) return false
    const text = latin1(bytes, packet.payloadStart, packet.payloadEnd).toLowerCase()
    const ends = [sourceStart, targetStart].map((start) => ipText(bytes, start, addressBytes))
    return names.some(({ client, name }) => ends.includes(client) && text.includes(name))
  }

  /** The flows that want this frame. */
  match(frame: Frame): readonly WantedFlow[] {
    if (!frame.isPacket) return NONE
    const { protocol, sourcePort, targetPort } = frame.packet
    const bySource = this.#byPort.get(keyOf(protocol, sourcePort)) ?? NONE
    const byTarget = (sourcePort === targetPort ? undefined : this.#byPort.get(keyOf(protocol, targetPort))) ?? NONE
    if (bySource.length === 0 && byTarget.length === 0) return NONE
    return [...bySource, ...byTarget].filter(
      (flow) =>
        this.#isWithin(frame.nowUs, flow) &&
        (flow.dnsId === null || flow.dnsId === dnsIdOf(frame)) &&
        frame.flow === flow.id,
    )
  }

  #isWithin(nowUs: number, { fromUs, toUs }: WantedFlow | WantedName): boolean {
    return nowUs >= fromUs - this.#skewUs && nowUs <= toUs + this.#skewUs
  }
}

const NONE: readonly WantedFlow[] = []

function keyOf(protocol: number, port: number): number {
  return protocol * 65_536 + port
}

/** A name as labels with their lengths, RFC 1035 section 3.1; empty for one that is written with escapes. */
export function wireName(name: string): string {
  if (name === '' || name.includes('\\')) return ''
  const labels = name.toLowerCase().split('.')
  return labels.map((label) => `${String.fromCharCode(label.length)}${label}`).join('')
}

/** Is it to or from a resolver? */
export function isOfDns({ packet: { sourcePort, targetPort } }: Frame): boolean {
  return sourcePort === DNS_PORT || targetPort === DNS_PORT
}

/** The id of the DNS message in a datagram (RFC 1035 section 4.1.1); -1 where there is no room for one. */
export function dnsIdOf({ packet: { bytes, payloadStart, payloadEnd } }: Frame): number {
  return payloadEnd - payloadStart < 2 ? -1 : (bytes[payloadStart]! << 8) | bytes[payloadStart + 1]!
}
