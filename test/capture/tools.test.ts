/** Captures that other programs wrote, and what these programs make of ours. */

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openCapture } from '../../src/capture/open.ts'
import { frameOf, ngInterface, ngPacket, ngSection, ngSimplePacket, pcapFile } from '../support/capture-files.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type ReadCapture, readAll, readBytes } from './read-all.ts'

const missing = ['tcpdump', 'tshark', 'editcap', 'mergecap', 'capinfos'].filter(
  (tool) => spawnSync(tool, ['--version']).error !== undefined,
)
if (missing.length > 0)
  console.warn(`not installed: ${missing.join(', ')}; the tests with captures of other programs are skipped`)

const FRAMES = Array.from({ length: 50 }, (_, i) => ({
  seconds: 1_700_000_000 + (i >> 3),
  fraction: i * 1001,
  data: frameOf(i, 14 + i * 20),
  original: 14 + i * 20 + (i % 5 === 0 ? 7 : 0),
}))
const plain = await readBytes(pcapFile(FRAMES))
const read = async (path: string): Promise<ReadCapture> => readAll(await openCapture(path))
const run = (tool: string, ...args: string[]): string =>
  execFileSync(tool, args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString()

describe.skipIf(missing.length > 0)('files of other programs', () => {
  test.each([
    ['pcap', 'd4c3b2a1'],
    ['nsecpcap', '4d3cb2a1'],
    ['modpcap', '34cdb2a1'],
    ['pcapng', '0a0d0d0a'],
  ])('editcap -F %s', async (format, magic) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'in'), pcapFile(FRAMES))
    run('editcap', '-F', format, join(folder, 'in'), join(folder, 'out'))
    expect(readFileSync(join(folder, 'out')).toString('hex', 0, 4)).toBe(magic)
    const { frames, faults } = await read(join(folder, 'out'))
    expect(frames).toEqual(plain.frames)
    expect(faults).toEqual([])
  })

  test('tcpdump from our big-endian file', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'in'), pcapFile(FRAMES, { big: true }))
    run('tcpdump', '-r', join(folder, 'in'), '-w', join(folder, 'out'))
    expect((await read(join(folder, 'out'))).frames).toEqual(plain.frames)
  })

  test('mergecap of two link types, and two files one behind the other', async () => {
    const folder = temporaryFolder()
    const [a, b, out] = ['a', 'b', 'out'].map((name) => join(folder, name)) as [string, string, string]
    writeFileSync(a, pcapFile(FRAMES))
    writeFileSync(b, pcapFile(FRAMES, { linkType: 101, big: true }))
    run('mergecap', '-a', '-F', 'pcapng', '-w', out, a, b)
    const { frames, links, faults } = await read(out)
    expect(frames.length).toBe(100)
    expect(frames.slice(0, 50)).toEqual(plain.frames)
    expect(frames.slice(50).map((frame) => ({ ...frame, packet: frame.packet - 50, link: 0 }))).toEqual(plain.frames)
    expect(links.map((link) => link.linkType)).toEqual([1, 101])
    expect(faults).toEqual([])
    const joined = await readBytes(Buffer.concat([readFileSync(out), readFileSync(out)]))
    expect(joined.frames.length).toBe(200)
    expect(joined.faults).toEqual([])
  })
})

describe.skipIf(missing.length > 0)('our test files, read by others', () => {
  // so that the writer of the tests and the reader cannot be wrong in the same way
  const data = frameOf(3, 70)
  const files: Array<[name: string, bytes: Buffer]> = [
    ['pcap, big-endian nanoseconds', pcapFile(FRAMES, { big: true, magic: 0xa1b23c4d })],
    ['pcap, modified', pcapFile(FRAMES, { magic: 0xa1b2cd34 })],
    [
      'pcapng',
      Buffer.concat([
        ngSection(true),
        ngInterface({ big: true, name: 'eth0', resolution: 9, offsetSeconds: 1000n }),
        ngPacket({ big: true, ticks: 1_700_000_000_123_456_789n, data, original: 1500 }),
        ngSection(),
        ngInterface({ linkType: 101, resolution: 0xa0 }),
        ngPacket({ ticks: (1_700_000_000n << 32n) | 0x12345678n, data }),
      ]),
    ],
  ]
  test.each(files)('%s', async (_, bytes) => {
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, bytes)
    const fields = ['frame.number', 'frame.time_epoch', 'frame.cap_len', 'frame.len']
    const output = run('tshark', '-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field]))
    const { frames, faults } = await readBytes(bytes)
    expect(faults).toEqual([])
    const ours = frames.map(({ packet, timeUs, original, data: hex }) => {
      const captured = hex.includes(' ') ? Number.parseInt(hex, 10) : hex.length / 2
      return [packet, timeUs, captured, original].join(' ')
    })
    expect(ours).toEqual(output.trim().split('\n').map(inMicroseconds))
  })

  test('simple packets: as many as capinfos counts', async () => {
    const bytes = Buffer.concat([ngSection(), ngInterface(), ngSimplePacket(data), ngSimplePacket(data)])
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, bytes)
    expect(run('capinfos', '-T', '-r', '-c', '-M', path)).toMatch(/\t2$/m)
    expect((await readBytes(bytes)).frames.length).toBe(2)
  })
})

/** A line of tshark with its time (decimal seconds or RFC 3339, as the version has it) in microseconds. */
function inMicroseconds(line: string): string {
  const [packet, time, captured, original] = line.split('\t') as [string, string, string, string]
  const [, whole, fraction] = /^(.*)\.(\d+)Z?$/.exec(time)!
  const seconds = whole!.includes('T') ? Date.parse(`${whole}Z`) / 1000 : Number(whole)
  return [packet, seconds * 1e6 + Number(fraction!.slice(0, 6)), captured, original].join(' ')
}
