/**
 * Is the result right? A fast wrong answer is no result, so the bench compares
 * what seekwatch finds with the truth of the traffic before it takes the time.
 */

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Alert } from '../../src/events/alert.ts'
import type { RunSummary } from '../../src/events/batch.ts'
import { measure } from './measure.ts'
import { SEEKWATCH } from './programs.ts'
import type { Truth } from './traffic.ts'

/** How many differences are told of each kind. */
const TOLD_MAX = 5

/** The fields of an EVE line that are compared. */
interface EveLine {
  event_type: string
  tls?: { sni?: string }
  dns?: { type: string; queries?: Array<{ rrname: string }> }
  seekwatch?: Alert
}

/** Compares the figures of a replay; returns what is wrong, in sentences. */
export async function checkCounts(file: string, truth: Truth): Promise<string[]> {
  const { output } = await measure([SEEKWATCH, 'replay', file, '--no-store', '--quiet', '--json'], { output: true })
  const summary: RunSummary = JSON.parse(output)
  const wrong: string[] = []
  const expect = (what: string, found: unknown, expected: unknown): void => {
    if (found !== expected) wrong.push(`${file}: ${what}: found ${found}, the truth is ${expected}`)
  }
  expect('packets', summary.packets, truth.packets)
  expect('flows', summary.flows, truth.flows)
  expect('files that could not be read', summary.files_failed, 0)
  // One for each connection, and one for each client that asked DNS for a name.
  expect('alerts', summary.alerts, truth.watched.length + truth.watched.filter((flow) => flow.asked).length)
  expect('contacts', summary.contacts, new Set(truth.watched.map((flow) => flow.client)).size)
  return wrong
}

/** Compares each name and each alert of a replay, through EVE; `eve` is where the lines are kept meanwhile. */
export async function checkNames(file: string, truth: Truth, eve: string): Promise<string[]> {
  await measure([SEEKWATCH, 'replay', file, '--no-store', '--quiet', '--eve', eve, '--events', 'alert,tls,dns'])
  const serverNames: Record<string, number> = {}
  const questions: Record<string, number> = {}
  const answers: Record<string, number> = {}
  const alerts: Record<string, number> = {}
  for await (const line of createInterface({ input: createReadStream(eve) })) {
    const event: EveLine = JSON.parse(line)
    if (event.tls?.sni !== undefined && event.event_type === 'tls') count(serverNames, event.tls.sni)
    if (event.event_type === 'dns') {
      for (const { rrname } of event.dns?.queries ?? [])
        count(event.dns?.type === 'request' ? questions : answers, rrname)
    }
    if (event.event_type === 'alert') {
      const { client, server, evidence } = event.seekwatch!
      for (const { kind, value } of evidence) {
        if (kind === 'tls_sni') count(alerts, `${client.ip}:${client.port} to ${server.ip} for ${value}`)
      }
    }
  }
  const watched: Record<string, number> = {}
  for (const { client, clientPort, server, name } of truth.watched) {
    count(watched, `${client}:${clientPort} to ${server} for ${name}`)
  }
  return [
    ...differences('server names', serverNames, truth.serverNames),
    ...differences('DNS questions', questions, truth.questions),
    ...differences('DNS answers', answers, truth.questions),
    ...differences('alerts with a server name', alerts, watched),
  ]
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

function differences(what: string, found: Record<string, number>, truth: Record<string, number>): string[] {
  const names = new Set([...Object.keys(found), ...Object.keys(truth)])
  const wrong = [...names].filter((name) => found[name] !== truth[name])
  const told = wrong.slice(0, TOLD_MAX).map((name) => {
    return `${what}: ${JSON.stringify(name)}: found ${found[name] ?? 0} times, the truth is ${truth[name] ?? 0}`
  })
  if (wrong.length > told.length) told.push(`${what}: and ${wrong.length - told.length} more`)
  return told
}
