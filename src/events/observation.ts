/**
 * Facts seen on the wire, as they leave the sensor. Types only.
 *
 * Names in here are what a stranger sent: text with one character per byte,
 * lower case for DNS, not checked for anything. Times are packet time in
 * microseconds since 1970.
 */

/** Where a packet was read. */
export interface Place {
  /** Capture file as given on the command line, or the interface. */
  file: string
  /** Number of the packet in its file, from 1. */
  packet: number
}

/** The flow an observation belongs to: who began it is the client. */
export interface FlowRef {
  /** Stable: from endpoints, protocol and the time of the first packet. 51 bits, so JSON keeps it exact. */
  id: number
  protocol: 'TCP' | 'UDP'
  clientIp: string
  clientPort: number
  serverIp: string
  serverPort: number
  communityId: string
  /** VLAN ids, outermost first. */
  vlans: number[]
  /** Empty where the link has no MAC addresses. */
  clientMac: string
  serverMac: string
}

interface Observed extends Place {
  timeUs: number
  flow: FlowRef
}

/** A TLS ClientHello. */
export interface TlsObservation extends Observed {
  kind: 'tls'
  /** Empty when the hello carries no server name. */
  serverName: string
  alpn: string[]
  /** Versions the client offers, as numbers: 0x0304 is TLS 1.3. */
  versions: number[]
}

export interface DnsQuestion {
  name: string
  type: number
}

export interface DnsRecord {
  name: string
  type: number
  /** Seconds. */
  ttl: number
  /** Text of A, AAAA and CNAME; for other types empty. */
  data: string
  /** Length of the record's data in bytes. */
  dataBytes: number
}

/** A DNS message. */
export interface DnsObservation extends Observed {
  kind: 'dns'
  answer: boolean
  /** Transaction id. */
  id: number
  /** The 16 bits of the header's second word. */
  flags: number
  questions: DnsQuestion[]
  answers: DnsRecord[]
}

/** A flow that is over, or that the end of the input cut off. */
export interface FlowObservation extends Observed {
  kind: 'flow'
  startUs: number
  endUs: number
  packetsOut: number
  packetsIn: number
  bytesOut: number
  bytesIn: number
  /** The server sent payload. */
  answered: boolean
  state: 'new' | 'established' | 'closed'
  reason: 'shutdown' | 'timeout' | 'forced'
  /** What the flow was recognised as: `tls`, `dns`, or empty. */
  application: string
  /** An alert was made of it. */
  alerted: boolean
  /** All TCP flags seen, each way; 0 for UDP. */
  tcpFlagsOut: number
  tcpFlagsIn: number
}

/** What the sensor did, and what it could not see. Counters since the start of the run. */
export interface StatsObservation {
  kind: 'stats'
  timeUs: number
  /** Dotted names (`decode.unsupported_link`), in a fixed order. */
  counters: Record<string, number>
}

export type Observation = TlsObservation | DnsObservation | FlowObservation | StatsObservation
