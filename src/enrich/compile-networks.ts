/**
 * Makes the file of networks.ts out of the CSV files of @ip-location-db: rows
 * of `first address,last address,what`, addresses as decimal numbers, both
 * included; what is a country, or an AS number and the name of the AS.
 *
 * The rows of these files overlap in places, and they know networks that are
 * nobody's. So these rules hold, whatever order the rows have:
 *
 * - of overlapping rows the narrowest decides, since it is the exception that
 *   somebody announced inside a larger block; of equally narrow ones the first;
 * - addresses with a special purpose (private, link-local, documentation,
 *   multicast, 6to4) have no country and no system, whatever the rows say;
 * - AS 0 is nobody (RFC 7607), so its rows are left out;
 * - the name of a system is the first one met, cut at 200 characters;
 * - a row that cannot be read stops the build, with file and line.
 */

import { parseCidr } from '../bytes/cidr.ts'
import { flattenIpv4, flattenIpv6, NONE, type Range, type RangeTable } from '../bytes/ranges.ts'
import { HEADER_WORDS, MAGIC, ORDER } from './networks.ts'

const NAME_CHARACTERS_MAX = 200

/** The registries of special-purpose addresses (RFC 6890), and multicast. */
const SPECIAL_IPV4 = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4`
/** All but 2000::/3, and of that what has a special purpose: 2001::/23 (protocols), documentation and 6to4. */
const SPECIAL_IPV6 = '::/3 2001::/23 2001:db8::/32 2002::/16 3fff::/20 4000::/2 8000::/1'

/** A CSV file: its name for messages, and its text. */
export interface CsvFile {
  name: string
  text: string
}

export interface NetworkSources {
  countriesIpv4: CsvFile
  countriesIpv6: CsvFile
  systemsIpv4: CsvFile
  systemsIpv6: CsvFile
}

/** The bytes of the file that `loadNetworks` opens. Throws an Error with file and line for a row that is none. */
export function compileNetworks(sources: NetworkSources): Uint8Array {
  const systems = new Systems()
  const specialIpv4 = special(SPECIAL_IPV4)
  const specialIpv6 = special(SPECIAL_IPV6)
  const system = (fields: string[]): number => systems.value(fields)
  const tables = [
    flattenIpv4(readRows(sources.countriesIpv4, 32, countryValue), specialIpv4),
    flattenIpv6(readRows(sources.countriesIpv6, 128, countryValue), specialIpv6),
    flattenIpv4(readRows(sources.systemsIpv4, 32, system), specialIpv4),
    flattenIpv6(readRows(sources.systemsIpv6, 128, system), specialIpv6),
  ]
  return encode(tables, systems)
}

function special(cidrs: string): Range[] {
  return cidrs.split(/\s+/).map((cidr) => ({ ...parseCidr(cidr), value: NONE }))
}

/** The rows of a file as ranges of addresses of `bits`; those whose value is NONE are left out. */
function readRows(file: CsvFile, bits: number, readValue: (fields: string[]) => number): Range[] {
  const ranges: Range[] = []
  file.text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return
    try {
      const [first = '', last = '', ...fields] = csvFields(line.trimEnd())
      const value = readValue(fields)
      const range = { start: decimal(first), end: decimal(last), value }
      if (range.end >= 1n << BigInt(bits)) throw new RangeError(`has an address of more than ${bits} bits`)
      if (range.start > range.end) throw new RangeError('ends before it starts')
      if (value !== NONE) ranges.push(range)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new Error(`${file.name}:${i + 1}: the row ${error.message}; install another version of this package`)
    }
  })
  return ranges
}

/** The fields of one line of CSV, RFC 4180 section 2, without line breaks inside quotes. */
function csvFields(line: string): string[] {
  const fields: string[] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/gy
  for (;;) {
    const match = pattern.exec(line)
    if (match === null) throw new RangeError('has a quote where none may be')
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!)
    if (match[3] === '') return fields
  }
}

function decimal(text: string): bigint {
  if (!/^\d{1,39}$/.test(text)) throw new RangeError('has an address that is not a decimal number')
  return BigInt(text)
}

function countryValue([country = '', ...more]: string[]): number {
  if (!/^[A-Z]{2}$/.test(country) || more.length > 0) throw new RangeError('does not end in a country of two letters')
  return (country.charCodeAt(0) << 8) | country.charCodeAt(1)
}

/** The autonomous systems in the order they were met. */
class Systems {
  readonly numbers: number[] = []
  readonly names: string[] = []
  readonly #indexOf = new Map<number, number>()

  value([number = '', name = '', ...more]: string[]): number {
    const asn = Number(number)
    if (!/^\d{1,10}$/.test(number) || asn > 0xffffffff || more.length > 0)
      throw new RangeError('does not end in a number and a name of an autonomous system')
    if (asn === 0) return NONE
    let index = this.#indexOf.get(asn)
    if (index === undefined) {
      index = this.numbers.length
      this.#indexOf.set(asn, index)
      this.numbers.push(asn)
      this.names.push([...name].slice(0, NAME_CHARACTERS_MAX).join(''))
    }
    return index
  }
}

function encode(tables: readonly RangeTable[], systems: Systems): Uint8Array {
  const names = systems.names.map((name) => Buffer.from(name))
  let end = 0
  const nameEnds = names.map((name) => (end += name.length))
  const header = new Uint32Array(HEADER_WORDS)
  new Uint8Array(header.buffer).set(Buffer.from(MAGIC, 'latin1'))
  header.set([ORDER, ...tables.map(({ values }) => values.length), names.length, end], 2)

  const words = [
    header,
    ...tables.flatMap(({ starts, values }) => [starts, values]),
    Uint32Array.from(systems.numbers),
    Uint32Array.from(nameEnds),
  ]
  return Buffer.concat([...words.map((part) => new Uint8Array(part.buffer)), ...names])
}
