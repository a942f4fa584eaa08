/** `seekwatch watch`: files as recorders write, rotate, pack and copy them; each packet once, whatever happens. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { seekwatch } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'
import { pause, until } from '../support/wire.ts'

const ROOT = join(import.meta.dirname, '../..')
const TLS = join(ROOT, 'captures/tls13-openssl/input.pcap')
const MANY = join(ROOT, 'captures/many-clients/input.pcap')
const PACKETS = { tls: 23, many: 247 }

describe('watch', () => {
  let folder: string
  let dir: string
  let running: ChildProcess | null = null
  let said = ''
  beforeEach(() => {
    folder = temporaryFolder()
    dir = join(folder, 'ring')
    mkdirSync(dir)
  })
  afterEach(() => {
    running?.kill('SIGKILL')
  })

  async function start(...more: string[]): Promise<void> {
    await startAs([], ...more)
  }
  async function startAs(as: string[], ...more: string[]): Promise<void> {
    said = ''
    const watch = ['watch', 'ring', '--no-serve', '--json', '--db', 'w.db', ...more]
    const [program, ...args] = [...as, join(ROOT, 'bin/seekwatch'), ...watch]
    running = spawn(program!, args, { cwd: folder })
    running.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await until(
      () => said.includes('watching ring'),
      20_000,
      () => said,
    )
  }
  async function end(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number; packets: number }> {
    let out = ''
    running!.stdout!.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    const closed = once(running!, 'close')
    running!.kill(signal)
    const [code] = (await closed) as [number]
    return { code, packets: out === '' ? -1 : (JSON.parse(out) as { packets: number }).packets }
  }
  /** Packets that were ever counted for the folder. */
  function counted(): number {
    const store = openStore(join(folder, 'w.db'), { readonly: true })
    try {
      return store.coverage(0, Number.MAX_SAFE_INTEGER).hours.reduce((sum, hour) => sum + hour.packets, 0)
    } finally {
      store.close()
    }
  }
  function alerts(): number {
    const store = openStore(join(folder, 'w.db'), { readonly: true })
    try {
      return store.alerts({}).total
    } finally {
      store.close()
    }
  }
  const reaches = (packets: number): Promise<void> =>
    until(
      () => counted() >= packets,
      10_000,
      () => `${counted()} packets of ${packets}; ${said}`,
    )

  test('files that are there, and one that comes', async () => {
    copyFileSync(TLS, join(dir, 'a_00001.pcap'))
    await start()
    await reaches(PACKETS.tls)
    copyFileSync(MANY, join(dir, 'a_00002.pcap'))
    await reaches(PACKETS.tls + PACKETS.many)
    expect((await end()).code).toBe(0)
    expect(alerts()).toBeGreaterThan(2)
  })

  test('a file that grows slowly, in pieces that end anywhere', async () => {
    const bytes = readFileSync(MANY)
    await start()
    const path = join(dir, 'slow.pcap')
    writeFileSync(path, bytes.subarray(0, 3))
    for (const [from, to] of [
      [3, 20],
      [20, 30_000],
      [30_000, 30_001],
      [30_001, 44_000],
      [44_000, bytes.length],
    ]) {
      await new Promise((resolve) => setTimeout(resolve, 700))
      appendFileSync(path, bytes.subarray(from, to))
    }
    await reaches(PACKETS.many)
    expect(await end()).toMatchObject({ code: 0, packets: PACKETS.many })
  })

  test('the end of a file is read before the next one, though both come at once', async () => {
    const bytes = readFileSync(MANY)
    const ends = [bytes.length / 3, (2 * bytes.length) / 3].map((at) => recordBoundary(bytes, at))
    const first = join(dir, 'b.pcap')
    writeFileSync(first, bytes.subarray(0, ends[0]))
    await start('--eve', 'w.json', '--events', 'dns,tls')
    await reaches(1)
    appendFileSync(first, bytes.subarray(ends[0], ends[1]))
    writeFileSync(join(dir, 'a.pcap'), Buffer.concat([bytes.subarray(0, 24), bytes.subarray(ends[1])]))
    await reaches(PACKETS.many)
    await end()
    const events = readFileSync(join(folder, 'w.json'), 'utf8').trimEnd().split('\n')
    const files = events.map((line) => (JSON.parse(line) as { pcap_filename: string }).pcap_filename)
    expect(new Set(files).size).toBe(2)
    expect(files).toEqual([...files].sort().reverse()) // all of b, then all of a
  })

  test('packed after its rotation, while the plain one is still there, and then gone', async () => {
    await start()
    copyFileSync(MANY, join(dir, 'r_1.pcap'))
    await reaches(PACKETS.many)
    const packed = gzipSync(readFileSync(MANY))
    writeFileSync(join(dir, 'r_1.pcap.gz'), packed.subarray(0, 5000))
    await new Promise((resolve) => setTimeout(resolve, 1200))
    appendFileSync(join(dir, 'r_1.pcap.gz'), packed.subarray(5000))
    unlinkSync(join(dir, 'r_1.pcap'))
    copyFileSync(TLS, join(dir, 'r_2.pcap'))
    await reaches(PACKETS.many + PACKETS.tls)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(await end()).toMatchObject({ code: 0, packets: PACKETS.many + PACKETS.tls })
  })

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'across a restart after %s: read on behind what was read',
    async (signal) => {
      const bytes = readFileSync(MANY)
      const path = join(dir, 'x.pcap')
      writeFileSync(path, bytes.subarray(0, 30_000))
      await start()
      await until(
        () => counted() > 50,
        10_000,
        () => said,
      )
      const before = counted()
      await end(signal)
      appendFileSync(path, bytes.subarray(30_000))
      mkdirSync(join(dir, 'old'))
      renameSync(path, join(dir, 'old', 'x.pcap'))
      await start()
      await reaches(PACKETS.many)
      expect(await end()).toMatchObject({ code: 0, packets: PACKETS.many - before })
      expect(counted()).toBe(PACKETS.many)
    },
  )

  test('a name that is used again for other packets', async () => {
    await start()
    copyFileSync(MANY, join(dir, 'ring0.pcap'))
    await reaches(PACKETS.many)
    writeFileSync(join(dir, 'ring0.pcap'), readFileSync(TLS)) // cut off and written anew, as tcpdump -W does
    await reaches(PACKETS.many + PACKETS.tls)
    expect((await end()).packets).toBe(PACKETS.many + PACKETS.tls)
  })

  test('a bad one is set aside with its reason and does not stop the rest', async () => {
    writeFileSync(join(dir, '1.pcap'), 'this is no capture at all')
    const damaged = readFileSync(MANY)
    damaged.writeUInt32LE(0xffffffff, 24 + 8)
    writeFileSync(join(dir, '2.pcap'), damaged)
    writeFileSync(join(dir, 'notes.txt'), 'not mentioned')
    copyFileSync(TLS, join(dir, '3.pcap'))
    await start()
    await reaches(PACKETS.tls)
    await until(
      () => /1\.pcap: set aside/.test(said) && /2\.pcap: set aside at byte 24/.test(said),
      5000,
      () => said,
    )
    expect(said).not.toContain('notes.txt')
    expect((await end()).code).toBe(3)
  })

  test('a copy that is written under another name first, as rsync does, and one that is moved in', async () => {
    await start()
    const bytes = readFileSync(MANY)
    writeFileSync(join(dir, '.c.pcap.Xa81Q'), bytes.subarray(0, 20_000))
    await pause(1200)
    appendFileSync(join(dir, '.c.pcap.Xa81Q'), bytes.subarray(20_000))
    renameSync(join(dir, '.c.pcap.Xa81Q'), join(dir, 'c.pcap'))
    copyFileSync(TLS, join(folder, 'd.pcap'))
    mkdirSync(join(dir, 'deep/er'), { recursive: true })
    renameSync(join(folder, 'd.pcap'), join(dir, 'deep/er/d.pcap'))
    await reaches(PACKETS.many + PACKETS.tls)
    await pause(1200)
    expect(await end()).toMatchObject({ code: 0, packets: PACKETS.many + PACKETS.tls })
  })

  test('a file that is cut off, and written whole again', async () => {
    await start()
    const path = join(dir, 'a.pcap')
    copyFileSync(MANY, path)
    await reaches(PACKETS.many)
    truncateSync(path, 20_000)
    await pause(1200)
    copyFileSync(MANY, path)
    copyFileSync(TLS, join(dir, 'b.pcap'))
    await reaches(PACKETS.many + PACKETS.tls)
    await pause(1200)
    expect((await end()).packets).toBe(PACKETS.many + PACKETS.tls)
  })

  test('an inode that is used again under another name, and times that lie', async () => {
    await start()
    copyFileSync(MANY, join(dir, 'a.pcap'))
    await reaches(PACKETS.many)
    unlinkSync(join(dir, 'a.pcap'))
    copyFileSync(TLS, join(dir, 'b.pcap'))
    utimesSync(join(dir, 'b.pcap'), 0, 0)
    await reaches(PACKETS.many + PACKETS.tls)
    utimesSync(join(dir, 'b.pcap'), 4e9, 4e9)
    await pause(1200)
    utimesSync(join(dir, 'b.pcap'), 1, 1)
    await pause(1200)
    expect(await end()).toMatchObject({ code: 0, packets: PACKETS.many + PACKETS.tls })
  })

  test('symbolic links: inside the folder nothing is read twice, out of it they are followed', async () => {
    copyFileSync(MANY, join(dir, 'ring_1.pcap'))
    symlinkSync('ring_1.pcap', join(dir, 'current.pcap'))
    symlinkSync(TLS, join(dir, 'elsewhere.pcap'))
    symlinkSync('nowhere', join(dir, 'broken.pcap'))
    symlinkSync('.', join(dir, 'circle.pcap'))
    await start()
    await reaches(PACKETS.many + PACKETS.tls)
    await pause(1200)
    expect(await end()).toMatchObject({ code: 0, packets: PACKETS.many + PACKETS.tls })
  })

  test.skipIf(process.getuid?.() !== 0)(
    'a file that may not be read is set aside, and read when it may be',
    async () => {
      chmodSync(folder, 0o777)
      copyFileSync(MANY, join(dir, 'a.pcap'))
      chmodSync(join(dir, 'a.pcap'), 0)
      copyFileSync(TLS, join(dir, 'b.pcap'))
      await startAs(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'])
      await reaches(PACKETS.tls)
      await until(
        () => /a\.pcap: set aside: .*EACCES/.test(said),
        5000,
        () => said,
      )
      chmodSync(join(dir, 'a.pcap'), 0o444)
      await reaches(PACKETS.many + PACKETS.tls)
      expect((await end()).packets).toBe(PACKETS.many + PACKETS.tls)
    },
  )

  test('files packed in a way that is not read are told once, and are no failure', async () => {
    await start()
    for (const name of ['a.pcap.xz', 'b.pcap.bz2', 'notes.txt.xz']) writeFileSync(join(dir, name), 'packed')
    copyFileSync(TLS, join(dir, 'c.pcap'))
    await reaches(PACKETS.tls)
    await pause(1200)
    expect(await end()).toMatchObject({ code: 0, packets: PACKETS.tls })
    expect(
      said.match(/\S+ and others like it are passed over: .* gzip \(\.gz\) and zstd \(\.zst\) are read/g),
    ).toHaveLength(1)
    expect(said).not.toContain('notes')
  })

  test('the folder goes away and comes back', async () => {
    await start()
    rmSync(dir, { recursive: true })
    await until(
      () => said.includes('ENOENT'),
      5000,
      () => said,
    )
    mkdirSync(dir)
    copyFileSync(TLS, join(dir, 'a.pcap'))
    await reaches(PACKETS.tls)
    expect((await end()).code).toBe(0)
  })
})

test.each([
  ['nowhere', ': there is no such file or folder (ENOENT); name the folder that a recorder fills'],
  ['file/x', ': a part of the path is a file and not a folder (ENOTDIR); name the folder that a recorder fills'],
  ['file', ' is no folder; for files there is "seekwatch replay '],
])('%s is no folder to watch, and that is told', async (name, reason) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const path = join(folder, name)
  const { code, err } = await seekwatch('watch', path)
  expect(code).toBe(2)
  expect(err).toContain(`seekwatch: watch: ${path}${reason}`)
})

/** Where the first record behind `at` begins. */
function recordBoundary(pcap: Buffer, at: number): number {
  let offset = 24
  while (offset < at) offset += 16 + pcap.readUInt32LE(offset + 8)
  return offset
}
