/** The parts of live capture that need no wire: what children say, filters that split, packets put in order. */

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Block } from '../../src/capture/block.ts'
import { grown } from '../../src/capture/live/child.ts'
import { dumpcap } from '../../src/capture/live/dumpcap.ts'
import { Merge } from '../../src/capture/live/merge.ts'
import { splitFilter } from '../../src/capture/live/split.ts'
import { tcpdump, unread } from '../../src/capture/live/tcpdump.ts'
import { isInstalled } from '../support/setup.ts'

const CAPTURES = join(import.meta.dirname, '../../captures')

describe('what children say', () => {
  test.each([
    [
      'tcpdump: 5 packets captured, 9 packets received by filter, 4 packets dropped by kernel',
      { kernel: 4, device: null },
    ],
    ['1 packet dropped by kernel', { kernel: 1, device: null }],
    ['7 packets dropped by interface', { kernel: null, device: 7 }],
    ['tcpdump: listening on eth1, link-type EN10MB (Ethernet), snapshot length 262144 bytes', null],
  ])('tcpdump: %s', (line, figures) => expect(tcpdump.figures(line)).toEqual(figures))

  test('dumpcap: all that it lost, wherever', () => {
    const line =
      "Packets received/dropped on interface 'a: (b)': 95/10 (pcap:3/dumpcap:2/flushed:5/ps_ifdrop:7) (96.7%)"
    expect(dumpcap.figures(line)).toEqual({ kernel: 10, device: 7 })
    expect(dumpcap.figures('Packets captured: 95')).toBeNull()
  })

  test('what tcpdump left in the ring is lost, too', () => {
    expect(unread(['90 packets captured', '100 packets received by filter', '4 packets dropped by kernel'])).toBe(6)
    expect(unread(['tcpdump: eth1: No such device exists'])).toBe(0)
  })

  test('a sum of 32 bits that begins again at 0', () => {
    expect(grown(2 ** 32 - 5, 10)).toBe(2 ** 32 + 10)
    expect(grown(2 ** 32 + 10, 12)).toBe(2 ** 32 + 12)
    expect(grown(3, 3)).toBe(3)
  })
})

describe.skipIf(!isInstalled('tcpdump'))('filters that split, run by tcpdump over every recording', () => {
  const inputs = readdirSync(CAPTURES)
    .flatMap((name) => [join(CAPTURES, name, 'input.pcap')])
    .filter((file) => spawnSync('test', ['-f', file]).status === 0)

  /** The frames of a file that a filter takes, as text with their times. */
  function taken(file: string, filter: string): string[] {
    const { stdout, status, stderr } = spawnSync('tcpdump', ['-r', file, '-n', '-tt', '-xx', filter], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    expect(status, stderr).toBe(0)
    return stdout === '' ? [] : stdout.split(/\n(?=\d+\.\d{6} )/)
  }

  test.each([2, 3, 7])(
    '%i parts: each frame in exactly one',
    (count) => {
      for (const file of inputs) {
        const all = taken(file, '')
        const parts = Array.from({ length: count }, (_, i) => taken(file, splitFilter('', i, count)))
        expect(parts.flatMap((part) => part.map((text) => text.trim())).sort(), file).toEqual(
          all.map((text) => text.trim()).sort(),
        )
      }
    },
    120_000,
  )

  test("both directions of a flow are in one part, of the user's choice only", () => {
    const file = join(CAPTURES, 'many-clients/input.pcap')
    const where = new Map<string, number>()
    for (let part = 0; part < 3; part++) {
      for (const frame of taken(file, splitFilter('tcp port 443', part, 3))) {
        const [, from, to] = / IP (\S+) > (\S+):/.exec(frame)!
        const flow = [from, to].sort().join(' ')
        expect(where.get(flow) ?? part).toBe(part)
        where.set(flow, part)
      }
    }
    expect(where.size).toBeGreaterThan(5)
    expect(new Set(where.values()).size).toBeGreaterThan(1)
  })
})

describe('packets of several feeds', () => {
  function block(...timesUs: number[]): Block {
    const made = new Block(16)
    made.bytes = Uint8Array.from(timesUs, (time) => time & 0xff)
    timesUs.forEach((time, i) => {
      made.timeUs[i] = time
      made.start[i] = i
      made.end[i] = i + 1
    })
    made.count = timesUs.length
    return made
  }
  function merged(): { merge: Merge<string>; out: string[] } {
    const out: string[] = []
    const merge = new Merge(['a', 'b'], 100, (feed, { bytes, start, timeUs, count }) => {
      for (let i = 0; i < count; i++) {
        expect(bytes[start[i]!]).toBe(timeUs[i]! & 0xff)
        out.push(`${feed}${timeUs[i]}`)
      }
    })
    return { merge, out }
  }

  test('go on in the order of time, as far as it is known', () => {
    const { merge, out } = merged()
    merge.add('a', block(1, 4, 9), 0)
    expect(out).toEqual([])
    merge.add('b', block(2, 5), 0)
    expect(out).toEqual(['a1', 'b2', 'a4', 'b5'])
    merge.drain(99)
    expect(out).toHaveLength(4)
    merge.drain(100)
    expect(out).toEqual(['a1', 'b2', 'a4', 'b5', 'a9'])
  })

  test('a silent feed holds nothing up for longer than it may', () => {
    const { merge, out } = merged()
    for (let i = 0; i < 70; i++) merge.add('a', block(i), 0)
    expect(out.length).toBeGreaterThan(0) // the bound on what waits
    merge.drain(Number.POSITIVE_INFINITY)
    expect(out).toEqual(Array.from({ length: 70 }, (_, i) => `a${i}`))
  })
})
