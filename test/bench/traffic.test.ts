/** The bench's traffic: the same on every machine, and read by others as the truth says. */

import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { measure } from './measure.ts'
import { compiled, tsharkNames, versionOf } from './programs.ts'
import { makeTraffic, readTruth, type Truth } from './traffic.ts'

const OPTIONS = { bytes: 1e6, seed: 1 }

let folder: string
let file: string
let truth: Truth
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'seekwatch-traffic-'))
  file = join(folder, 'mix.pcap')
  truth = makeTraffic(file, OPTIONS)
})
afterAll(() => rmSync(folder, { recursive: true }))

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

describe('the bytes', () => {
  test('are those of every other machine (or raise GENERATION in traffic.ts, and change this)', () => {
    expect(hashOf(file)).toBe('bdd2658e20474e004e16e45ccb966cc4fc0a520123f1a3d661f59ff21189e568')
  })

  test('come again with the same seed, and differ with another', () => {
    const again = join(folder, 'again.pcap')
    expect(makeTraffic(again, OPTIONS)).toEqual(truth)
    expect(hashOf(again)).toBe(hashOf(file))
    makeTraffic(again, { ...OPTIONS, seed: 2 })
    expect(hashOf(again)).not.toBe(hashOf(file))
  })

  test('are as many as the truth says, about as many as were asked for', () => {
    expect(readFileSync(file).length).toBe(truth.fileBytes)
    expect(Math.abs(truth.fileBytes - OPTIONS.bytes)).toBeLessThan(300_000)
  })

  test('hold what the bench is about', () => {
    expect(truth.watched).toHaveLength(10)
    expect(truth.watched.some((flow) => flow.asked) && truth.watched.some((flow) => !flow.asked)).toBe(true)
    expect(new Set(truth.watched.map((flow) => flow.client)).size).toBe(10)
    expect(truth.splitHellos).toBeGreaterThan(truth.hellos / 5)
    expect(truth.flows).toBe(truth.tcpFlows + truth.dnsMessages / 2)
    expect(Object.keys(truth.serverNames).length).toBeGreaterThan(15)
  })
})

describe('the truth beside the file', () => {
  test('is found again', () => expect(readTruth(file, OPTIONS)).toEqual(truth))
  test.each([
    { name: 'another seed', options: { ...OPTIONS, seed: 2 } },
    { name: 'another size', options: { ...OPTIONS, bytes: 2e6 } },
  ])('does not stand for $name', ({ options }) => expect(readTruth(file, options)).toBeNull())
  test('is null where there is none', () => expect(readTruth(join(folder, 'none.pcap'), OPTIONS)).toBeNull())
})

test.each([
  { name: 'too small', options: { bytes: 999_999, seed: 1 }, complaint: '--bytes 999999: give 1e6 to 1e11' },
  { name: 'too large', options: { bytes: 1e12, seed: 1 }, complaint: '--bytes 1000000000000' },
  { name: 'no number', options: { bytes: Number.NaN, seed: 1 }, complaint: '--bytes NaN' },
  { name: 'half a seed', options: { bytes: 1e6, seed: 0.5 }, complaint: '--seed 0.5: give a whole number' },
])('refuses $name', ({ options, complaint }) => {
  expect(() => makeTraffic(join(folder, 'refused.pcap'), options)).toThrow(complaint)
})

test('pcap-parser counts the same packets', async () => {
  const command = [process.execPath, '--no-deprecation', compiled('pcap-parser'), file]
  expect(Number((await measure(command, { output: true })).output)).toBe(truth.packets)
})

describe.skipIf(versionOf(['tshark', '--version']) === null)(
  'tshark (skipped where Debian package tshark is missing)',
  () => {
    test('finds the server names and DNS names of the truth, no other', async () => {
      const { output } = await measure(tsharkNames(file), { output: true })
      const serverNames: Record<string, number> = {}
      const questions: Record<string, number> = {}
      for (const line of output.split('\n').filter((line) => line !== '')) {
        const [serverName, question] = line.split('\t')
        if (serverName !== '') serverNames[serverName!] = (serverNames[serverName!] ?? 0) + 1
        if (question !== '') questions[question!] = (questions[question!] ?? 0) + 0.5 // question and answer name it
      }
      expect(serverNames).toEqual(truth.serverNames)
      expect(questions).toEqual(truth.questions)
    })

    test('finds all checksums right, nothing malformed, no segment missing', async () => {
      const checks = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`])
      const wrong = ['ip', 'tcp', 'udp'].map((layer) => `${layer}.checksum.status == "Bad"`)
      const filter = [...wrong, '_ws.malformed', 'tcp.analysis.flags'].join(' or ')
      const { output } = await measure(['tshark', '-n', '-r', file, ...checks, '-Y', filter], { output: true })
      expect(output).toBe('')
    })
  },
)
