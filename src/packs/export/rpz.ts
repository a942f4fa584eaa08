/**
 * A response policy zone for BIND, Knot, PowerDNS and Unbound
 * (draft-vixie-dnsop-dns-rpz): a name that is not to be answered is `CNAME .`,
 * which makes NXDOMAIN, and an exception below it is `CNAME rpz-passthru.`.
 *
 *   deepseek.com      CNAME .       the name
 *   *.deepseek.com    CNAME .       all below it
 *   32.63.21.173.3.rpz-ip CNAME .   any name whose answer is 3.173.21.63
 *
 * Owner names are relative, so the zone may have whatever name one gives it.
 */

import type { Cidr } from '../../bytes/cidr.ts'
import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { commonSerial } from './identity.ts'
import { leaveOut, type Name, nameList, splitNames } from './name.ts'
import { isNetwork, networksOf, outermost, prefixLength } from './network.ts'

/** A name of the zone ends in the name of the zone, and both may have 253 characters together. */
const NAME_CHARACTERS_MAX = 190

/** One zone file, `seekwatch.rpz`. */
export function writeRpz(entries: readonly Entry[], left: LeftOut): ExportFile[] {
  const { named, others } = splitNames(entries, left)
  const short = named.filter(({ value }) => value.length <= NAME_CHARACTERS_MAX)
  left.entry('names too long to stand in front of the name of a zone', named.length - short.length)
  const { names, exceptions } = nameList(short)
  const ranges = outermost(others.flatMap((entry) => (isNetwork(entry) ? networksOf(entry, left) : [])))
  for (const entry of others) if (!isNetwork(entry)) leaveOut(entry, left)

  const serial = commonSerial([...new Map(entries.map(({ pack }) => [pack.id, pack.version])).values()])
  // Two CNAMEs at one owner would be no zone, and a rule may except the very name below which it watches.
  const targets = new Map<string, string>()
  const add = (target: string, { value, match }: Name): void => {
    for (const owner of match === 'suffix' ? [value, `*.${value}`] : [value])
      if (!targets.has(owner)) targets.set(owner, target)
  }
  for (const exception of exceptions) add('rpz-passthru.', exception)
  for (const name of names) add('.', name)
  for (const range of ranges) targets.set(rangeOwner(range), '.')
  const records = [...targets].map(([owner, target]) => `${owner} CNAME ${target}\n`)
  return [{ name: 'seekwatch.rpz', text: `${head(serial)}${records.join('')}` }]
}

function head(serial: number): string {
  return `; A response policy zone made from rule packs. What is changed here is lost with the next export.
$TTL 300
@ SOA localhost. hostmaster.localhost. ${serial} 3600 600 604800 300
@ NS localhost.
`
}

/** The prefix length, then the address backwards; of IPv6 the longest run of zero words is `zz`. */
function rangeOwner(range: Cidr): string {
  return `${prefixLength(range)}.${range.family === 4 ? reversed4(range.start) : reversed6(range.start)}.rpz-ip`
}

function reversed4(address: bigint): string {
  return [0n, 8n, 16n, 24n].map((shift) => String((address >> shift) & 0xffn)).join('.')
}

function reversed6(address: bigint): string {
  const words = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(16 * i)) & 0xffffn).toString(16))
  const { start, length } = longestZeros(words)
  if (length > 1) words.splice(start, length, 'zz')
  return words.join('.')
}

/** Of runs that are equally long the last, which is the first of the address as people write it: BIND takes no other. */
function longestZeros(words: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 }
  for (let start = 0; start < words.length; start++) {
    let length = 0
    while (words[start + length] === '0') length++
    if (length >= longest.length) longest = { start, length }
  }
  return longest
}
