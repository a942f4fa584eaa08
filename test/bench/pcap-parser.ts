/**
 * Counts the packets of a classic pcap file with the npm package `pcap-parser`
 * and prints the number: the peer in Node that the bench compares with, and a
 * second opinion in tests. It does nothing else with the packets.
 *
 * The bench runs it compiled (see `compiled` in programs.ts), so that its time
 * is not that of a compiler starting.
 */

import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'

interface PcapParser {
  parse(path: string): EventEmitter
}

// The package has no types and is CommonJS.
const { parse }: PcapParser = createRequire(import.meta.url)('pcap-parser')

const path = process.argv[2]
if (path === undefined) throw new Error('usage: node pcap-parser.js FILE')

let packets = 0
parse(path)
  .on('packet', () => packets++)
  .on('error', (error: Error) => {
    throw error
  })
  .on('end', () => console.log(packets))
