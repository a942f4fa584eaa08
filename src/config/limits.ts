/**
 * Everything that is kept has a bound, and this is the table of them. What is
 * refused for want of room is counted, and the counters are part of every
 * summary.
 */

export interface Limits {
  /** Most flows at once. A row costs about 130 bytes once it has been used. */
  flows: number
  /** Most bytes of one direction of one connection that are put in order. */
  streamBytes: number
  /** Most bytes of all connections together that are put in order. */
  streamBytesAll: number
  /** Most pairs of client and address that are remembered from DNS. */
  toldAddresses: number
  /** Most addresses that are remembered as resolvers or proxies. */
  roles: number
  /** Most addresses of which it is remembered what the machine is called. */
  assetNames: number
  /** Most alerts that may still change. */
  openAlerts: number
  /** Most clients of which it is remembered that they showed something that strengthens alerts. */
  clueClients: number
  /** Most contacts that may still go on. */
  openContacts: number
  /** Microseconds of silence after which a flow is over. */
  idleUs: {
    /** TCP with payload both ways. */
    tcpEstablished: number
    /** TCP that has not come that far. */
    tcpNew: number
    /** TCP after FIN both ways or RST: late packets still belong to it. */
    tcpClosed: number
    udp: number
    /** UDP flows of DNS: one question and its answer. */
    dns: number
  }
}

export const LIMITS: Limits = {
  flows: 1_000_000,
  streamBytes: 147_456, // the longest hello, in records of 64 bytes
  streamBytesAll: 256 << 20,
  toldAddresses: 200_000,
  roles: 10_000,
  assetNames: 50_000,
  openAlerts: 50_000,
  clueClients: 20_000,
  openContacts: 50_000,
  idleUs: {
    tcpEstablished: 600e6,
    tcpNew: 60e6,
    tcpClosed: 10e6,
    udp: 120e6,
    dns: 30e6,
  },
}
