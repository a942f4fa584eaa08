/**
 * A set of address ranges that is asked about addresses from the wire.
 *
 * Ranges may nest and overlap; the most specific one answers. They become the
 * flat tables of bytes/ranges.ts, so a question is one binary search, for IPv4
 * inside IPv6 (::ffff:a.b.c.d) in the table of IPv4.
 */

import { parseCidr } from '../bytes/cidr.ts'
import { AddressTable, flattenIpv4, flattenIpv6, type Range } from '../bytes/ranges.ts'

export class NetworkSet {
  readonly #table: AddressTable

  /**
   * Ranges in CIDR notation; of ranges that are the same the first one counts.
   * Throws a RangeError for a text that is none, which the check of a pack rules out.
   */
  constructor(cidrs: readonly string[]) {
    const ipv4: Range[] = []
    const ipv6: Range[] = []
    cidrs.forEach((text, value) => {
      const { family, start, end } = parseCidr(text)
      const ranges = family === 4 ? ipv4 : ipv6
      ranges.push({ start, end, value })
    })
    this.#table = new AddressTable(flattenIpv4(ipv4), flattenIpv6(ipv6))
  }

  /**
   * The index of the most specific range that holds the address of `length` bytes (4 or 16, network byte order) at
   * `at`, or -1. Does not check that the bytes are there.
   */
  find(bytes: Uint8Array, at: number, length: number): number {
    return this.#table.find(bytes, at, length)
  }
}
