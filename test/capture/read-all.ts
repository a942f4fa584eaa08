/** Reads whole captures for tests, as plain values. */

import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Capture, CaptureFault, Link } from '../../src/capture/block.ts'
import { CaptureReader, type ReaderOptions } from '../../src/capture/reader.ts'
import { type ByteSource, StreamSource, unpacked } from '../../src/capture/source.ts'

export interface ReadFrame {
  packet: number
  timeUs: number
  original: number
  link: number
  /** The bytes, as hex; of long frames length and hash. */
  data: string
  /** There where the reader was asked to be exact. */
  restNs?: number
}

export interface ReadCapture {
  frames: ReadFrame[]
  links: Link[]
  faults: CaptureFault[]
}

/** Everything that `capture` gives; closes it. */
export async function readAll(capture: Capture): Promise<ReadCapture> {
  const frames: ReadFrame[] = []
  for (let block = await capture.next(); block !== null; block = await capture.next()) {
    for (let i = 0; i < block.count; i++) {
      const data = Buffer.from(block.bytes.subarray(block.start[i]!, block.end[i]!))
      frames.push({
        packet: block.firstPacket + i,
        timeUs: block.timeUs[i]!,
        original: block.originalLength[i]!,
        link: block.link[i]!,
        ...(block.restNs === null ? {} : { restNs: block.restNs[i]! }),
        data:
          data.length <= 256 ? data.toString('hex') : `${data.length} ${createHash('sha1').update(data).digest('hex')}`,
      })
    }
  }
  const read = { frames, links: [...capture.links], faults: [...capture.faults] }
  await capture.close()
  return read
}

/** Reads `bytes` as a capture that comes in pieces of `pieceBytes`. */
export async function readBytes(
  bytes: Uint8Array,
  options: ReaderOptions = {},
  pieceBytes = 65_536,
): Promise<ReadCapture> {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.slice(at, at + pieceBytes))
  const stream = new StreamSource(Readable.from(pieces, { objectMode: true }))
  return readAll(await readerOf(await unpacked(stream), options))
}

export async function readerOf(source: ByteSource, options: ReaderOptions = {}): Promise<CaptureReader> {
  const reader = new CaptureReader('test', source, options)
  await reader.begin()
  return reader
}
