/** Decompressed ahead by threads: the same bytes and the same faults, in the same order, whatever happens to whom. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { AHEAD_PIECES, PIECE_BYTES, ReadAhead } from '../../src/capture/ahead.ts'
import { openCapture } from '../../src/capture/open.ts'
import { type ByteSource, openSource } from '../../src/capture/source.ts'
import { frameOf, pcapFile } from '../support/capture-files.ts'
import { temporaryFolder } from '../support/folder.ts'

const WORKER = new URL('../support/ahead-worker.mjs', import.meta.url)

let ahead: ReadAhead | undefined
afterEach(() => ahead?.close())

function begin(paths: readonly string[], threads: number, worker = WORKER): ReadAhead {
  ahead = new ReadAhead(paths, threads, worker)
  return ahead
}

/** Writes files by their names into a folder of their own; returns their paths. */
function files(contents: Record<string, Uint8Array>): string[] {
  const folder = temporaryFolder()
  return Object.entries(contents).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  })
}

async function bytesOf(source: ByteSource, step = 100_000): Promise<Buffer> {
  const pieces: Buffer[] = []
  const into = new Uint8Array(step)
  for (let count = await source.read(into, 0, step); count > 0; count = await source.read(into, 0, step))
    pieces.push(Buffer.from(into.subarray(0, count)))
  await source.close()
  return Buffer.concat(pieces)
}

const noise = (length: number, seed: number): Buffer =>
  Buffer.alloc(length).fill(Buffer.from(Array.from({ length: 60_000 }, (_, i) => ((i * seed) >> 5) & 255)))
const CAPTURE = pcapFile(Array.from({ length: 400 }, (_, i) => ({ fraction: i, data: frameOf(i, 1000) })))

describe('read ahead', () => {
  test.each([1, 2, 5])('%i threads give the bytes of nine files, empty and long ones among them', async (threads) => {
    const contents = Array.from({ length: 9 }, (_, i) => noise(i % 4 === 0 ? i : i * 400_000, i + 3))
    const paths = files(Object.fromEntries(contents.map((bytes, i) => [`${i}.gz`, gzipSync(bytes, { level: 1 })])))
    const { open } = begin(paths, threads)
    for (const [i, path] of paths.entries()) {
      const source = await open.call(ahead, path)
      expect((await bytesOf(source, 1 + 77_777 * i)).equals(contents[i]!), path).toBe(true)
      expect(source.bytesRead).toBe(gzipSync(contents[i]!, { level: 1 }).length)
    }
  })

  test('more than may wait: the thread goes on when pieces come back', async () => {
    const long = noise((AHEAD_PIECES + 5) * PIECE_BYTES + 1, 7)
    const [path] = files({ 'long.gz': gzipSync(long, { level: 1 }) })
    const source = await begin([path!], 1).open(path!)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await bytesOf(source, PIECE_BYTES)).equals(long)).toBe(true)
  })

  test('a file that is closed early lets the next one begin', async () => {
    const long = gzipSync(noise(50 * PIECE_BYTES, 5), { level: 1 })
    const paths = files({ 'a.gz': long, 'b.gz': long, 'c.gz': gzipSync('the last') })
    const all = begin(paths, 1)
    for (const path of paths.slice(0, 2)) {
      const source = await all.open(path)
      await source.read(new Uint8Array(10), 0, 10)
      await source.close()
      await source.close()
    }
    expect((await bytesOf(await all.open(paths[2]!))).toString()).toBe('the last')
  })

  test.each([
    ['damaged', gzipSync(CAPTURE).fill(0, 3000, 3100)],
    ['cut short', gzipSync(CAPTURE).subarray(0, -20)],
    ['whole', gzipSync(CAPTURE)],
    ['with other bytes behind it', Buffer.concat([gzipSync(CAPTURE), Buffer.from('hello')])],
    ['no capture', gzipSync('not a capture at all')],
  ])('frames and faults of a file that is %s are those of reading it here', async (_, bytes) => {
    const [path] = files({ 'x.pcap.gz': bytes })
    const read = async (open: (path: string) => Promise<ByteSource>) => {
      const capture = await openCapture(path!, {}, open)
      let packets = 0
      for (let block = await capture.next(); block; block = await capture.next()) packets += block.count
      await capture.close()
      return { packets, faults: capture.faults }
    }
    const all = begin([path!], 2)
    expect(await read((path) => all.open(path))).toEqual(await read(openSource))
  })

  test('a file that is gone by then is told as it would be here', async () => {
    const paths = [join(temporaryFolder(), 'gone.gz')]
    const all = begin(paths, 1)
    const capture = await openCapture(paths[0]!, {}, (path) => all.open(path))
    expect(await capture.next()).toBeNull()
    expect(capture.faults).toMatchObject([{ reason: 'there is no such file or folder (ENOENT)' }])
  })

  test('what is none of the files is opened by itself', async () => {
    const [plain, packed] = files({ plain: Buffer.from('plain'), 'packed.gz': gzipSync('packed') })
    const all = begin([packed!], 1)
    expect((await bytesOf(await all.open(plain!))).toString()).toBe('plain')
    expect((await bytesOf(await all.open(packed!))).toString()).toBe('packed')
  })

  test('a thread that dies is a fault of its file, with what to do; the next file gets another', async () => {
    const folder = temporaryFolder()
    const dying = join(folder, 'dying.mjs')
    writeFileSync(
      dying,
      `import { parentPort } from 'node:worker_threads'
       parentPort.on('message', () => { throw new Error('out of something') })`,
    )
    const paths = files({ 'a.gz': gzipSync('a'), 'b.gz': gzipSync('b') })
    const all = begin(paths, 1, new URL(`file://${dying}`))
    for (const path of paths) {
      const capture = await openCapture(path, {}, (path) => all.open(path))
      expect(await capture.next()).toBeNull()
      await capture.close()
      expect(capture.faults).toMatchObject([
        {
          reason: 'the thread that decompresses it has ended: out of something',
          advice: expect.stringContaining('--jobs 1'),
        },
      ])
    }
  })
})
