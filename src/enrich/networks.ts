/**
 * Country and autonomous system of an address, from a file that
 * build-networks.ts makes of two npm packages when the project is built.
 *
 * The file is read once and looked at in place; a name is decoded when it is
 * asked for. All numbers are 32 bits in the byte order of the machine, since
 * the file is built where it is used; `order` tells when it was not.
 *
 *   magic     8 bytes  "SWNETS01"
 *   order     1 word   0x01020304
 *   pieces    4 words  how many pieces the four tables have
 *   systems   1 word   how many autonomous systems there are
 *   names     1 word   how many bytes their names take
 *   tables             countries IPv4, countries IPv6, systems IPv4, systems
 *                      IPv6: starts (1 or 4 words a piece), then values
 *   asn       systems words: their numbers
 *   nameEnd   systems words: where each name ends in the names
 *   names     UTF-8, one after the other; what strangers wrote into registries
 *
 * The tables are those of bytes/ranges.ts. The value of a country is its two
 * letters as one number ("CN" is 0x434e), of a system its index.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AddressTable, NONE, type RangeTable } from '../bytes/ranges.ts'

export const MAGIC = 'SWNETS01'
export const ORDER = 0x01020304
export const HEADER_WORDS = 9 // the magic counts as two

export interface AutonomousSystem {
  asn: number
  /** As in the registry; may hold any character. */
  name: string
}

/**
 * Opens the file; without `file` the one of the build. Throws an Error with place, cause and what to do when it is not
 * there or is not such a file.
 */
export function loadNetworks(file?: string): Networks {
  for (const path of file === undefined ? BUILT : [file]) {
    let bytes: Uint8Array
    try {
      bytes = readFileSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw error
    }
    return new Networks(bytes, path)
  }
  throw new Error(`${file ?? BUILT[0]}: the table of countries and networks is not there; run npm run build`)
}

/** Beside this file when it runs from dist, and in dist when it runs from src. */
const BUILT = ['./networks.bin', '../../dist/enrich/networks.bin'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

export class Networks {
  readonly #countries: AddressTable
  readonly #systems: AddressTable
  readonly #asn: Uint32Array
  readonly #nameEnd: Uint32Array
  readonly #names: Buffer

  /** Keeps `bytes`. Throws an Error that names `path` when they are not a whole file of the format above. */
  constructor(bytes: Uint8Array, path: string) {
    const reader = new WordReader(bytes)
    const pieces = readHeader(reader, bytes, path)
    const [countries4, countries6, systems4, systems6] = pieces
    this.#countries = new AddressTable(reader.table(countries4, 1), reader.table(countries6, 4))
    this.#systems = new AddressTable(reader.table(systems4, 1), reader.table(systems6, 4))
    this.#asn = reader.words(pieces[4])
    this.#nameEnd = reader.words(pieces[4])
    this.#names = Buffer.from(bytes.buffer, bytes.byteOffset + reader.at, pieces[5])
  }

  /** ISO 3166 alpha-2 of the address of `length` bytes (4 or 16, network byte order) at `at`; empty when unknown. */
  country(bytes: Uint8Array, at: number, length: number): string {
    const value = this.#countries.find(bytes, at, length)
    return value === NONE ? '' : String.fromCharCode(value >> 8, value & 0xff)
  }

  /** The number of the autonomous system that announces the address; 0 when unknown. */
  asNumber(bytes: Uint8Array, at: number, length: number): number {
    const index = this.#systems.find(bytes, at, length)
    return index === NONE ? 0 : this.#asn[index]!
  }

  /** The autonomous system that announces the address, or null. Its name is decoded on each call. */
  asn(bytes: Uint8Array, at: number, length: number): AutonomousSystem | null {
    const index = this.#systems.find(bytes, at, length)
    if (index === NONE) return null
    const nameStart = index === 0 ? 0 : this.#nameEnd[index - 1]!
    return { asn: this.#asn[index]!, name: this.#names.toString('utf8', nameStart, this.#nameEnd[index]) }
  }
}

type Counts = readonly [number, number, number, number, number, number]

function readHeader(reader: WordReader, bytes: Uint8Array, path: string): Counts {
  const fail = (cause: string): Error => new Error(`${path}: ${cause}; run npm run build`)
  if (bytes.length < HEADER_WORDS * 4 || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== MAGIC)
    throw fail('is not a table of countries and networks of this version')
  const [, , order, ...rest] = reader.words(HEADER_WORDS)
  if (order !== ORDER) throw fail('was built on a machine with another byte order')
  const counts = rest as unknown as Counts
  const [countries4, countries6, systems4, systems6, systems, names] = counts
  const words = HEADER_WORDS + 2 * (countries4 + systems4) + 5 * (countries6 + systems6) + 2 * systems
  if (words * 4 + names !== bytes.length)
    throw fail(`has ${bytes.length} bytes where ${words * 4 + names} are expected`)
  return counts
}

/** Hands out views of a file, one after the other. */
class WordReader {
  readonly #bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    // A view needs its words at a multiple of four; what readFileSync gives may share a larger buffer.
    this.#bytes = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes)
  }

  words(count: number): Uint32Array {
    const view = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + this.at, count)
    this.at += count * 4
    return view
  }

  table(pieces: number, startWords: number): RangeTable {
    const starts = this.words(pieces * startWords)
    const values = this.words(pieces)
    return { starts, values: new Int32Array(values.buffer, values.byteOffset, pieces) }
  }
}
