/**
 * Traffic that is hard on one part of a sensor each, for the bench: classic
 * pcap of a chosen number of packets, the same bytes for the same seed.
 *
 *   npx tsx test/bench/floods.ts KIND FILE --packets 1e6 --flows 1e4 --seed 1
 *
 *   flows   `flows` TCP connections at once: a SYN and a TLS hello each, then data packets of the client in random order
 *   small   DNS questions and answers, SYNs that nobody answers, and UDP packets of a few bytes, a third each
 *   syns    SYNs of ever new clients that nobody answers; every hundredth one sends a TLS hello, 20 ms later
 *   quic    protected Initials with a hello each, QUIC version 1, every one a flow of its own
 *
 * Addresses are private ones (RFC 1918), names lie below .example (RFC 2606).
 * Checksums are left at zero: none of the programs that are compared needs them.
 */

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { clientHello, crypto, initial } from '../support/quic-encoder.ts'
import { random } from '../support/random.ts'
import { A, dnsAnswer, dnsQuestion } from './dns.ts'
import { PcapWriter } from './pcap-writer.ts'

const START_US = Date.UTC(2026, 0, 15, 8) * 1_000
const GAP_US = 2
const ETHERNET_BYTES = 14
const IPV4_BYTES = 20
const TCP_BYTES = 20
const UDP_BYTES = 8
const FRAME_BYTES_MIN = 60
const TCP = 6
const UDP = 17
const SYN = 0x02
const ACK = 0x10
const DATA_BYTES = 200
const NAMES = 5_000
/** So that all flows fit the flow table at once. */
const CLIENTS = 400_000
const TINY_FLOWS = 2 ** 14
/** Of the SYNs: one connection among so many, and the packets until its hello. */
const EARNEST = 100
const PATIENCE = 10_000

type Random = (below: number) => number

export const FLOODS = ['flows', 'small', 'syns', 'quic'] as const
export type Flood = (typeof FLOODS)[number]

export interface FloodOptions {
  packets: number
  /** Of `flows` only. */
  flows: number
  seed: number
}

/** What is in the file. */
export interface FloodTruth {
  packets: number
  fileBytes: number
  flows: number
  dnsMessages: number
  hellos: number
}

/** Writes the file. Throws what the file system throws. */
export function makeFlood(kind: Flood, path: string, options: FloodOptions): FloodTruth {
  const writer = new PcapWriter(path)
  const frames = new Frames(writer)
  const next = random(options.seed)
  const counts = MAKERS[kind](frames, options, next)
  writer.close()
  return { packets: writer.packets, fileBytes: writer.fileBytes, dnsMessages: 0, hellos: 0, ...counts }
}

type Counts = Pick<FloodTruth, 'flows'> & Partial<FloodTruth>

const MAKERS: Record<Flood, (frames: Frames, options: FloodOptions, next: Random) => Counts> = {
  flows: (frames, { packets, flows }, next) => {
    const data = bytesOf(DATA_BYTES, next)
    const hello = helloRecord('host.site.example')
    const sequences = new Uint32Array(flows)
    const send = (flow: number, flags: number, payload: Buffer | null) => {
      frames.tcp(clientOf(flow), 0x0b000001 + (flow >> 12), flags, sequences[flow]!, payload)
      sequences[flow]! += payload?.length ?? 1
    }
    for (let flow = 0; flow < flows; flow++) send(flow, SYN, null)
    for (let flow = 0; flow < flows; flow++) send(flow, ACK, hello)
    for (let i = 2 * flows; i < packets; i++) send(next(flows), ACK, data)
    return { flows, hellos: flows }
  },

  small: (frames, { packets }, next) => {
    const messages = Array.from({ length: NAMES }, (_, i) => {
      const name = `host-${i}.site-${i % 97}.example`
      const address = Buffer.from([10, 99, i >> 8, i & 255])
      return [dnsQuestion(i, name, A).bytes, dnsAnswer(i, name, A, [], [address]).bytes] as const
    })
    const tiny = bytesOf(12, next)
    let dnsMessages = 0
    for (let i = 0; i + 4 <= packets; i += 4) {
      const client = clientOf((i >> 2) % CLIENTS)
      const [question, answer] = messages[next(NAMES)]!
      frames.udp(client, 0x0a000035, 53, question, true)
      frames.udp(client, 0x0a000035, 53, answer, false)
      frames.tcp(client, 0x0b000001, SYN, 0, null)
      frames.udp(clientOf((i >> 2) % TINY_FLOWS), 0x0b000002, 9999, tiny, true)
      dnsMessages += 2
    }
    const rounds = dnsMessages / 2
    return { flows: 2 * Math.min(rounds, CLIENTS) + Math.min(rounds, TINY_FLOWS), dnsMessages }
  },

  syns: (frames, { packets }) => {
    const hello = helloRecord('host.site.example')
    const waiting: End[] = []
    let [flows, hellos] = [0, 0]
    for (let i = 0; i < packets; i++) {
      if (i % EARNEST === EARNEST - 1 && i > PATIENCE) {
        frames.tcp(waiting.shift()!, 0x0b000001, ACK, 1, hello)
        hellos++
        continue
      }
      const client = clientOf(flows++)
      if (i % EARNEST === 0) waiting.push(client)
      frames.tcp(client, 0x0b000001, SYN, 0, null)
    }
    return { flows, hellos }
  },

  quic: (frames, { packets }, next) => {
    for (let i = 0; i < packets; i++) {
      const id = bytesOf(8, next)
      const hello = clientHello(`host-${i % NAMES}.site-${i % 97}.example`)
      frames.udp(clientOf(i), 0x0b000001 + (i % 251), 443, initial({ id, frames: [crypto(0, hello)] }), true)
    }
    return { flows: packets, hellos: packets }
  },
}

interface End {
  address: number
  port: number
}

/** One of 2^28 ends: 16 ports an address, so that many flows share one. */
function clientOf(flow: number): End {
  return { address: 0x0a100000 + (flow >> 4), port: 40_000 + (flow & 15) }
}

function bytesOf(length: number, next: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => next(256)))
}

/** A TLS record with a short hello for `name`. */
function helloRecord(name: string): Buffer {
  const hello = clientHello(name, 0, 'h2')
  return Buffer.concat([Buffer.from([22, 3, 1, hello.length >> 8, hello.length & 0xff]), hello])
}

/** Writes frames straight into the writer's chunk, one every GAP_US. */
class Frames {
  readonly #writer: PcapWriter
  #timeUs = START_US

  constructor(writer: PcapWriter) {
    this.#writer = writer
  }

  /** From a client to port 443. */
  tcp(client: End, server: number, flags: number, sequence: number, data: Buffer | null): void {
    const at = this.#begin(client, { address: server, port: 443 }, TCP, TCP_BYTES, data)
    const { bytes } = this.#writer
    bytes.writeUInt32BE(sequence, at + 4)
    bytes[at + 12] = (TCP_BYTES / 4) << 4
    bytes[at + 13] = flags
  }

  udp(client: End, server: number, port: number, data: Buffer, fromClient: boolean): void {
    const other = { address: server, port }
    const at = fromClient
      ? this.#begin(client, other, UDP, UDP_BYTES, data)
      : this.#begin(other, client, UDP, UDP_BYTES, data)
    this.#writer.bytes.writeUInt16BE(UDP_BYTES + data.length, at + 4)
  }

  /** Writes all but what only TCP or UDP has; returns where that header begins. */
  #begin(from: End, to: End, protocol: number, headerBytes: number, data: Buffer | null): number {
    this.#timeUs += GAP_US
    const ipBytes = IPV4_BYTES + headerBytes + (data?.length ?? 0)
    const length = Math.max(FRAME_BYTES_MIN, ETHERNET_BYTES + ipBytes)
    const at = this.#writer.begin(length, this.#timeUs)
    const { bytes } = this.#writer
    bytes.fill(0, at, at + length)
    bytes[at] = 2 // a locally administered address
    bytes[at + 6] = 2
    bytes.writeUInt16BE(0x0800, at + 12)
    const ip = at + ETHERNET_BYTES
    bytes[ip] = 0x45
    bytes.writeUInt16BE(ipBytes, ip + 2)
    bytes.writeUInt16BE(this.#writer.packets & 0xffff, ip + 4) // without an identification equal packets are copies
    bytes[ip + 8] = 64
    bytes[ip + 9] = protocol
    bytes.writeUInt32BE(from.address, ip + 12)
    bytes.writeUInt32BE(to.address, ip + 16)
    const transport = ip + IPV4_BYTES
    bytes.writeUInt16BE(from.port, transport)
    bytes.writeUInt16BE(to.port, transport + 2)
    data?.copy(bytes, transport + headerBytes)
    return transport
  }
}

function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      packets: { type: 'string', default: '1e6' },
      flows: { type: 'string', default: '1e4' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [kind, path] = positionals
  const flood = FLOODS.find((known) => known === kind)
  if (flood === undefined || path === undefined) {
    console.error(
      `usage: npx tsx test/bench/floods.ts ${FLOODS.join('|')} FILE [--packets 1e6] [--flows 1e4] [--seed 1]`,
    )
    process.exitCode = 2
    return
  }
  const { packets, flows, seed } = values
  console.log(JSON.stringify(makeFlood(flood, path, { packets: +packets, flows: +flows, seed: +seed })))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
