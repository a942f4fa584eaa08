/** What detection wants to know of a flow. The sensor answers from its flow table, so the numbers are those of now. */

import type { FlowRef, Place } from '../events/observation.ts'
import type { Answer } from './answer.ts'
import type { Rhythm } from './rhythm.ts'

/** An address as bytes: `bytes[at, at + length)`, 4 or 16 of them. */
export interface AddressBytes {
  bytes: Uint8Array
  at: number
  length: number
}

/** An address as text and as bytes. */
export interface Goal {
  ip: string
  address: AddressBytes
  /** It was a proxy that was told to go there. */
  isByProxy: boolean
}

export interface FlowFacts {
  readonly ref: FlowRef
  readonly client: AddressBytes
  /** An address of NAT64 is given as the IPv4 address that it stands for. */
  readonly server: AddressBytes
  /** Whom the client wants to reach: the server, or the address that it told a proxy. */
  readonly goal: Goal
  readonly startUs: number
  readonly lastUs: number
  readonly packetsOut: number
  readonly packetsIn: number
  readonly bytesOut: number
  readonly bytesIn: number
  /** What the server made of it, as far as has been seen. */
  readonly answer: Answer
  /** For whom the client says it asks (PROXY protocol, X-Forwarded-For, Forwarded): addresses, few. */
  readonly forwardedFor: readonly string[]
  /** How client and server took turns since the flow has alerts; undefined while it has none. */
  readonly rhythm: Rhythm | undefined
}

/** A fact's flow, where its packet lies, and when that passed. */
export interface Sight {
  flow: FlowFacts
  /** Kept by reference. What is only known when a flow is over stands at its first packet, if no other says it. */
  place: Place
  /** Time of the packet that lies there. */
  placeUs: number
  /** Time of the flow's newest packet: how long the fact was true, whenever it became known. */
  timeUs: number
}
