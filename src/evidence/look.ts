/**
 * Is a file the one that an alert speaks of? It is, if at each packet number of
 * the evidence there lies a packet with the evidence's time, between the ends
 * that the alert names. Another file, or one that was changed, has something
 * else there.
 */

import { ipText } from '../bytes/address.ts'
import { printable } from '../bytes/text.ts'
import { rfc3339 } from '../bytes/time.ts'
import { UDP } from '../packet/packet.ts'
import { type Frame, walk } from './walk.ts'
import { BEFORE_US, dnsIdOf, type WantedEvidence, type WantedFlow } from './wanted.ts'

export interface Looked {
  /** Why it is not that file, or cannot be read; empty when it is. */
  trouble: string
  /** What packets showed and are what they should be, by their number, in order. */
  shown: Map<number, WantedEvidence[]>
  /** Flows that showed evidence and are not those of alerts. */
  beside: WantedFlow[]
}

/** Looks at each packet of `wanted` in the file at `path`. */
export async function look(path: string, wanted: readonly WantedEvidence[], signal?: AbortSignal): Promise<Looked> {
  const byNumber = new Map<number, WantedEvidence[]>()
  for (const one of wanted) byNumber.set(one.evidence.packet, [...(byNumber.get(one.evidence.packet) ?? []), one])
  const last = Math.max(...byNumber.keys())
  const looked: Looked = { trouble: '', shown: new Map(), beside: [] }
  const walked = await walk(
    path,
    (frame) => {
      for (const one of byNumber.get(frame.number) ?? []) {
        looked.trouble = difference(frame, one)
        if (looked.trouble !== '') return false
        note(looked, frame, one)
      }
      return frame.number < last
    },
    signal,
  )
  const absent = [...byNumber.keys()].find((number) => !looked.shown.has(number))
  if (looked.trouble === '' && absent !== undefined) looked.trouble = tooShort(walked.last, absent, walked.faults[0])
  return looked
}

/**
 * Looks for the packets of `wanted` by their time and ends alone, in a recording of what a live sensor saw: there the
 * numbers are those of the recorder. `trouble` stays empty: what is not found may be in another recording.
 */
export async function lookByTime(
  path: string,
  wanted: ReadonlySet<WantedEvidence>,
  signal?: AbortSignal,
): Promise<Looked> {
  const byTime = new Map<number, WantedEvidence[]>()
  for (const one of wanted) byTime.set(one.timeUs, [...(byTime.get(one.timeUs) ?? []), one])
  const lastUs = Math.max(...byTime.keys())
  const looked: Looked = { trouble: '', shown: new Map(), beside: [] }
  await walk(
    path,
    (frame) => {
      for (const one of byTime.get(frame.timeUs) ?? []) {
        if (difference(frame, one) === '') note(looked, frame, one)
      }
      return frame.nowUs <= lastUs
    },
    signal,
  )
  return looked
}

function note(looked: Looked, frame: Frame, one: WantedEvidence): void {
  looked.shown.set(frame.number, [...(looked.shown.get(frame.number) ?? []), one])
  if (frame.flow !== one.flow) looked.beside.push(flowBeside(frame, one))
}

function difference(frame: Frame, { evidence, timeUs, client, flow }: WantedEvidence): string {
  const { number, packet } = frame
  if (frame.nowUs !== timeUs && frame.timeUs !== timeUs)
    return `it is not the file that the alert speaks of: its packet ${number} is of ${rfc3339(frame.timeUs)}, the evidence of ${printable(evidence.time)}`
  if (!frame.isPacket) return `it is not the file that the alert speaks of: its packet ${number} is neither TCP nor UDP`
  const { bytes, sourceStart, targetStart, addressBytes } = packet
  const ends = [sourceStart, targetStart].map((start) => ipText(bytes, start, addressBytes))
  if (frame.flow !== flow && !ends.includes(client))
    return `it is not the file that the alert speaks of: its packet ${number} is between ${ends.join(' and ')}, and not of ${printable(client)}`
  return ''
}

function flowBeside(frame: Frame, { evidence: { kind }, timeUs }: WantedEvidence): WantedFlow {
  const { protocol, sourcePort } = frame.packet
  const isDns = protocol === UDP && (kind === 'dns_answer' || kind === 'dns_question')
  const dnsId = isDns ? dnsIdOf(frame) : null
  const fromUs = timeUs - BEFORE_US
  return { id: frame.flow, protocol, port: sourcePort, fromUs, toUs: frame.nowUs, dnsId, counted: null }
}

function tooShort(count: number, last: number, fault: { reason: string; advice: string } | undefined): string {
  const cause = fault === undefined ? '' : `: ${fault.reason}`
  if (count === 0) return fault === undefined ? 'it has no packets' : `it cannot be read${cause}`
  return `it ends at packet ${count}, and the evidence is packet ${last}: it was cut, or is another file${cause}`
}
