import { Readable } from 'node:stream'
import fc from 'fast-check'
import { parse } from 'pcap-parser'
import { describe, expect, test } from 'vitest'
import {
  frameOf,
  type PcapSettings,
  pcapFile,
  pcapHeader,
  pcapRecord,
  type TestFrame,
} from '../support/capture-files.ts'
import { fuzz } from '../support/random.ts'
import { type ReadCapture, readBytes } from './read-all.ts'

const FRAMES: TestFrame[] = [
  { seconds: 1_700_000_000, fraction: 123_456, data: frameOf(1, 60) },
  { seconds: 1_700_000_000, fraction: 999_999, data: frameOf(2, 0), original: 0 },
  { seconds: 1_699_999_999, fraction: 0, data: frameOf(3, 61), original: 1514 },
]
const hexOf = (data: Uint8Array): string => Buffer.from(data).toString('hex')

describe('pcap: what it says is what comes out', () => {
  const TIMES = [1_700_000_000_123_456, 1_700_000_000_999_999, 1_699_999_999_000_000]
  const stories: Array<[name: string, settings: PcapSettings, times: number[]]> = [
    ['little-endian microseconds', {}, TIMES],
    ['big-endian microseconds', { big: true }, TIMES],
    ['little-endian nanoseconds', { magic: 0xa1b23c4d }, [1_700_000_000_000_123, 1_700_000_000_000_999, TIMES[2]!]],
    [
      'big-endian nanoseconds',
      { magic: 0xa1b23c4d, big: true },
      [1_700_000_000_000_123, 1_700_000_000_000_999, TIMES[2]!],
    ],
    ['little-endian modified', { magic: 0xa1b2cd34 }, TIMES],
    ['big-endian modified', { magic: 0xa1b2cd34, big: true }, TIMES],
  ]
  test.each(stories)('%s', async (_, settings, times) => {
    const { frames, links, faults } = await readBytes(pcapFile(FRAMES, { linkType: 113, ...settings }))
    expect(frames).toEqual([
      { packet: 1, timeUs: times[0], original: 60, link: 0, data: hexOf(frameOf(1, 60)) },
      { packet: 2, timeUs: times[1], original: 0, link: 0, data: '' },
      { packet: 3, timeUs: times[2], original: 1514, link: 0, data: hexOf(frameOf(3, 61)) },
    ])
    expect(links).toEqual([{ name: '', linkType: 113 }])
    expect(faults).toEqual([])
  })

  test.each([
    ['microseconds', 0xa1b2c3d4, [0, 0, 0]],
    ['nanoseconds', 0xa1b23c4d, [456, 999, 0]],
  ])('exactly, with snap length and the rest of %s', async (_, magic, rests) => {
    const file = pcapFile(FRAMES, { linkType: 113, magic })
    const { frames, links } = await readBytes(file, { exact: true })
    expect(frames.map(({ restNs }) => restNs)).toEqual(rests)
    expect(links).toEqual([{ name: '', linkType: 113, snapLength: 262_144 }])
  })

  test('a file without packets is no fault', async () => {
    expect(await readBytes(pcapHeader())).toEqual({ frames: [], links: [{ name: '', linkType: 1 }], faults: [] })
  })

  test('the bits above the link type (length of the frame check sequence) are taken off', async () => {
    expect((await readBytes(pcapHeader({ linkType: 0x54000001 }))).links).toEqual([{ name: '', linkType: 1 }])
  })

  test('absurd times stay finite, and a captured length above the original is taken', async () => {
    const frame = { seconds: 0xffffffff, fraction: 0xffffffff, data: frameOf(1, 40), original: 20 }
    const { frames, faults } = await readBytes(pcapFile([frame]))
    expect(frames).toEqual([
      { packet: 1, timeUs: 4_294_967_295e6 + 4_294_967_295, original: 20, link: 0, data: hexOf(frame.data) },
    ])
    expect(faults).toEqual([])
  })

  test('the largest frame', async () => {
    const { frames, faults } = await readBytes(pcapFile([{ data: frameOf(1, 262_144) }, { data: frameOf(2, 60) }]))
    expect(frames.map((frame) => frame.original)).toEqual([262_144, 60])
    expect(faults).toEqual([])
  })
})

describe('pcap: bad input is told, and what came before it is kept', () => {
  const good = pcapFile(FRAMES)
  const stories: Array<[name: string, bytes: Uint8Array, packets: number, offset: number, reason: RegExp]> = [
    ['empty', new Uint8Array(0), 0, 0, /^it is empty$/],
    ['two bytes', good.subarray(0, 2), 0, 0, /only 2 bytes/],
    ['header cut short', good.subarray(0, 23), 0, 0, /ends 23 bytes into its header of 24/],
    [
      'record header cut short',
      good.subarray(0, 24 + 15),
      0,
      24,
      /ends 15 bytes into the 16 bytes that stand before a packet/,
    ],
    ['record without its data', good.subarray(0, 24 + 16), 0, 24, /ends 0 bytes into a packet of 60 captured/],
    [
      'last record cut short',
      good.subarray(0, good.length - 1),
      2,
      24 + 76 + 16,
      /ends 60 bytes into a packet of 61 captured/,
    ],
    ['version 3', pcapFile(FRAMES, { major: 3 }), 0, 4, /pcap version 3\.4/],
    [
      'captured length over the bound',
      Buffer.concat([good, pcapRecord({ data: frameOf(1, 60) }, {}, 262_145)]),
      3,
      good.length,
      /captured length of 262145/,
    ],
    [
      'captured length of 4 GiB',
      Buffer.concat([good, pcapRecord({ data: frameOf(1, 60) }, {}, 0xffffffff)]),
      3,
      good.length,
      /captured length of 4294967295/,
    ],
    ['a zip archive', Buffer.from('504b030414000000', 'hex'), 0, 0, /^unknown magic 50 4b 03 04 \(a zip archive\?\)$/],
    ['text', Buffer.from('hello\x1b[2J'), 0, 0, /^unknown magic 68 65 6c 6c$/],
    ['a snoop file', Buffer.from('snoop\0\0\0'), 0, 0, /a snoop capture/],
    ['zeros', new Uint8Array(100), 0, 0, /zeros/],
  ]
  test.each(stories)('%s', async (_, bytes, packets, offset, reason) => {
    const { frames, faults } = await readBytes(bytes)
    expect(frames.length).toBe(packets)
    expect(faults.length).toBe(1)
    expect(faults[0]).toMatchObject({ file: 'test', offset, reason: expect.stringMatching(reason) })
    expect(faults[0]!.advice).not.toBe('')
  })

  test('every prefix gives the whole packets in it, and a fault unless it ends with one', async () => {
    const borders = [24, 24 + 76, 24 + 76 + 16, good.length]
    for (let length = 0; length <= good.length; length++) {
      const { frames, faults } = await readBytes(good.subarray(0, length))
      expect(frames.length, `first ${length} bytes`).toBe(
        borders.filter((border) => border <= length).length - (length >= 24 ? 1 : 0),
      )
      expect(faults.length, `first ${length} bytes`).toBe(borders.includes(length) ? 0 : 1)
    }
  })
})

describe('pcap: pcap-parser reads the same', () => {
  test('on random files of both byte orders', async () => {
    const frame = fc.record({
      seconds: fc.nat(0xffffffff),
      fraction: fc.nat(0xffffffff),
      data: fc.uint8Array({ maxLength: 200 }),
      original: fc.nat(70_000),
    })
    let packets = 0
    const property = fc.asyncProperty(
      fc.array(frame, { maxLength: 20 }),
      fc.boolean(),
      fc.nat(100),
      async (frames, big, chunk) => {
        const bytes = pcapFile(frames, { big })
        packets += frames.length
        const ours = await readBytes(bytes, { chunkBytes: 24 + chunk })
        expect(ours.frames).toEqual((await theirs(bytes)).map((read, i) => ({ packet: i + 1, link: 0, ...read })))
      },
    )
    await fc.assert(property, fuzz(200))
    expect(packets).toBeGreaterThan(500)
  })
})

test('pcap: any damage gives frames and faults, never an exception, the same in pieces', async () => {
  const good = pcapFile(FRAMES)
  const seen = { whole: 0, faults: 0 }
  const property = fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, value) => {
    const damaged = Uint8Array.from(good)
    damaged[at] = value
    const read: ReadCapture = await readBytes(damaged)
    expect(await readBytes(damaged, { framesPerBlock: 1, chunkBytes: 24 })).toEqual(read)
    if (read.faults.length > 0) seen.faults++
    else seen.whole++
  })
  await fc.assert(property, fuzz(500))
  expect(seen.whole).toBeGreaterThan(50)
  expect(seen.faults).toBeGreaterThan(20)
})

/** What pcap-parser makes of the same bytes. */
function theirs(bytes: Buffer): Promise<Array<{ timeUs: number; original: number; data: string }>> {
  return new Promise((resolve, reject) => {
    const read: Array<{ timeUs: number; original: number; data: string }> = []
    const parser = parse(Readable.from([bytes], { objectMode: true }))
    parser.on('packet', ({ header, data }) =>
      read.push({
        timeUs: header.timestampSeconds * 1e6 + header.timestampMicroseconds,
        original: header.originalLength,
        data: data.toString('hex'),
      }),
    )
    parser.on('end', () => resolve(read))
    parser.on('error', reject)
  })
}
