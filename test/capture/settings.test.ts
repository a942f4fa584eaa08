/** The frames of a capture do not depend on how it is cut into reads, chunks and blocks. */

import { describe, expect, test } from 'vitest'
import {
  frameOf,
  ngBlock,
  ngInterface,
  ngPacket,
  ngSection,
  ngSimplePacket,
  pcapFile,
  pcapRecord,
} from '../support/capture-files.ts'
import { random } from '../support/random.ts'
import { readBytes } from './read-all.ts'

const next = random(7)
const lengths = Array.from({ length: 12 }, () => next(90))
const frames = lengths.map((length, i) => ({ seconds: 1_700_000_000 + i, fraction: i, data: frameOf(i, length) }))
const nanoseconds = 0xa1b23c4d
const ng = Buffer.concat([
  ngSection(),
  ngInterface({ name: 'eth0' }),
  ...frames.map(({ data }, i) => ngPacket({ ticks: BigInt(i), data })),
  ngBlock(0xbad, frameOf(1, 200)),
  ngSection(true),
  ngInterface({ big: true, linkType: 101 }),
  ...frames.map(({ data }, i) => ngPacket({ big: true, ticks: BigInt(i), data })),
  ngSimplePacket(frameOf(2, 33), 33, true),
])

const files: Array<[name: string, bytes: Buffer, packets: number]> = [
  ['pcap', pcapFile(frames), 12],
  ['pcap, big-endian nanoseconds', pcapFile(frames, { big: true, magic: nanoseconds }), 12],
  ['pcap, modified', pcapFile(frames, { magic: 0xa1b2cd34 }), 12],
  ['pcap, cut short', pcapFile(frames).subarray(0, -1), 11],
  ['pcap with a damaged record', Buffer.concat([pcapFile(frames), pcapRecord(frames[0]!, {}, 0xfffff)]), 12],
  ['pcapng', ng, 25],
  ['pcapng, cut short', ng.subarray(0, -3), 24],
  ['pcapng with a damaged block', Buffer.concat([ng, ngBlock(9, frameOf(1, 60), true, 72, 76)]), 25],
]

describe.each(files)('%s', (_, bytes, packets) => {
  test('every size of a chunk gives the same', async () => {
    const whole = await readBytes(bytes)
    expect(whole.frames.length).toBe(packets)
    expect(whole.frames.map((frame) => frame.packet)).toEqual(whole.frames.map((_, i) => i + 1))
    for (let chunkBytes = 1; chunkBytes <= bytes.length + 1; chunkBytes += chunkBytes < 120 ? 1 : 97)
      expect(await readBytes(bytes, { chunkBytes, framesPerBlock: 3 }), `${chunkBytes} bytes`).toEqual(whole)
  })

  test.each([1, 2, 5, 11, 12, 13, 16_384])('%i frames to a block', async (framesPerBlock) => {
    expect(await readBytes(bytes, { framesPerBlock })).toEqual(await readBytes(bytes))
  })

  test.each([1, 2, 3, 7, 100])('a source that gives %i bytes at a time', async (pieceBytes) => {
    expect(await readBytes(bytes, {}, pieceBytes)).toEqual(await readBytes(bytes))
  })
})

test('frames of the largest size that straddle chunks of all kinds', async () => {
  const large = Array.from({ length: 6 }, (_, i) => ({ fraction: i, data: frameOf(i, 262_144 - i * 50_000) }))
  const bytes = pcapFile(large)
  const whole = await readBytes(bytes)
  expect(whole.frames.length).toBe(6)
  expect(whole.faults).toEqual([])
  for (const chunkBytes of [4096, 65_537, 262_144, 262_160, 300_000])
    expect(await readBytes(bytes, { chunkBytes })).toEqual(whole)
})
