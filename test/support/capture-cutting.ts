/** Captures made of others: some of their frames, with other times, in files of their own. */

import { readFileSync } from 'node:fs'

/** A little-endian pcap file as its header and its records, bytes as they are. */
export interface PcapPieces {
  header: Buffer
  records: Buffer[]
}

/** Throws for what is none. */
export function pcapPieces(path: string): PcapPieces {
  const file = readFileSync(path)
  if (![0xa1b2c3d4, 0xa1b23c4d].includes(file.readUInt32LE(0))) throw new Error(`${path} is no little-endian pcap file`)
  const records: Buffer[] = []
  for (let at = 24; at < file.length; ) {
    const end = at + 16 + file.readUInt32LE(at + 8)
    records.push(file.subarray(at, end))
    at = end
  }
  return { header: file.subarray(0, 24), records }
}

export function pcapOf({ header, records }: PcapPieces): Buffer {
  return Buffer.concat([header, ...records])
}
