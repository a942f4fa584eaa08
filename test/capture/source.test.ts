import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openCapture } from '../../src/capture/open.ts'
import { type ByteSource, StreamSource } from '../../src/capture/source.ts'
import { frameOf, ngInterface, ngSection, pcapFile, pcapHeader, pcapRecord } from '../support/capture-files.ts'
import { temporaryFolder } from '../support/folder.ts'
import { fuzz, random } from '../support/random.ts'
import { readAll, readBytes, readerOf } from './read-all.ts'

const next = random(3)
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => next(256))
/** Some compressible, some not; large enough for several blocks of zstd and several pieces of gzip. */
const CAPTURE = pcapFile(
  Array.from({ length: 400 }, (_, i) => ({ fraction: i, data: i % 3 === 0 ? noise(1400) : frameOf(i, 1000) })),
)
const HAS_ZSTD = spawnSync('zstd', ['--version']).status === 0
if (!HAS_ZSTD) console.warn('zstd is not installed: the tests with its files are skipped')

describe('gzip', () => {
  const packed = gzipSync(CAPTURE)

  test('in one member, in many, with every field of the header, and with zeros at the end', async () => {
    const plain = await readBytes(CAPTURE)
    expect(plain.frames.length).toBe(400)
    const many: Buffer[] = []
    for (let at = 0; at < CAPTURE.length; at += 5000) many.push(gzipSync(CAPTURE.subarray(at, at + 5000)))
    many.push(gzipSync(''))
    const stories = [packed, Buffer.concat(many), fullHeader(CAPTURE), Buffer.concat([packed, Buffer.alloc(300_000)])]
    for (const bytes of stories) {
      expect(await readBytes(bytes)).toEqual(plain)
      expect(await readBytes(bytes, { chunkBytes: 1000 }, 777)).toEqual(plain)
    }
  })

  test('every prefix: what could be decompressed is delivered, then one fault', async () => {
    let last = 0
    for (let length = 2; length < packed.length; length += 4001) {
      const { frames, faults } = await readBytes(packed.subarray(0, length))
      expect(faults.length, `first ${length} bytes`).toBe(1)
      expect(faults[0]!.reason).toMatch(length < 4 ? /only|too early/ : /gzip data ends too early/)
      expect(frames.length).toBeGreaterThanOrEqual(last)
      last = frames.length
    }
    expect(last).toBeGreaterThan(350)
    const { frames, faults } = await readBytes(packed.subarray(0, -1))
    expect(frames.length).toBe(400)
    expect(faults).toMatchObject([{ offset: CAPTURE.length, reason: 'the gzip data ends too early' }])
  })

  const tail = (at: number, value: number) => {
    const bytes = Buffer.from(packed)
    bytes[bytes.length + at]! ^= value
    return bytes
  }
  const stories: Array<[name: string, bytes: Buffer, reason: RegExp]> = [
    ['a wrong checksum', tail(-8, 1), /its checksum is wrong/],
    ['a wrong length', tail(-1, 1), /its length is wrong/],
    ['other bytes behind it', Buffer.concat([packed, Buffer.from('hello')]), /not gzip follow/],
    ['a single byte behind it', Buffer.concat([packed, Buffer.from('\x1f')]), /not gzip follow/],
    ['the start of a member behind it', Buffer.concat([packed, packed.subarray(0, 5)]), /too early/],
    [
      'a member of another method behind it',
      Buffer.concat([packed, Buffer.from('1f8b0700000000000000', 'hex')]),
      /not deflate/,
    ],
  ]
  test.each(stories)('%s: all packets, then the fault', async (_, bytes, reason) => {
    const { frames, faults } = await readBytes(bytes)
    expect(frames.length).toBe(400)
    expect(faults).toMatchObject([{ offset: CAPTURE.length, reason: expect.stringMatching(reason) }])
  })

  test('damage in the middle: the packets before it, then the fault', async () => {
    // the beginning of a capture, then the head of a block of the reserved type
    const capture = Buffer.concat([CAPTURE, ...Array.from({ length: 4 }, () => CAPTURE.subarray(24))])
    const begun = deflateRawSync(capture.subarray(0, 1_000_000), { finishFlush: constants.Z_FULL_FLUSH })
    const bytes = Buffer.concat([packed.subarray(0, 10), begun, Buffer.of(7), Buffer.alloc(1000)])
    const { frames, faults } = await readBytes(bytes)
    // what zlib had in hand is lost
    const enough = (await readBytes(capture.subarray(0, 1_000_000 - 256 * 1024))).frames
    expect(frames.length).toBeGreaterThanOrEqual(enough.length)
    expect(frames.slice(0, enough.length)).toEqual(enough)
    expect(faults).toMatchObject([{ reason: 'the gzip data is damaged: invalid block type' }])
  })

  test('gzip in gzip is not followed', async () => {
    expect((await readBytes(gzipSync(packed))).faults[0]!.reason).toMatch(/1f 8b 08 00 \(gzip data inside/)
  })

  test('any damage ends with frames and at most a fault', async () => {
    const small = gzipSync(pcapFile([{ data: frameOf(1, 60) }, { data: frameOf(2, 60) }]))
    let faulty = 0
    const property = fc.asyncProperty(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bytes = Buffer.from(small)
      bytes[at]! ^= flip
      const { frames, faults } = await readBytes(bytes)
      expect(faults.length).toBeLessThanOrEqual(1)
      // damage may also make frames, but then the checksum is wrong
      if (faults.length === 0) expect(frames.length).toBe(2)
      else faulty++
    })
    await fc.assert(property, fuzz(300))
    expect(faulty).toBeGreaterThan(100)
  })
})

describe('zstd', () => {
  test.skipIf(!HAS_ZSTD)('in one frame, in many, with and without checksum, at all levels', async () => {
    const plain = await readBytes(CAPTURE)
    const halves = [CAPTURE.subarray(0, 200_001), CAPTURE.subarray(200_001)]
    const skippable = Buffer.from('502a4d1803000000aabbcc', 'hex')
    const stories = [
      zstd(CAPTURE),
      zstd(CAPTURE, '--no-check'),
      zstd(CAPTURE, '-1'),
      zstd(CAPTURE, '-19'),
      zstd(CAPTURE, '--ultra', '-22'),
      Buffer.concat(halves.map((half) => zstd(half))),
      Buffer.concat([skippable, ...halves.flatMap((half) => [zstd(half), skippable])]),
      Buffer.concat(
        [...CAPTURE.subarray(0, 40)].map((byte) => zstd(Buffer.of(byte))).concat(zstd(CAPTURE.subarray(40))),
      ),
    ]
    for (const bytes of stories) {
      expect(await readBytes(bytes)).toEqual(plain)
      expect(await readBytes(bytes, { chunkBytes: 1000 }, 777)).toEqual(plain)
    }
  })

  test.skipIf(!HAS_ZSTD)('every prefix: what could be decompressed is delivered, then one fault', async () => {
    const packed = zstd(CAPTURE)
    let last = 0
    for (let length = 4; length < packed.length; length += 4001) {
      const { frames, faults } = await readBytes(packed.subarray(0, length))
      expect(faults, `first ${length} bytes`).toMatchObject([{ reason: 'the zstd data ends too early' }])
      expect(frames.length).toBeGreaterThanOrEqual(last)
      last = frames.length
    }
    expect(last).toBeGreaterThan(250)
    const { frames, faults } = await readBytes(packed.subarray(0, -1))
    expect(frames.length).toBe(400)
    expect(faults).toMatchObject([{ offset: CAPTURE.length, reason: 'the zstd data ends too early' }])
  })

  test.skipIf(!HAS_ZSTD)('one flipped bit is noticed, wherever it is behind the header', async () => {
    const packed = zstd(CAPTURE)
    for (let at = 8; at < packed.length; at += 1 + Math.floor(packed.length / 60)) {
      const bytes = Buffer.from(packed)
      bytes[at]! ^= 4
      expect((await readBytes(bytes)).faults.length, `byte ${at}`).toBeGreaterThan(0)
    }
  })

  test.skipIf(!HAS_ZSTD)('text behind it: all packets, then the fault', async () => {
    const { frames, faults } = await readBytes(Buffer.concat([zstd(CAPTURE), Buffer.from('hello')]))
    expect(frames.length).toBe(400)
    expect(faults).toMatchObject([{ reason: expect.stringMatching(/not zstd follow/) }])
  })

  // frames by hand: magic, descriptor, window or size, blocks
  const stories: Array<[name: string, hex: string, reason: RegExp]> = [
    ['a window of almost 4 TiB', '28b52ffd00ff0100000000', /needs a window of \d+ bytes, at most 134217728/],
    ['a single segment of 4 GiB', '28b52ffda0ffffffff0100000000', /needs a window of 4294967295/],
    ['a single segment of 2^63', '28b52ffde000000000000000800100000000', /needs a window of 9223372036854776000/],
    ['a dictionary', '28b52ffd0100ff010000000000', /needs a dictionary/],
    ['a reserved bit', '28b52ffd08000100000000', /reserved bit/],
    ['a reserved block type', '28b52ffd0000070000000000', /impossible head/],
    ['a block larger than the window', '28b52ffd0000ffff7f00000000', /impossible head/],
    ['a compressed block of nothing', '28b52ffd0000050000000000', /zstd data/],
    ['a header cut short', '28b52ffde000', /too early/],
    ['a skippable frame that ends too early', '502a4d18ffffffff00', /too early/],
  ]
  test.each(stories)('%s', async (_, hex, reason) => {
    const { frames, faults } = await readBytes(Buffer.from(hex, 'hex'))
    expect(frames).toEqual([])
    expect(faults).toMatchObject([{ offset: 0, reason: expect.stringMatching(reason) }])
  })
})

describe('decompression bombs cost time and no memory', () => {
  const MEGABYTES = 100

  test('gzip', async () => {
    const piece = gzipSync(Buffer.alloc(1 << 20))
    const head = gzipSync(Buffer.concat([ngSection(), ngInterface()]))
    await expectFlat([head, ...Array.from({ length: MEGABYTES }, () => piece)])
  })

  test('zstd', async () => {
    // one raw block with the head of a capture, then blocks of four bytes that stand for 128 KiB of zeros each
    const head = Buffer.concat([ngSection(), ngInterface()])
    const raw = Buffer.concat([Buffer.of((head.length << 3) & 0xff, head.length >> 5, 0), head])
    const zeros = Buffer.from('02001000', 'hex')
    const run = Buffer.concat(Array.from({ length: 8 }, () => zeros))
    await expectFlat([
      Buffer.from('28b52ffd0050', 'hex'),
      raw,
      ...Array.from({ length: MEGABYTES }, () => run),
      Buffer.from('010000', 'hex'),
    ])
  })

  /** Reads zeros, which pcapng takes for damage at once, through the source alone, and watches the memory. */
  async function expectFlat(pieces: Uint8Array[]): Promise<void> {
    const { unpacked } = await import('../../src/capture/source.ts')
    const stream = new PassThrough()
    const source = await Promise.all([unpacked(new StreamSource(stream)), stream.end(Buffer.concat(pieces))])
    const into = new Uint8Array(65_536)
    const before = process.memoryUsage().rss
    let total = 0
    let most = before
    for (let i = 0; ; i++) {
      const count = await source[0].read(into, 0, into.length)
      if (count === 0) break
      total += count
      if (i % 100 === 0) most = Math.max(most, process.memoryUsage().rss)
    }
    await source[0].close()
    expect(total).toBeGreaterThan(MEGABYTES * 1_000_000)
    expect(most - before).toBeLessThan(90e6)
  }
})

describe('files', () => {
  test('a file, in all three ways, and what it was on disk', async () => {
    const folder = temporaryFolder()
    const plain = await readBytes(CAPTURE)
    const forms: Array<[name: string, bytes: Buffer]> = [
      ['plain.txt', CAPTURE], // names mean nothing
      ['packed.pcap', gzipSync(CAPTURE)],
    ]
    for (const [name, bytes] of forms) {
      const path = join(folder, name)
      writeFileSync(path, bytes)
      const capture = await openCapture(path)
      expect(capture.name).toBe(path)
      expect((await readAll(capture)).frames).toEqual(plain.frames)
      expect(capture.bytesRead).toBe(bytes.length)
      expect(await capture.next()).toBe(null)
    }
  })

  test('what cannot be opened or is no file says so', async () => {
    const folder = temporaryFolder()
    const locked = join(folder, 'locked.pcap')
    writeFileSync(locked, CAPTURE)
    chmodSync(locked, 0)
    const plain = join(folder, 'plain')
    writeFileSync(plain, 'x')
    mkdirSync(join(folder, 'sub'))
    const stories: Array<[path: string, reason: RegExp]> = [
      [join(folder, 'nothing.pcap'), /no such file.*ENOENT/],
      [join(plain, 'below'), /ENOTDIR/],
      [join(folder, 'sub'), /a folder and not a file.*EISDIR/],
      [`${folder}/with\0zero`, /cannot be read/],
    ]
    if (process.getuid?.() !== 0) stories.push([locked, /denied.*EACCES/])
    for (const [path, reason] of stories) {
      const capture = await openCapture(path)
      expect(await capture.next()).toBe(null)
      expect(capture.faults).toMatchObject([{ file: path, offset: 0, reason: expect.stringMatching(reason) }])
      await capture.close()
    }
  })

  test('standard input', () => {
    const script = `
      const { openCapture } = await import('./src/capture/open.ts')
      const capture = await openCapture('-')
      let count = 0
      for (let block = await capture.next(); block !== null; block = await capture.next()) count += block.count
      await capture.close()
      console.log(count, capture.faults.length)`
    for (const input of [CAPTURE, gzipSync(CAPTURE)]) {
      const node = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { input })
      expect(node.stdout.toString(), node.stderr.toString()).toBe('400 0\n')
    }
  })
})

describe('a source that fails', () => {
  const failing = (good: Uint8Array, code: string): ByteSource => {
    let given = false
    return {
      bytesRead: 0,
      async read(into, at) {
        if (given) throw Object.assign(new Error('went wrong'), { code })
        given = true
        into.set(good, at)
        return good.length
      },
      async close() {},
    }
  }
  const whole = Buffer.concat([pcapHeader(), pcapRecord({ data: frameOf(1, 60) })])

  test.each([
    ['EIO', /an error.*EIO/],
    ['ESTALE', /lost the file/],
    ['EWHAT', /cannot be read: went wrong/],
  ])('%s after a packet and a half', async (code, reason) => {
    const bytes = Buffer.concat([whole, whole.subarray(24, 70)])
    const { frames, faults } = await readAll(await readerOf(failing(bytes, code)))
    expect(frames.length).toBe(1)
    expect(faults).toMatchObject([{ offset: bytes.length, reason: expect.stringMatching(reason) }])
  })

  test('at the first bytes', async () => {
    const reader = await readerOf(failing(new Uint8Array(2), 'EIO'))
    expect(await reader.next()).toBe(null)
    expect(reader.faults.length).toBe(1)
  })

  test('closing while a read is under way ends it', async () => {
    const stream = new PassThrough()
    stream.write(whole)
    const reader = await readerOf(new StreamSource(stream))
    expect((await reader.next())?.count).toBe(1)
    const waiting = reader.next()
    await reader.close()
    expect(await waiting).toBe(null)
    expect(reader.faults).toEqual([])
  })
})

/** One member with extra field, name, comment and header checksum. */
function fullHeader(data: Buffer): Buffer {
  const head = Buffer.concat([
    Buffer.from('1f8b081e000000000003', 'hex'),
    Buffer.of(3, 0, 1, 2, 3),
    Buffer.from('a.pcap\0of me\0\xaa\xbb', 'latin1'),
  ])
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(crc32(data))
  tail.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, deflateRawSync(data), tail])
}

function zstd(data: Uint8Array, ...options: string[]): Buffer {
  return execFileSync('zstd', ['-q', '-c', ...options], { input: data, maxBuffer: 1 << 26 })
}
