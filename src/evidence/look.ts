/**
 * Is a file the one that an alert speaks of? It is, if at each packet number of
 * the evidence there lies a packet with the evidence's time, between the ends
 * that the alert names. Another file, or one that was changed, has something
 * else there.
 */

import { ipText } from '../bytes/address.ts'
import { latin1, printable } from '../bytes/text.ts'
import { rfc3339 } from '../bytes/time.ts'
import { UDP } from '../packet/packet.ts'
import { type Frame, walk } from './walk.ts'
import { BEFORE_US, dnsIdOf, isOfDns, SKEW_US, type WantedEvidence, type WantedFlow, wireName } from './wanted.ts'

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

/** Where evidence of a live sensor most likely lies in a recording. */
export interface Likeness {
  path: string
  number: number
  /** In time; what is less likely is further away than all that is likelier. */
  distance: number
  beside: WantedFlow | null
}

/**
 * Looks for the packets of `wanted` in a recording of what a live sensor saw: there the numbers are those of the recorder,
 * and so are the stamps. Of the packets that may be it the one that is nearest in time is taken: a message of DNS with the
 * name, else a packet of the alert's flow, one in which the name can be read before others, else one of the client with it.
 * @param best what was found in other recordings; what is nearer takes its place
 */
export async function lookByTime(
  path: string,
  wanted: readonly WantedEvidence[],
  best: Map<WantedEvidence, Likeness>,
  signal?: AbortSignal,
): Promise<void> {
  const near = new Map<number, WantedEvidence[]>()
  for (const one of wanted) {
    const slot = Math.floor(one.timeUs / SKEW_US)
    for (const key of [slot - 1, slot, slot + 1]) near.set(key, [...(near.get(key) ?? []), one])
  }
  const lastUs = Math.max(...near.keys()) * SKEW_US + SKEW_US
  await walk(
    path,
    (frame) => {
      for (const one of near.get(Math.floor(frame.timeUs / SKEW_US)) ?? []) {
        const likeness = likenessOf(path, frame, one)
        if (likeness !== null && likeness.distance < (best.get(one)?.distance ?? Number.POSITIVE_INFINITY))
          best.set(one, likeness)
      }
      return frame.nowUs <= lastUs
    },
    signal,
  )
}

function likenessOf(path: string, frame: Frame, one: WantedEvidence): Likeness | null {
  const distance = Math.abs(frame.timeUs - one.timeUs)
  if (!frame.isPacket || distance > SKEW_US) return null
  const { bytes, payloadStart, payloadEnd, sourceStart, targetStart, addressBytes } = frame.packet
  const text = latin1(bytes, payloadStart, payloadEnd).toLowerCase()
  const { kind, value } = one.evidence
  const wire = wireName(value)
  const hasName = text.includes(value.toLowerCase()) || (wire !== '' && text.includes(wire))
  const isOwn = frame.flow === one.flow
  const isOfClient = [sourceStart, targetStart].some((start) => ipText(bytes, start, addressBytes) === one.client)
  const isDns = kind === 'dns_answer' || kind === 'dns_question'
  const mayBeIt = isDns ? isOfDns(frame) && isAnswer(frame) !== (kind === 'dns_question') : true
  if (!mayBeIt || !((isOfClient && hasName) || (isOwn && !isDns))) return null
  const doubts = isDns || (isOwn && hasName) ? 0 : isOwn ? 1 : 2
  return {
    path,
    number: frame.number,
    distance: distance + doubts * SKEW_US,
    beside: isOwn ? null : flowBeside(frame, one),
  }
}

/** Does a message of DNS answer (RFC 1035 section 4.1.1, QR)? Null over TCP, where messages begin anywhere. */
function isAnswer({ packet: { protocol, bytes, payloadStart } }: Frame): boolean | null {
  return protocol === UDP ? (bytes[payloadStart + 2]! & 0x80) !== 0 : null
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
