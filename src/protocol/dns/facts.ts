/**
 * A DNS message in text: what leaves the sensor of it. Made once, and only for
 * messages somebody wants to see.
 *
 * Entries whose name cannot be read (a loop of pointers, a name that is too
 * long) are left out: nothing can be said about them.
 */

import type { DnsObservation, DnsQuestion, DnsRecord, DnsService } from '../../events/observation.ts'
import { ADDITIONAL, ANSWER, AUTHORITY, type DnsMessage, isAnswer, QUESTION } from './message.ts'
import { NameBuffer, readName } from './name.ts'
import { netbiosData, netbiosName } from './netbios.ts'
import { recordData } from './rdata.ts'

export type DnsFacts = Pick<
  DnsObservation,
  'service' | 'answer' | 'id' | 'flags' | 'questions' | 'answers' | 'authorities' | 'additionals'
>

const name = new NameBuffer()

/** All of a message that was read as one of `service`. The bytes must still be those that were read. */
export function dnsFacts(message: DnsMessage, service: DnsService): DnsFacts {
  const { id, flags } = message
  return {
    service,
    answer: isAnswer(flags),
    id,
    flags,
    questions: questionsOf(message, service),
    answers: recordsOf(message, service, ANSWER),
    authorities: recordsOf(message, service, AUTHORITY),
    additionals: recordsOf(message, service, ADDITIONAL),
  }
}

/** The questions of a message. */
export function questionsOf(message: DnsMessage, service: DnsService): DnsQuestion[] {
  const questions: DnsQuestion[] = []
  for (let row = 0; row < message.count && message.section[row] === QUESTION; row++) {
    const text = nameOf(message, service, row)
    if (text !== undefined) questions.push({ name: text, type: message.type[row]! })
  }
  return questions
}

/** The records of one section of a message. */
export function recordsOf(message: DnsMessage, service: DnsService, section: number): DnsRecord[] {
  const records: DnsRecord[] = []
  for (let row = 0; row < message.count; row++) {
    if (message.section[row] !== section) continue
    const owner = nameOf(message, service, row)
    if (owner !== undefined) records.push(recordOf(message, service, row, owner))
  }
  return records
}

function recordOf(message: DnsMessage, service: DnsService, row: number, owner: string): DnsRecord {
  const { text, fields } = service === 'nbns' ? netbiosData(message, row) : recordData(message, row)
  const record: DnsRecord = {
    name: owner,
    type: message.type[row]!,
    ttl: message.ttl[row]!,
    data: text,
    dataBytes: message.dataBytes[row]!,
  }
  if (fields) record.fields = fields
  return record
}

function nameOf(message: DnsMessage, service: DnsService, row: number): string | undefined {
  const { bytes, start, end } = message
  if (readName(bytes, start, end, message.nameAt[row]!, name) < 0) return undefined
  const text = name.toString()
  return service === 'nbns' ? netbiosName(text) : text
}
