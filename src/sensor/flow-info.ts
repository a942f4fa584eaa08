/**
 * What is known of one flow beyond its columns: made when the first bytes of a
 * stream have to be kept, or when something is to be said about it. Most flows
 * need none before they end.
 */

import { ipText } from '../bytes/address.ts'
import { ADDRESS_WORDS, addressBytes, addressOfText } from '../bytes/address-words.ts'
import { isNat64, NAT64_IPV4_AT } from '../bytes/nat64.ts'
import { type Answer, ANSWERED as DID_ANSWER, NO_ANSWER } from '../detect/answer.ts'
import type { AddressBytes, FlowFacts, Goal, Sight } from '../detect/flow-facts.ts'
import type { Rhythm } from '../detect/rhythm.ts'
import type { FlowRef } from '../events/observation.ts'
import { communityId } from '../flow/community-id.ts'
import { flowId } from '../flow/flow-id.ts'
import type { FlowTable } from '../flow/table.ts'
import { RST, SYN, TCP, UDP } from '../packet/packet.ts'
import { ANSWERED, IS_UDP } from './state.ts'
import type { TcpTalk } from './tcp-talk.ts'
import type { UdpTalk } from './udp-talk.ts'
import type { Versions } from './versions.ts'

// written and read within one call
const ends = new Int32Array(2 * ADDRESS_WORDS)
const FORWARDED_MAX = 4
const MAC_TEXTS_MAX = 4096
const NO_VLANS: readonly number[] = []

/** Where in a connection an answer is looked for: behind a proxy's own there is the target's, which counts more. */
export type Stage = 'proxy' | 'target'

export class FlowInfo implements FlowFacts {
  /** Those who read the flow's bytes, as long as they tell something. */
  tcp: TcpTalk | undefined
  udp: UdpTalk | undefined
  /** Reads what came again of the client, with other bytes perhaps. */
  again: TcpTalk | undefined
  /** The same of QUIC. */
  quicAgain: UdpTalk | undefined
  /** What the client says before the server does. */
  versions: Versions | undefined
  /** The last name that was looked up in the rules, behind its kind, so that a connection with many requests asks once. */
  lastName = ''
  isLastNameWatched = false
  /** Set once the flow has alerts. */
  rhythm: Rhythm | undefined
  readonly forwardedFor: string[] = []
  /** The server's flight has yet to come, and with it perhaps a certificate. */
  awaitsCertificate = false
  /** Where the server's flight was read, when it is told of later. */
  flight: Pick<Sight, 'place' | 'placeUs'> | undefined
  /** The client asked the server to reach somebody else for it. */
  isAskedAsProxy = false
  /** The address that it named for that. */
  #target: Goal | undefined
  /** What was read of the answer; undefined while nothing of it could be. */
  #read: { stage: Stage; answer: Answer } | undefined
  /** Whose answer is still being read. */
  #awaits: Stage | undefined
  readonly #table: FlowTable
  readonly #row: number
  #ref: Ref | undefined

  /** @param row a live row of `table`; the object is good for as long as the row is */
  constructor(table: FlowTable, row: number) {
    this.#table = table
    this.#row = row
  }

  get ref(): Ref {
    this.#ref ??= new Ref(this.#table, this.#row)
    return this.#ref
  }

  /** Forgets who talked to whom: the two are the other way round. */
  flipped(): void {
    this.#ref = undefined
  }

  get startUs(): number {
    return this.#table.firstSeenUs[this.#row]!
  }

  get lastUs(): number {
    return this.#table.lastSeenUs(this.#row)
  }

  get packetsOut(): number {
    return this.#table.packetsOut(this.#row)
  }

  get packetsIn(): number {
    return this.#table.packetsIn(this.#row)
  }

  get bytesOut(): number {
    return this.#table.bytesOut(this.#row)
  }

  get bytesIn(): number {
    return this.#table.bytesIn(this.#row)
  }

  get client(): AddressBytes {
    return this.ref.client
  }

  get server(): AddressBytes {
    return this.ref.server
  }

  get goal(): Goal {
    return this.#target ?? { ip: this.ref.serverIp, address: this.server, isByProxy: false }
  }

  /** Says which address the client asked the server to reach for it. */
  askedFor(address: string): void {
    const bytes = addressOfText(address.toLowerCase())
    if (!bytes) return
    const { length } = bytes
    this.#target = { ip: ipText(bytes, 0, length), address: withoutNat64({ bytes, at: 0, length }), isByProxy: true }
  }

  get answer(): Answer {
    if ((this.#table.state(this.#row) & ANSWERED) === 0) {
      const flags = this.#table.tcpFlags(this.#row) >> 8
      if ((flags & RST) !== 0) return { kind: 'reset', detail: '' }
      return (flags & SYN) !== 0 ? { kind: 'silent', detail: '' } : NO_ANSWER
    }
    // not before its first words are read: they may be a refusal, and what was told of an alert cannot be untold
    if (this.#awaits && (this.tcp || this.udp)) return NO_ANSWER
    return this.#read?.answer ?? DID_ANSWER
  }

  /** Says that somebody reads the server's answer and will tell. */
  awaitAnswer(stage: Stage): void {
    this.#awaits = stage
  }

  /**
   * Says what was read of the server's answer; undefined when it could not be read. One that let the client through
   * is not unsaid by a later one of the same stage.
   * @returns true when something changed
   */
  tellAnswer(stage: Stage, answer: Answer | undefined): boolean {
    const awaited = this.#awaits
    if (awaited === stage) this.#awaits = undefined
    const known = this.#read
    const isBetter = !known || (known.stage === stage ? known.answer.kind !== 'answered' : stage === 'target')
    if (answer && isBetter) this.#read = { stage, answer }
    return awaited !== this.#awaits || known !== this.#read
  }

  /** Keeps for whom the client says it asks. */
  addForwarded(address: string): void {
    if (address === '' || this.forwardedFor.includes(address) || this.forwardedFor.length >= FORWARDED_MAX) return
    this.forwardedFor.push(address)
  }
}

/**
 * Who talked to whom. Keeps copies, so it outlives its row; texts and hashes are made when they are asked for, since
 * most flows are asked for little.
 */
class Ref implements FlowRef {
  readonly protocol: 'TCP' | 'UDP'
  readonly clientPort: number
  readonly serverPort: number
  readonly client: AddressBytes
  readonly server: AddressBytes
  readonly #startUs: number
  readonly #clientMac: number
  readonly #serverMac: number
  readonly #vlans: number
  #clientIp = ''
  #serverIp = ''
  #id = 0
  #communityId = ''

  constructor(table: FlowTable, row: number) {
    table.putClient(row, ends, 0)
    table.putServer(row, ends, ADDRESS_WORDS)
    const length = table.isIpv4(row) ? 4 : 16
    const bytes = new Uint8Array(2 * length) // the client's address, then the server's
    addressBytes(ends, 0, bytes, 0, length)
    addressBytes(ends, ADDRESS_WORDS, bytes, length, length)
    this.protocol = (table.state(row) & IS_UDP) !== 0 ? 'UDP' : 'TCP'
    this.clientPort = table.clientPort(row)
    this.serverPort = table.serverPort(row)
    this.client = { bytes, at: 0, length }
    this.server = withoutNat64({ bytes, at: length, length })
    this.#startUs = table.firstSeenUs[row]!
    this.#clientMac = table.clientMac[row]!
    this.#serverMac = table.serverMac[row]!
    this.#vlans = table.vlans[row]!
  }

  get clientIp(): string {
    const { bytes, length } = this.client
    this.#clientIp ||= ipText(bytes, 0, length)
    return this.#clientIp
  }

  get serverIp(): string {
    const { bytes, length } = this.client
    this.#serverIp ||= ipText(bytes, length, length)
    return this.#serverIp
  }

  get id(): number {
    this.#id ||= flowId(this.communityId, this.#startUs)
    return this.#id
  }

  get communityId(): string {
    const { bytes, length } = this.client
    const protocol = this.protocol === 'UDP' ? UDP : TCP
    this.#communityId ||= communityId(bytes, 0, length, length, this.clientPort, this.serverPort, protocol)
    return this.#communityId
  }

  get vlans(): readonly number[] {
    if (this.#vlans === 0) return NO_VLANS
    const outer = this.#vlans & 0xffff
    const inner = this.#vlans >>> 16
    return [outer, inner].filter((id) => id !== 0).map((id) => id - 1)
  }

  get clientMac(): string {
    return macOf(this.#clientMac)
  }

  get serverMac(): string {
    return macOf(this.#serverMac)
  }
}

/** An address of NAT64 as the IPv4 address that it stands for; any other as it is. */
function withoutNat64(address: AddressBytes): AddressBytes {
  const { bytes, at, length } = address
  return isNat64(bytes, at, length) ? { bytes, at: at + NAT64_IPV4_AT, length: length - NAT64_IPV4_AT } : address
}

/** Texts of MAC addresses by their number: a sensor sees few, each in most of its events. */
const macTexts = new Map<number, string>()

function macOf(number: number): string {
  if (number === 0) return ''
  const known = macTexts.get(number)
  if (known !== undefined) return known
  const text = number
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?!$)/g, '$&:')
  if (macTexts.size >= MAC_TEXTS_MAX) macTexts.clear()
  macTexts.set(number, text)
  return text
}
