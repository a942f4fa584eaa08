import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  frameOf,
  ngBlock,
  ngInterface,
  ngObsoletePacket,
  ngOption,
  ngPacket,
  ngSection,
  ngSimplePacket,
} from '../support/capture-files.ts'
import { fuzz } from '../support/random.ts'
import { readBytes } from './read-all.ts'

const A = frameOf(1, 61)
const B = frameOf(2, 40)
const hexOf = (data: Uint8Array): string => Buffer.from(data).toString('hex')
const frame = (packet: number, timeUs: number, data: Uint8Array, more = {}) => ({
  packet,
  timeUs,
  original: data.length,
  link: 0,
  data: hexOf(data),
  ...more,
})
const join = (...parts: Uint8Array[]): Buffer => Buffer.concat(parts)

describe.each([
  ['little-endian', false],
  ['big-endian', true],
])('pcapng, %s: what it says is what comes out', (_, big) => {
  test('the three kinds of packet blocks, and other blocks between them', async () => {
    const bytes = join(
      ngSection(big),
      ngInterface({ big, name: 'eth0', snapLength: 50 }),
      ngBlock(5, frameOf(9, 16), big), // interface statistics
      ngPacket({
        big,
        ticks: 1_700_000_000_123_456n,
        data: A,
        original: 1500,
        options: ngOption(1, Buffer.from('a comment'), big),
      }),
      ngBlock(0x40000bad, frameOf(9, 100), big), // a custom block
      ngObsoletePacket({ big, ticks: 1_700_000_000_000_001n, data: B }),
      ngBlock(0xffffffff, new Uint8Array(0), big), // nobody knows
      ngSimplePacket(B.subarray(0, 30), 30, big),
      ngSimplePacket(frameOf(3, 50), 1500, big),
    )
    expect(await readBytes(bytes)).toEqual({
      frames: [
        frame(1, 1_700_000_000_123_456, A, { original: 1500 }),
        frame(2, 1_700_000_000_000_001, B),
        frame(3, 1_700_000_000_000_001, B.subarray(0, 30)),
        frame(4, 1_700_000_000_000_001, frameOf(3, 50), { original: 1500 }),
      ],
      links: [{ name: 'eth0', linkType: 1 }],
      faults: [],
    })
  })

  test('each interface has its own resolution, offset and link type', async () => {
    const bytes = join(
      ngSection(big),
      ngInterface({ big, resolution: 9, offsetSeconds: 10n }),
      ngInterface({ big, resolution: 0x8a, linkType: 113, name: 'any', offsetSeconds: -2n }),
      ngPacket({ big, interface: 1, ticks: 1025n, data: A }),
      ngPacket({ big, interface: 0, ticks: 1_700_000_000_000_001_999n, data: B }),
    )
    const { frames, links, faults } = await readBytes(bytes)
    expect(frames).toEqual([frame(1, -999_024, A, { link: 1 }), frame(2, 1_700_000_010_000_001, B)])
    expect(links).toEqual([
      { name: '', linkType: 1 },
      { name: 'any', linkType: 113 },
    ])
    expect(faults).toEqual([])
  })
})

test('pcapng, exactly: nanoseconds, also of simple packets, and interfaces apart by snap length', async () => {
  const bytes = join(
    ngSection(),
    ngInterface({ resolution: 9, snapLength: 64 }),
    ngInterface({ resolution: 9, snapLength: 96 }),
    ngPacket({ interface: 1, ticks: 1_700_000_000_000_001_999n, data: A }),
    ngSimplePacket(B),
    ngPacket({ interface: 0, ticks: 1_700_000_000_000_002_001n, data: A }),
  )
  const { frames, links } = await readBytes(bytes, { exact: true })
  expect(frames.map(({ restNs, link }) => [restNs, link])).toEqual([
    [999, 1],
    [999, 0],
    [1, 0],
  ])
  expect(links.map(({ snapLength }) => snapLength)).toEqual([64, 96])
})

describe('pcapng: sections', () => {
  test('each in its own byte order, with its own interfaces; a section length that lies does not matter', async () => {
    const bytes = join(
      ngSection(true, { sectionBytes: 12n }),
      ngInterface({ big: true, name: 'one', resolution: 9 }),
      ngPacket({ big: true, ticks: 5000n, data: A }),
      ngSection(false, { sectionBytes: 0n }),
      ngInterface({ name: 'two' }),
      ngInterface({ name: 'one' }),
      ngPacket({ interface: 0, ticks: 6n, data: A }),
      ngPacket({ interface: 1, ticks: 7n, data: B }),
      ngSection(true),
      ngPacket({ big: true, interface: 0, ticks: 8n, data: B }),
    )
    const { frames, links, faults } = await readBytes(bytes)
    expect(frames).toEqual([frame(1, 5, A), frame(2, 6, A, { link: 1 }), frame(3, 7, B)])
    expect(links.map((link) => link.name)).toEqual(['one', 'two'])
    expect(faults).toMatchObject([
      { reason: expect.stringMatching(/^a packet of interface 0, which was not announced/) },
    ])
  })

  test('the same interface announced in a thousand sections is one link', async () => {
    const section = join(ngSection(), ngInterface({ name: 'eth0' }), ngPacket({ data: A }))
    const { frames, links } = await readBytes(join(...Array.from({ length: 1000 }, () => section)))
    expect(frames.length).toBe(1000)
    expect(links).toEqual([{ name: 'eth0', linkType: 1 }])
  })

  test('more interfaces than can be kept', async () => {
    const many = Array.from({ length: 65_537 }, (_, i) => ngInterface({ name: `${i}` }))
    const packets = [ngPacket({ interface: 65_535, data: A }), ngPacket({ interface: 65_536, data: A })]
    const { frames, links, faults } = await readBytes(join(ngSection(), ...many, ...packets))
    expect(links.length).toBe(65_536)
    expect(frames).toEqual([frame(1, 0, A, { link: 65_535 })])
    expect(faults.length).toBe(1)
  })
})

describe('pcapng: bad input is told, and what came before it is kept', () => {
  const head = join(ngSection(), ngInterface(), ngPacket({ data: A }))
  const last = ngPacket({ data: B })
  const stories: Array<[name: string, bytes: Uint8Array, packets: number, offset: number, reason: RegExp]> = [
    ['four bytes', head.subarray(0, 4), 0, 0, /ends 4 bytes into the head of a block/],
    ['section cut short', head.subarray(0, 27), 0, 0, /ends 27 bytes into a block of 28 bytes/],
    [
      'block head cut short',
      join(head, last.subarray(0, 11)),
      1,
      head.length,
      /ends 11 bytes into the head of a block/,
    ],
    ['block cut short', join(head, last.subarray(0, 71)), 1, head.length, /ends 71 bytes into a block of 72/],
    [
      'length no multiple of 4',
      join(head, ngBlock(9, A, false, 77, 77), last),
      1,
      head.length,
      /77 bytes, which is not a multiple of 4/,
    ],
    ['length 0', join(head, ngBlock(9, A, false, 0), last), 1, head.length, /a block of 0 bytes; the smallest has 12/],
    [
      'length over 16 MiB',
      join(head, ngBlock(9, A, false, 16_777_220), last),
      1,
      head.length,
      /16777220 bytes; at most 16777216/,
    ],
    [
      'length of 4 GiB',
      join(head, ngBlock(9, A, false, 0xfffffffc), last),
      1,
      head.length,
      /4294967292 bytes; at most/,
    ],
    [
      'trailer differs',
      join(head, ngBlock(9, A, false, 76, 80), last),
      1,
      head.length + 72,
      /of 76 bytes says 80 bytes at its end/,
    ],
    [
      'trailer of a packet differs',
      join(head, ngBlock(6, new Uint8Array(24), false, 36, 40), last),
      1,
      head.length + 32,
      /says 40/,
    ],
    [
      'wrong byte-order magic',
      join(head, ngSection(false, { magic: 0x1a2b3c4e }), last),
      1,
      head.length + 8,
      /byte-order magic 4e3c2b1a/,
    ],
    ['version 2', join(head, ngSection(false, { major: 2 }), last), 1, head.length + 12, /pcapng version 2/],
    [
      'section header of 16 bytes',
      join(head, ngBlock(0x0a0d0d0a, Buffer.from('4d3c2b1a', 'hex')), last),
      1,
      head.length,
      /section header of only 16/,
    ],
    [
      'interface block of 16 bytes',
      join(head, ngBlock(1, new Uint8Array(4)), last),
      1,
      head.length,
      /interface block of only 16/,
    ],
    [
      'packet block of 28 bytes',
      join(head, ngBlock(6, new Uint8Array(16)), last),
      2,
      head.length,
      /packet block of only 28/,
    ],
    [
      'obsolete packet block of 12 bytes',
      join(head, ngBlock(2, new Uint8Array(0)), last),
      2,
      head.length,
      /packet block of only 12/,
    ],
    [
      'simple packet block of 12 bytes',
      join(head, ngBlock(3, new Uint8Array(0)), last),
      2,
      head.length,
      /packet block of only 12/,
    ],
    [
      'simple packet over its block',
      join(head, ngSimplePacket(A, 65), last),
      2,
      head.length,
      /claims 65 captured bytes, its block has room for 64/,
    ],
    [
      'captured length over its block',
      join(head, ngPacket({ data: A, captured: 65 }), last),
      2,
      head.length,
      /claims 65 captured bytes, its block has room for 64/,
    ],
    [
      'captured length of 4 GiB',
      join(head, ngPacket({ data: A, captured: 0xffffffff }), last),
      2,
      head.length,
      /claims 4294967295/,
    ],
    [
      'captured length over 256 KiB',
      join(head, ngPacket({ data: frameOf(1, 262_145) }), last),
      2,
      head.length,
      /at most 262144 are possible/,
    ],
    [
      'interface not announced',
      join(head, ngPacket({ interface: 1, data: A }), last),
      2,
      head.length,
      /^a packet of interface 1, which was not announced before it, is left out$/,
    ],
    [
      'interface 4294967295',
      join(head, ngPacket({ interface: 0xffffffff, data: A }), last),
      2,
      head.length,
      /interface 4294967295/,
    ],
  ]
  test.each(stories)('%s', async (_, bytes, packets, offset, reason) => {
    const read = await readBytes(bytes)
    expect(read.frames.length).toBe(packets)
    expect(read.faults).toMatchObject([{ file: 'test', offset, reason: expect.stringMatching(reason) }])
    expect(await readBytes(bytes, { framesPerBlock: 1, chunkBytes: 4096 })).toEqual(read)
  })

  test('packets of an unknown interface: one fault, with a count', async () => {
    const bytes = join(head, ...Array.from({ length: 5000 }, () => ngPacket({ interface: 7, data: B })), last)
    const { frames, faults } = await readBytes(bytes)
    expect(frames.length).toBe(2)
    expect(faults.map((fault) => fault.reason)).toEqual([
      'a packet of interface 7, which was not announced before it, is left out (5000 times; this is the first)',
    ])
  })

  test('at most 16 faults, the last one counts the rest', async () => {
    const bytes = join(head, ...Array.from({ length: 100 }, () => ngPacket({ data: A, captured: 1000 })), last)
    const { frames, faults } = await readBytes(bytes)
    expect(frames.length).toBe(2)
    expect(faults.length).toBe(16)
    expect(faults[15]!.reason).toMatch(/; 84 more faults are not listed$/)
    expect(faults[14]!.reason).not.toMatch(/not listed/)
  })

  const optionStories: Array<[name: string, options: Uint8Array, want: string, faults: number]> = [
    ['past the end of the block', join(ngOption(2, Buffer.from('ab')), Buffer.from('0900ff00', 'hex')), 'ab', 1],
    ['with no end mark', ngOption(2, Buffer.from('abc')), 'abc', 0],
    ['behind the end mark', join(ngOption(0, new Uint8Array(0)), ngOption(2, Buffer.from('abc'))), '', 0],
    [
      'a resolution of no bytes, an offset of two',
      join(ngOption(9, new Uint8Array(0)), ngOption(14, A.subarray(0, 2)), ngOption(2, Buffer.from('x'))),
      'x',
      0,
    ],
    ['a name of 60,000 bytes is cut', ngOption(2, Buffer.alloc(60_000, 'n')), 'n'.repeat(256), 0],
  ]
  test.each(optionStories)('options of an interface: %s', async (_, more, name, faults) => {
    const bytes = join(ngSection(), ngInterface({ more }), ngPacket({ ticks: 9n, data: A }))
    const read = await readBytes(bytes)
    expect(read.frames).toEqual([frame(1, 9, A)])
    expect(read.links).toEqual([{ name, linkType: 1 }])
    expect(read.faults.length).toBe(faults)
  })
})

describe('pcapng: blocks longer than a piece', () => {
  const head = join(ngSection(), ngInterface())
  const long = 263_168 // the piece: see PIECE_BYTES_MAX

  test.each([long - 4, long, long + 4, long + 8, 1_000_000])('%i bytes are passed over', async (length) => {
    const bytes = join(head, ngBlock(0xbad, new Uint8Array(length - 12)), ngPacket({ data: A }))
    for (const chunkBytes of [1000, 65_536, 1 << 20]) {
      expect(await readBytes(bytes, { chunkBytes })).toMatchObject({ frames: [frame(1, 0, A)], faults: [] })
    }
    const cut = await readBytes(bytes.subarray(0, head.length + length - 2))
    expect(cut.faults).toMatchObject([{ reason: `the file ends ${length - 2} bytes into a block of ${length} bytes` }])
    const wrong = join(
      head,
      ngBlock(0xbad, new Uint8Array(length - 12), false, length, length + 4),
      ngPacket({ data: A }),
    )
    const read = await readBytes(wrong)
    expect(read.frames).toEqual([])
    expect(read.faults).toMatchObject([
      { offset: head.length + length - 4, reason: `a block of ${length} bytes says ${length + 4} bytes at its end` },
    ])
  })

  test('a packet with a megabyte of options behind it', async () => {
    const comments = Array.from({ length: 20 }, () => ngOption(1, Buffer.alloc(60_000)))
    const big = frameOf(1, 262_144)
    const bytes = join(head, ngPacket({ data: big, options: join(...comments) }), ngPacket({ data: A }))
    for (const chunkBytes of [5000, 1 << 20]) {
      const { frames, faults } = await readBytes(bytes, { chunkBytes })
      expect(frames.map((read) => read.original)).toEqual([262_144, 61])
      expect(faults).toEqual([])
    }
  })
})

test('pcapng: any damage gives frames and faults, never an exception, the same in pieces', async () => {
  const good = join(
    ngSection(),
    ngInterface({ name: 'eth0', resolution: 9 }),
    ngPacket({ ticks: 12_345_678_901n, data: A }),
    ngSection(true),
    ngInterface({ big: true }),
    ngObsoletePacket({ big: true, ticks: 1n, data: B }),
    ngSimplePacket(B, B.length, true),
  )
  const seen = { whole: 0, faults: 0 }
  const property = fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, value) => {
    const damaged = Uint8Array.from(good)
    damaged[at] = value
    const read = await readBytes(damaged)
    expect(await readBytes(damaged, { framesPerBlock: 1, chunkBytes: 24 })).toEqual(read)
    expect(read.frames.every((one) => Number.isFinite(one.timeUs))).toBe(true)
    if (read.faults.length > 0) seen.faults++
    else seen.whole++
  })
  await fc.assert(property, fuzz(800))
  expect(seen.whole).toBeGreaterThan(50)
  expect(seen.faults).toBeGreaterThan(50)
})
