/**
 * The child process of the adapter cap: `node cap-child.js DEVICE RING_MIB FILTER`.
 * Writes pcap to standard output, each packet stamped with the moment in which
 * it was handed to us.
 *
 * The package writes each packet into one buffer, which it does not keep
 * alive: `packet` is referenced for as long as the process lives, or it would
 * write into freed memory. While packets keep coming it does not return to the
 * event loop, so what has collected is written out by its size and by its age,
 * and by the loop only when it is quiet. Writing to the pipe waits; the
 * kernel's ring takes the packets meanwhile.
 */

import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'

/** What we use of the package; it has no types. */
interface CapModule {
  Cap: new () => {
    open(device: string, filter: string, ringBytes: number, buffer: Buffer): string
    setMinBytes?(bytes: number): void
    on(event: 'packet', listener: (bytes: number, isCut: boolean) => void): void
    close(): void
  }
  findDevice?(ip?: string): string | undefined
}

const FRAME_BYTES_MAX = 65_535
const PIECE_BYTES = 256 * 1024
/** How long packets may lie here. */
const HELD_US_MAX = 20_000
const RECORD_HEADER_BYTES = 16
const MAGIC = 0xa1b2c3d4
/** Names of the package and numbers of https://www.tcpdump.org/linktypes.html. */
const LINK_TYPES: Readonly<Record<string, number>> = { ETHERNET: 1, NULL: 0, RAW: 101, LINKTYPE_LINUX_SLL: 113 }
const EXIT_REFUSED = 1

const packet = Buffer.alloc(FRAME_BYTES_MAX)
const piece = Buffer.alloc(PIECE_BYTES)
let pieceBytes = 0
let oldestUs = 0
let isDue = false

main(process.argv.slice(2))

function main([device = '', ringMiB = '64', filter = '']: string[]): void {
  const capture = openCapture()
  try {
    const link = capture.open(device, filter, Number(ringMiB) * 1024 * 1024, packet)
    const linkType = LINK_TYPES[link]
    if (linkType === undefined) throw new Error(`links of the kind ${link} are not known`)
    putFileHeader(linkType)
  } catch (error) {
    refuse(`${device}: ${(error as Error).message}`)
  }
  capture.setMinBytes?.(0)
  capture.on('packet', (bytes) => putPacket(bytes))
  const end = (): void => {
    capture.close()
    writeOut()
    process.exit(0)
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  // the parent is gone: nobody will read any more
  process.stdout.on('error', end)
}

function openCapture(): InstanceType<CapModule['Cap']> {
  try {
    const { Cap } = createRequire(import.meta.url)('cap') as CapModule
    return new Cap()
  } catch (error) {
    refuse(`the npm package cap is not there: ${(error as Error).message.split('\n')[0]}`)
  }
}

function putFileHeader(linkType: number): void {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(MAGIC, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(FRAME_BYTES_MAX, 16)
  header.writeUInt32LE(linkType, 20)
  writeAll(header)
}

function putPacket(bytes: number): void {
  const captured = Math.min(bytes, FRAME_BYTES_MAX)
  const nowUs = clockUs()
  if (pieceBytes + RECORD_HEADER_BYTES + captured > PIECE_BYTES || nowUs - oldestUs > HELD_US_MAX) writeOut()
  if (pieceBytes === 0) oldestUs = nowUs
  piece.writeUInt32LE(Math.floor(nowUs / 1e6), pieceBytes)
  piece.writeUInt32LE(nowUs % 1e6, pieceBytes + 4)
  piece.writeUInt32LE(captured, pieceBytes + 8)
  piece.writeUInt32LE(bytes, pieceBytes + 12)
  packet.copy(piece, pieceBytes + RECORD_HEADER_BYTES, 0, captured)
  pieceBytes += RECORD_HEADER_BYTES + captured
  if (!isDue) {
    isDue = true
    setImmediate(() => {
      isDue = false
      writeOut()
    })
  }
}

/** The system's clock in microseconds. performance.now() alone would not follow when it is set. */
function clockUs(): number {
  const nowMs = performance.timeOrigin + performance.now()
  const systemMs = Date.now()
  return Math.floor((Math.abs(nowMs - systemMs) < 2 ? nowMs : systemMs) * 1000)
}

function writeOut(): void {
  if (pieceBytes === 0) return
  writeAll(piece.subarray(0, pieceBytes))
  pieceBytes = 0
}

/** Writes all of it, waiting while the pipe is full. */
function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit(0)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

function refuse(reason: string): never {
  writeSync(2, `cap: ${reason}\n`)
  process.exit(EXIT_REFUSED)
}
