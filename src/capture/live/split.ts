/**
 * Filters that split the traffic of an interface among several children, so
 * that each frame is taken by exactly one of them, and both directions of a
 * flow by the same.
 *
 * What decides is the exclusive or of the two IP addresses, which is the same
 * in both directions, and of fragments as well. Everything whose addresses do
 * not lie where an untagged frame has them (other protocols, tags that the
 * card did not take off, frames too short for a header) belongs to child 0.
 * In a tunnel the outer addresses decide. The parts are complements by
 * construction; test/capture/live/split.test.ts has tcpdump prove it.
 *
 * A part comes before the user's own filter, because the words `vlan` and
 * `mpls` move what stands behind them.
 */

/** Shortest frames whose addresses are looked at: the longest link header (20 bytes) and the fixed IP header. */
const IP4_BYTES_MIN = 20 + 20
const IP6_BYTES_MIN = 20 + 40

const IP4 = `(ip and len >= ${IP4_BYTES_MIN})`
const IP6 = `(ip6 and len >= ${IP6_BYTES_MIN})`
const IP4_SUM = '(ip[12:4] ^ ip[16:4])'
const IP6_SUM = '(ip6[16:4] ^ ip6[20:4] ^ ip6[32:4] ^ ip6[36:4])'

/**
 * The pcap filter of child `index` of `count` (at least 1) with what the user wants to see, `filter`, which may be
 * empty. The last bytes of addresses differ most, and the remainder looks at them.
 */
export function splitFilter(filter: string, index: number, count: number): string {
  if (count === 1) return filter
  const shares = [`(${IP4} and ${IP4_SUM} % ${count} = ${index})`, `(${IP6} and ${IP6_SUM} % ${count} = ${index})`]
  if (index === 0) shares.push(`(not ${IP4} and not ${IP6})`)
  const part = `(${shares.join(' or ')})`
  return filter.trim() === '' ? part : `${part} and (${filter})`
}
