/**
 * The golden captures in other shapes (support/reshape.ts): whatever way the
 * same words came, the same is said of them.
 */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadNetworks } from '../src/enrich/networks.ts'
import type { Alert } from '../src/events/alert.ts'
import { loadPacks } from '../src/packs/load.ts'
import { framesOf } from './support/capture-frames.ts'
import { feed, type TimedFrame } from './support/feed.ts'
import { fuzz, random } from './support/random.ts'
import * as shapes from './support/reshape.ts'
import { both, type Shape } from './support/reshape.ts'

const ROOT = join(import.meta.dirname, '..')
const CAPTURES = join(ROOT, 'captures')
const ETHERNET = 1
const { seed } = fuzz(1)
const packs = loadPacks(join(ROOT, 'rules'))
const networks = loadNetworks()

/** Figures that another shape has every right to change: sizes, packets, and numbers of packets. */
function said(alert: Alert): object {
  const { bytes_out, bytes_in, packets_out, packets_in, flow_id, ...rest } = alert
  const unsized = (text: string) => text.replace(/\d[\d.]* (?:B|kB|MB)/g, '(size)').replace(/\(packet \d+/g, '(packet')
  return {
    ...rest,
    reasons: alert.reasons.map(unsized),
    use_reason: unsized(alert.use_reason),
    evidence: alert.evidence.map(({ kind, value, time }) => ({ kind, value, time })),
  }
}

/** The same where segments are shorter: a request of less than 100 bytes at once is none to `detect/rhythm.ts`. */
function saidWithoutTurns(alert: Alert): object {
  const { use_reason, ...rest } = said(alert) as Alert
  return rest
}

/** The same where packets are added or missing at the end, or their times have changed: without times and what is made of them. */
function saidWithoutTimes(alert: Alert): object {
  const { id, contact, first_seen, last_seen, evidence, ...rest } = said(alert) as Alert
  return { ...rest, evidence: evidence.map(({ kind, value }) => ({ kind, value })) }
}

/** What is said whatever the order: that there was something, and what. */
function facts({ rule, indicator, client, server, protocol, confidence, attempt, client_role, use }: Alert): string {
  return JSON.stringify([rule, indicator.value, client.ip, server, protocol, confidence, attempt, client_role, use])
}

const SAME: Array<[name: string, shape: Shape]> = [
  ['in a VLAN', shapes.inVlan],
  ['in two VLANs', shapes.inTwoVlans],
  ['in VXLAN', shapes.inVxlan],
  ['in Geneve', shapes.inGeneve],
  ['in GRE', shapes.inGre],
  ['in ERSPAN', shapes.inErspan],
  ['in MPLS', shapes.inMpls],
  ['padded', shapes.padded],
  ['mirrored twice', shapes.mirroredTwice],
  ['with IP options', shapes.withIpOptions],
  ['in fragments', shapes.fragmented],
  ['in VXLAN, in fragments', both(shapes.inVxlan, shapes.fragmented)],
]
const OTHER_SEGMENTS: Array<[name: string, shape: Shape]> = [
  ['in segments cut anywhere', shapes.cut],
  ['in segments cut anywhere, the last piece first', shapes.cutAndTurned],
  ['in segments cut and fragments of them', both(shapes.cutAndTurned, shapes.fragmented)],
  ['in segments cut and sent again', shapes.cutAndSentAgain],
  ['byte by byte', shapes.byteByByte],
]
const OTHER_TIMES: Array<[name: string, shape: Shape]> = [
  ['without acknowledgments', shapes.withoutAcks],
  ['in segments sent again later', shapes.sentAgain],
]

/** The frames of a golden capture; null when some are of no Ethernet. */
async function ethernetOf(folder: string): Promise<TimedFrame[] | null> {
  const name = readdirSync(folder).find((file) => /^input\.pcap(?:ng)?$/.test(file))!
  const { frames, linkTypes } = await framesOf(join(folder, name))
  // of two interfaces one was recorded after the other; a shape that sorts puts them together
  frames.sort((one, other) => one.at - other.at)
  return linkTypes.every((type) => type === ETHERNET) ? frames : null
}

const alertsOf = (frames: readonly TimedFrame[]): Alert[] => feed(frames, { packs, networks, events: [] }).alerts

const names = readdirSync(CAPTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'scenarios')
  .map(({ name }) => name)
const captures = (
  await Promise.all(names.map(async (name) => ({ name, frames: await ethernetOf(join(CAPTURES, name)) })))
).flatMap(({ name, frames }) => (frames ? [{ name, frames, alerts: alertsOf(frames) }] : []))

test('most captures can be reshaped', () => expect(captures.length).toBeGreaterThan(40))

describe.each([
  ...SAME.map(([name, shape]) => ({ name, shape, words: said })),
  ...OTHER_SEGMENTS.map(([name, shape]) => ({ name, shape, words: saidWithoutTurns })),
  ...OTHER_TIMES.map(([name, shape]) => ({ name, shape, words: saidWithoutTimes })),
])('$name', ({ shape, words }) => {
  test.each(captures)('$name', ({ frames, alerts }) => {
    const shown = alertsOf(shape(frames, random(frames.length + seed)))
    expect(shown.map(words)).toEqual(alerts.map(words))
  })
})

describe('with neighbours that changed places', () => {
  test.each(captures)('$name', ({ frames, alerts }) => {
    const shown = alertsOf(shapes.swapped(frames, random(frames.length + seed)))
    expect(shown.map(facts).sort()).toEqual(alerts.map(facts).sort())
  })
})
