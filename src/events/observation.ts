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
  /** Stable: from endpoints, protocol and the time of the first packet. 48 bits, so JSON keeps it exact. */
  id: number
  protocol: 'TCP' | 'UDP'
  clientIp: string
  clientPort: number
  serverIp: string
  serverPort: number
  communityId: string
  /** VLAN ids, outermost first. */
  vlans: readonly number[]
  /** Empty where the link has no MAC addresses. */
  clientMac: string
  serverMac: string
}

interface Observed extends Place {
  timeUs: number
  flow: FlowRef
}

/** A TLS or DTLS connection: what the client said first, and what the server answered. */
export interface TlsObservation extends Observed {
  kind: 'tls'
  /** Empty when the hello carries no server name, and when only the server was seen. */
  serverName: string
  alpn: string[]
  /** Versions the client offers, as numbers: 0x0304 is TLS 1.3. */
  versions: number[]
  /** Absent when only the server was seen. */
  client?: TlsClient | undefined
  /** Absent when no answer was seen, or none that could be read. */
  server?: TlsServer | undefined
}

/** More of a ClientHello. Lists are without GREASE, in the order sent, and cut at a bound. */
export interface TlsClient {
  /** The newest version that it offers; 0 when that is not known. */
  version: number
  /** Numbers of the IANA registries. */
  cipherSuites: number[]
  extensions: number[]
  signatureAlgorithms: number[]
  groups: number[]
  /** Absent where a fingerprint means nothing: a hello whose end is missing, or one of SSL 2.0. */
  fingerprints?: TlsFingerprints | undefined
  /** It offered to go on with an earlier session, so the server may show no certificate. */
  offersResumption: boolean
  /** The end of the hello was missing; `serverName` is still as it was sent, or empty. */
  isPartial: boolean
  /** Encrypted Client Hello: the server name may be a public one that hides another. */
  ech?: TlsEch | undefined
  /** An encrypted server name of the drafts before ECH. */
  hasEsni: boolean
}

export interface TlsFingerprints {
  /** Empty when it is too long to be of use. */
  ja3Text: string
  ja3: string
  ja4: string
}

export interface TlsEch {
  form: 'outer' | 'inner'
  /** Numbers of the IANA registries of HPKE. */
  kdf: number
  aead: number
  configId: number
  payloadBytes: number
  /** The shape in which large browsers send it when they hide nothing; a real one may have it too. */
  hasGreaseShape: boolean
}

/** What a TLS server answered. */
export interface TlsServer {
  /** 0 while there was no ServerHello, as when the server refused at once. */
  version: number
  cipherSuite: number
  extensions: number[]
  /** The protocol chosen; empty when it is not to be seen. */
  alpn: string
  isResumed: boolean
  /** The client had to say hello twice. */
  wasRetried: boolean
  /** Name of the first alert in the clear, as `handshake_failure`; empty when there was none. */
  alert: string
  /** Absent in TLS 1.3, where it is encrypted, in resumed sessions, and when it could not be read. */
  certificate?: TlsCertificate | undefined
  /** How many certificates were sent; 0 when that was not to be seen. */
  chainLength: number
}

/** A server's certificate, as the server claims it: nothing is verified. */
export interface TlsCertificate {
  /** One line for people; what stands in it is not escaped. */
  subject: string
  issuer: string
  commonName: string
  /** `0A:1B`. */
  serial: string
  /** `2026-01-04T10:48:43`, UTC; empty when it is no time. */
  notBefore: string
  notAfter: string
  /** SHA-1, `0a:1b`. */
  fingerprint: string
  /** Alternative names. */
  dnsNames: string[]
  ipAddresses: string[]
  /** How many alternative names were not kept. */
  namesLeftOut: number
}

/**
 * Why a name cannot be read: its pointers lead in a circle, it is longer than names may be, a label is of a kind that
 * does not exist, or the message ends before the name (or its question) does.
 */
export type NameFault = 'loop' | 'long' | 'label' | 'cut'

export interface DnsQuestion {
  /** Empty for the root, and when it cannot be read. */
  name: string
  /** 0 when the message broke off before it. */
  type: number
  /** Absent for a name that was read. */
  unreadable?: NameFault
}

export interface DnsRecord {
  name: string
  type: number
  /** Seconds. */
  ttl: number
  /**
   * The data as zone files write it (RFC 1035 section 5, names without the final dot); a type that is not known as
   * `\# 2 0a0b`. Empty when the data does not follow the form of its type.
   */
  data: string
  /** Length of the record's data in bytes. */
  dataBytes: number
  /** The parts of `data`, for types that have some worth naming. */
  fields?: DnsFields
}

/** Parts of a record's data. Names are as in `DnsRecord`, but empty for the root; hex is lower case without separators. */
export type DnsFields =
  | { kind: 'mx'; preference: number; exchange: string }
  /** TXT and its like; one character per byte. */
  | { kind: 'txt'; strings: string[] }
  /** NULL; one character per byte. */
  | { kind: 'null'; bytes: string }
  | {
      kind: 'soa'
      mname: string
      rname: string
      serial: number
      refresh: number
      retry: number
      expire: number
      minimum: number
    }
  | { kind: 'srv'; priority: number; weight: number; port: number; target: string }
  | { kind: 'sshfp'; algorithm: number; fingerprintType: number; fingerprint: string }
  /** EDNS. The extended response code is the 8 bits above those in `flags`. */
  | {
      kind: 'opt'
      udpBytes: number
      extendedRcode: number
      version: number
      dnssecOk: boolean
      options: Array<{ code: number; data: string }>
    }
  /**
   * SVCB and HTTPS. An empty target is the owner of the record. `hints` are addresses of the target, as good as A and
   * AAAA records; `port` is 0 when none is given; `echBytes` is the length of the ECH configuration, 0 without one.
   */
  | {
      kind: 'svcb'
      priority: number
      target: string
      alpn: string[]
      port: number
      hints: string[]
      echBytes: number
    }
  /** NB of the NetBIOS name service. */
  | { kind: 'netbios'; group: boolean; addresses: string[] }

/** What a DNS message was sent for: only `dns` is between a client and a resolver, the others stay on the link. */
export type DnsService = 'dns' | 'mdns' | 'llmnr' | 'nbns'

/** A DNS message. Its names are printable ASCII; every dot in them is a border between labels, others are `\046`. */
export interface DnsObservation extends Observed {
  kind: 'dns'
  service: DnsService
  /**
   * The message stands in a packet that an ICMP error quotes; this is who sent the error. `flow` is then what the
   * quotation says, has no id, and was perhaps never seen. Absent for messages that were sent.
   */
  quotedBy?: string
  answer: boolean
  /** Transaction id. */
  id: number
  /** The 16 bits of the header's second word. */
  flags: number
  questions: DnsQuestion[]
  answers: DnsRecord[]
  authorities: DnsRecord[]
  additionals: DnsRecord[]
}

/** A request of HTTP/1 or of HTTP/2 without TLS, and its response when that was seen: one observation per request. */
export interface HttpObservation extends Observed {
  kind: 'http'
  /** As sent: `GET`, `CONNECT`, or any other word. */
  method: string
  /** What is asked for: lower case, without port, brackets and the dot of the root; empty when nothing says it. */
  host: string
  /** The port that the client stated with it; 0 when it stated none. */
  port: number
  /** The field Host as sent; empty when there is none. */
  hostHeader: string
  /** Further Host fields with other values. */
  moreHosts: string[]
  /** The target of the request line, or `:path`, as sent. */
  url: string
  /** Ten times the version: 11 for HTTP/1.1; 9 when none was sent. */
  version: number
  /** Of HTTP/2; 0 in HTTP/1. */
  streamId: number
  userAgent: string
  referer: string
  /** For whom a proxy says it asks; several fields joined by `, `. */
  xForwardedFor: string
  forwarded: string
  /** Protocols that the client offers to switch to, in lower case: `websocket`, `h2c`. */
  upgrades: string[]
  /** Names of the ways in which the request departs from the RFCs. */
  deviations: string[]
  /** The end of its head was cut, lost, or further away than is read: only what stood before it is here. */
  isPartial: boolean
  /** Absent when none was seen, or none that can be said to be this request's. */
  response?: HttpResponse | undefined
}

export interface HttpResponse {
  /** 100 to 999. */
  status: number
  contentType: string
  /** Content-Length in bytes; -1 when it was not sent or is no number. */
  length: number
  /** Where it sends the client instead; empty when it does not. */
  location: string
  server: string
}

/** A QUIC client's hello. */
export interface QuicObservation extends Observed {
  kind: 'quic'
  /** As Suricata names it: `1`, `v2`, `draft-29`, `Q046`. */
  version: string
  /** Empty when the hello carries no server name. */
  serverName: string
  alpn: string[]
  /** What Google's own hello says; empty otherwise. */
  userAgent: string
  /** Absent for Google's own hello, which is no TLS. */
  client?: TlsClient | undefined
}

/** What a client asked a SOCKS proxy for. */
export interface SocksObservation extends Observed {
  kind: 'socks'
  /** 4 or 5. */
  version: number
  /** 1 CONNECT, 2 BIND, 3 UDP ASSOCIATE. */
  command: number
  /** Name or address, as sent. */
  host: string
  port: number
  user: string
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
  /** What the flow was recognised as: `tls`, `quic`, `dtls`, `dns`, `http`, `socks`, or empty. */
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

export type Observation =
  | TlsObservation
  | QuicObservation
  | DnsObservation
  | HttpObservation
  | SocksObservation
  | FlowObservation
  | StatsObservation
