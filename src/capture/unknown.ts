/** What to say about a file whose first bytes are those of no capture format that we read. */

import type { Cause } from './faults.ts'

/** @param head the first four bytes */
export function unknownMagic(head: Uint8Array): Cause {
  const hex = Buffer.from(head).toString('hex')
  const known = KNOWN.find(([magic]) => hex.startsWith(magic))
  const magic = `unknown magic ${hex.replace(/..(?=.)/g, '$& ')}`
  if (known === undefined) return { reason: magic, advice: NOT_A_CAPTURE }
  return { reason: `${magic} (${known[1]}?)`, advice: known[2] }
}

/** Could there be packets in it: is it packed data, a capture of another program, or a file whose bytes were lost? */
export function mayHoldPackets({ advice }: Cause): boolean {
  return advice === UNPACK || advice === CONVERT || advice === COPY_AGAIN
}

const UNPACK = 'Unpack it first; of the packed files, gzip and zstd are read as they are.'
const CONVERT = 'Convert it: editcap -F pcapng IN OUT.'
const COPY_AGAIN = 'Copy the file again from where it was recorded.'
const NOT_A_CAPTURE = 'A capture in pcap or pcapng format is needed.'

/** First bytes in hex, what it is, what to do. */
const KNOWN: ReadonlyArray<readonly [magic: string, name: string, advice: string]> = [
  ['504b0304', 'a zip archive', UNPACK],
  ['377abcaf', 'a 7z archive', UNPACK],
  ['52617221', 'a RAR archive', UNPACK],
  ['425a68', 'bzip2 data', UNPACK],
  ['fd377a58', 'xz data', UNPACK],
  ['04224d18', 'lz4 data', UNPACK],
  ['1f9d', 'data of compress', UNPACK],
  ['1f8b', 'gzip data inside of compressed data', UNPACK],
  ['28b52ffd', 'zstd data inside of compressed data', UNPACK],
  ['736e6f6f', 'a snoop capture', CONVERT],
  ['474d4255', 'a capture of Network Monitor 2', CONVERT],
  ['52545353', 'a capture of Network Monitor 1', CONVERT],
  ['58435000', 'a capture of NetXray or Sniffer', CONVERT],
  ['5452534e', 'a capture of Sniffer', CONVERT],
  ['a1b2', 'a pcap variant that is not known', CONVERT],
  ['53514c69', 'an SQLite database', NOT_A_CAPTURE],
  ['7f454c46', 'a program', NOT_A_CAPTURE],
  ['25504446', 'a PDF document', NOT_A_CAPTURE],
  ['7b', 'JSON text', NOT_A_CAPTURE],
  ['00000000', 'a file of zeros: reserved on disk and never written', COPY_AGAIN],
]
