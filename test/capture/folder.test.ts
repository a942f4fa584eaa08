import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findCaptures } from '../../src/capture/folder.ts'
import { frameOf, ngInterface, ngPacket, ngSection, pcapFile, pcapHeader } from '../support/capture-files.ts'
import { temporaryFolder } from '../support/folder.ts'

/** A capture whose first packet has this time. @param second what tells its second packet from others */
const at = (seconds: number, second = 2): Buffer =>
  pcapFile([
    { seconds, data: frameOf(1, 60) },
    { seconds: 1, data: frameOf(second, 60) },
  ])

/** A folder with these files; a path may lead through folders. */
function folderOf(files: Record<string, Uint8Array | string>): string {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

/** Names found, without the folder, and the faults. */
async function find(folder: string, paths = [folder]) {
  const { captures, faults } = await findCaptures(paths)
  const short = shortIn(folder)
  return {
    names: captures.map(({ name }) => short(name)),
    faults: faults.map(({ file, reason }) => `${short(file)}: ${reason}`),
  }
}

const shortIn =
  (folder: string) =>
  (name: string): string =>
    name.replace(`${folder}/`, '').replace(folder, '.')

describe('order', () => {
  test('by the time of the first packet, over folders and kinds of files; those without one last, by name', async () => {
    const folder = folderOf({
      'c.pcap': at(300),
      'z/deep/er/a.pcap': at(100),
      'b.pcap.gz': gzipSync(at(200)),
      'a.pcapng': Buffer.concat([ngSection(), ngInterface(), ngPacket({ ticks: 250_000_000n, data: frameOf(1, 60) })]),
      'same-2': at(150, 3),
      'same-1': at(150),
      'empty-2.pcap': pcapHeader(),
      'empty-1.pcap': new Uint8Array(0),
      'broken.pcap': Buffer.alloc(100),
    })
    expect(await find(folder)).toEqual({
      names: [
        'z/deep/er/a.pcap',
        'same-1',
        'same-2',
        'b.pcap.gz',
        'a.pcapng',
        'c.pcap',
        'broken.pcap',
        'empty-1.pcap',
        'empty-2.pcap',
      ],
      faults: [],
    })
  })

  test('a first packet far behind the head of the file is found', async () => {
    const far = Buffer.concat([ngSection(), ngInterface(), ...Array.from({ length: 9000 }, () => ngInterface())])
    const late = Buffer.concat([far, ngPacket({ ticks: 50_000_000n, data: frameOf(1, 60) })])
    expect((await find(folderOf({ 'a.pcap': at(100), 'b.pcapng': late }))).names).toEqual(['b.pcapng', 'a.pcap'])
  })

  test('names, paths and sizes are the ones given', async () => {
    const folder = folderOf({ 'sub/a.pcap': at(1), 'b.pcap': at(2) })
    const wanted = (prefix: string) =>
      [`${prefix}/sub/a.pcap`, `${prefix}/b.pcap`].map((path) => ({ path, name: path, bytes: 176, isPacked: false }))
    expect((await findCaptures([folder])).captures).toEqual(wanted(folder))
    expect((await findCaptures([`${folder}/`])).captures).toEqual(wanted(folder))
    expect((await findCaptures([`${folder}/./sub/..`])).captures).toEqual(wanted(`${folder}/./sub/..`))
    expect((await findCaptures([join(folder, 'b.pcap'), '-'])).captures.map((capture) => capture.name)).toEqual([
      join(folder, 'b.pcap'),
      '-',
    ])
  })

  test('what is compressed is known by its bytes, not by its name', async () => {
    const folder = folderOf({ 'a.pcap': gzipSync(at(1)), 'b.pcap.gz': at(2), 'c.pcap.gz': gzipSync(at(3)) })
    const { captures } = await findCaptures([folder])
    expect(captures.map(({ isPacked }) => isPacked)).toEqual([true, false, true])
  })

  test('hostile names are only names', async () => {
    const names = ['a\x1b[2J.pcap', 'b\n.pcap', '-rf', "c';drop table.pcap", '\u202egnp.pcap']
    const folder = folderOf(Object.fromEntries(names.map((name, i) => [name, at(1, i)])))
    expect((await find(folder)).names).toEqual([...names].sort())
  })
})

describe('what is no capture', () => {
  const OTHERS = {
    'README.md': '# read me',
    'a.yaml': 'a: 1',
    'expected.ndjson': '{}',
    'empty.txt': '',
    'x.gz': gzipSync('text'),
  }

  test('is passed over in a folder', async () => {
    expect(await find(folderOf({ ...OTHERS, 'sub/a.pcap': at(1) }))).toEqual({ names: ['sub/a.pcap'], faults: [] })
  })

  test('is counted, and told where packets may be in it', async () => {
    const folder = folderOf({
      ...OTHERS,
      'a.pcap': at(1),
      'a.pcap.sha256': 'abcd',
      'week.zip': Buffer.from('PK\x03\x04'),
      'week.xz': Buffer.from('fd377a585a00', 'hex'),
      router: Buffer.from('snoop\0\0\0'),
      lost: Buffer.alloc(50),
      'week.tar.gz': gzipSync('week/'),
    })
    const { captures, faults, remarks, passedOver } = await findCaptures([folder])
    const short = shortIn(folder)
    expect(captures.map(({ name }) => short(name))).toEqual(['a.pcap'])
    expect(faults).toEqual([])
    expect(remarks.map(({ file, remark }) => `${short(file)} ${remark.split('.')[0]}`)).toEqual([
      'lost was passed over: unknown magic 00 00 00 00 (a file of zeros: reserved on disk and never written?)',
      'router was passed over: unknown magic 73 6e 6f 6f (a snoop capture?)',
      'week.tar.gz was passed over: an archive by its name',
      'week.xz was passed over: unknown magic fd 37 7a 58 (xz data?)',
      'week.zip was passed over: unknown magic 50 4b 03 04 (a zip archive?)',
    ])
    expect(passedOver).toBe(Object.keys(OTHERS).length + 1)
  })

  test('is taken where its name says that it is one', async () => {
    const names = [
      'a.PCAP',
      'a.cap',
      'a.pcap.gz',
      'a.pcap0',
      'a.pcapng.zst',
      'a.dmp',
      'a.pcap.xz',
      'a.pcap.tar.bz2',
      'a.erf',
    ]
    const folder = folderOf(Object.fromEntries(names.map((name) => [name, 'x'])))
    expect(await find(folder)).toEqual({ names: [...names].sort(), faults: [] })
  })

  test('is taken where it was named itself', async () => {
    const folder = folderOf(OTHERS)
    const path = join(folder, 'README.md')
    expect(await find(folder, [path])).toEqual({ names: ['README.md'], faults: [] })
  })

  test('a folder of nothing else is a fault', async () => {
    const folder = folderOf({ ...OTHERS, 'sub/x.md': '' })
    mkdirSync(join(folder, 'empty'))
    const none = 'there are no captures in this folder'
    expect(await find(folder)).toEqual({ names: [], faults: [`.: ${none}`] })
    expect(await find(folder, [join(folder, 'empty'), join(folder, 'sub')])).toEqual({
      names: [],
      faults: [`empty: ${none}`, `sub: ${none}`],
    })
  })
})

describe('copies', () => {
  /** Names that are read, and what is said of the others. */
  async function told(files: Record<string, Uint8Array>): Promise<string[]> {
    const folder = folderOf(files)
    const { captures, faults, remarks } = await findCaptures([folder])
    expect(faults).toEqual([])
    const short = shortIn(folder)
    return [...captures.map(({ name }) => short(name)), ...remarks.map((r) => `${short(r.file)} ${short(r.remark)}`)]
  }

  test('the same capture beside itself, packed and moved, is read once', async () => {
    const files = { 'a.pcap': at(1), 'a.pcap.gz': gzipSync(at(1)), 'old/a.pcap': at(1), 'b.pcap': at(2) }
    expect(await told(files)).toEqual([
      'a.pcap',
      'b.pcap',
      'a.pcap.gz holds the same as a.pcap, so it was not read again',
      'old/a.pcap holds the same as a.pcap, so it was not read again',
    ])
  })

  test('two that are packed and cut alike are one', async () => {
    const cut = gzipSync(Buffer.concat([at(1), Buffer.alloc(1000, 'x')])).subarray(0, -12)
    expect(await told({ 'a.gz': cut, 'b.gz': cut })).toEqual([
      'a.gz',
      'b.gz holds the same as a.gz, so it was not read again',
    ])
  })

  test('what begins like another and goes on differently, or ends earlier, is read and told', async () => {
    const alike = (name: string) =>
      `${name} begins with the same packet as a.pcap and goes on differently; if one is a copy of the other, what both hold counts twice: leave one out`
    expect(await told({ 'a.pcap': at(1), 'b.pcap': at(1, 3), 'c.pcap': at(1).subarray(0, -20) })).toEqual([
      'a.pcap',
      'b.pcap',
      'c.pcap',
      alike('b.pcap'),
      alike('c.pcap'),
    ])
  })

  test('a thousand remarks are kept', async () => {
    const files = Object.fromEntries(Array.from({ length: 1003 }, (_, i) => [`${1000 + i}`, at(1)]))
    const { captures, remarks } = await findCaptures([folderOf(files)])
    expect([captures.length, remarks.length]).toEqual([1, 1000])
    expect(remarks.at(-1)!.remark).toContain('not read again (1002 remarks in all, not all listed)')
  })

  test('captures without packets are none of each other', async () => {
    expect(await told({ 'a.pcap': pcapHeader(), 'b.pcap': pcapHeader() })).toEqual(['a.pcap', 'b.pcap'])
  })
})

describe('hostile folders', () => {
  test('a path that does not exist is a fault, the others are read', async () => {
    const folder = folderOf({ 'a.pcap': at(1) })
    const { names, faults } = await find(folder, [join(folder, 'gone'), folder, join(folder, 'a.pcap', 'x')])
    expect(names).toEqual(['a.pcap'])
    expect(faults).toEqual([
      'gone: there is no such file or folder (ENOENT)',
      'a.pcap/x: a part of the path is a file and not a folder (ENOTDIR)',
    ])
  })

  test('links that lead in a circle, to the same file, or to nothing', async () => {
    const folder = folderOf({ 'a.pcap': at(1), 'sub/b.pcap': at(2) })
    symlinkSync('..', join(folder, 'sub', 'up'))
    symlinkSync(folder, join(folder, 'sub', 'root'))
    symlinkSync('a.pcap', join(folder, 'z.pcap'))
    symlinkSync('loop', join(folder, 'loop'))
    symlinkSync('gone', join(folder, 'nothing.pcap'))
    linkSync(join(folder, 'a.pcap'), join(folder, 'hard.pcap'))
    const { names, faults } = await find(folder)
    expect(names).toEqual(['a.pcap', 'sub/b.pcap'])
    expect(faults).toEqual([
      'loop: its symbolic links lead in a circle (ELOOP)',
      'nothing.pcap: there is no such file or folder (ENOENT)',
    ])
  })

  test('a file that is named twice is taken once', async () => {
    const folder = folderOf({ 'a.pcap': at(1) })
    expect(await find(folder, [folder, join(folder, 'a.pcap'), folder])).toEqual({ names: ['a.pcap'], faults: [] })
  })

  test('a folder that is reached twice is not called empty', async () => {
    const folder = folderOf({ 'sub/a.pcap': at(1) })
    const sub = join(folder, 'sub')
    for (const paths of [
      [folder, sub],
      [sub, folder],
    ])
      expect(await find(folder, paths)).toEqual({ names: ['sub/a.pcap'], faults: [] })
  })

  test('pipes and sockets in a folder are passed over; a pipe that is named is not touched', async () => {
    const folder = folderOf({ 'a.pcap': at(1) })
    execFileSync('mkfifo', [join(folder, 'pipe.pcap')])
    const server = createServer().listen(join(folder, 'socket.pcap'))
    onTestFinished(() => void server.close())
    expect(await find(folder)).toEqual({ names: ['a.pcap'], faults: [] })
    expect((await find(folder, [join(folder, 'pipe.pcap'), folder])).names).toEqual(['a.pcap', 'pipe.pcap'])
  })

  test.skipIf(process.getuid?.() === 0)('a file or folder that may not be read is a fault', async () => {
    const folder = folderOf({ 'a.pcap': at(1), 'locked.pcap': at(2), 'sub/b.pcap': at(3) })
    chmodSync(join(folder, 'locked.pcap'), 0)
    chmodSync(join(folder, 'sub'), 0)
    onTestFinished(() => chmodSync(join(folder, 'sub'), 0o700))
    const { names, faults } = await find(folder)
    expect(names).toEqual(['a.pcap'])
    expect(faults).toEqual([
      'locked.pcap: permission is denied to this user (EACCES)',
      'sub: permission is denied to this user (EACCES)',
    ])
  })

  test('folders a hundred deep', async () => {
    const folder = temporaryFolder()
    const deep = join(folder, ...Array.from({ length: 105 }, () => 'd'))
    mkdirSync(deep, { recursive: true })
    writeFileSync(join(deep, 'a.pcap'), at(1))
    const { names, faults } = await find(folder)
    expect(names).toEqual([])
    expect(faults[0]).toMatch(/the folders are more than 100 deep$/)
  })
})
