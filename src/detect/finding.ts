/** What detection found at one moment: the stuff that alerts are made of (alert-book.ts). */

import { inOnePiece } from '../bytes/text.ts'
import { rfc3339 } from '../bytes/time.ts'
import type { AlertEndpoint, Evidence, EvidenceKind } from '../events/alert.ts'
import type { Place } from '../events/observation.ts'
import type { Answer } from './answer.ts'
import type { Basis } from './confidence.ts'
import type { FlowFacts } from './flow-facts.ts'
import type { Match } from './match.ts'

export interface Finding {
  /** Stable id of the alert; finding the same one again adds to it. */
  id: string
  match: Match
  basis: Basis
  evidence: Evidence[]
  /** Sentences, strongest first; what can be said of the answer is put after the first. */
  reasons: string[]
  server: AlertEndpoint
  flow: FlowFacts
  timeUs: number
  /** How long the alert may be added to: as long as its flow, as its contact, or until a time in microseconds. */
  lasts: 'flow' | 'contact' | number
  /** What is known of the answer from elsewhere and not from the flow itself: the address is that of a block page. */
  answer?: Answer
}

/** A fact from the wire as evidence. */
export function evidenceOf(kind: EvidenceKind, value: string, place: Place, timeUs: number): Evidence {
  return { kind, value, packet: place.packet, file: place.file, time: inOnePiece(rfc3339(timeUs)) }
}
