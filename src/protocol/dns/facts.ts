/**
 * A DNS message in text: what leaves the sensor of it. Made once, and only for
 * messages somebody wants to see.
 *
 * A question whose name cannot be read (a loop of pointers, a name that is too
 * long) is shown without one and with the reason, so that it leaves a trace;
 * it is not among `questionsOf`, which is what others judge by. Records of such
 * names are left out: nothing can be said about them.
 */

import type { DnsObservation, DnsQuestion, DnsRecord, DnsService, NameFault } from '../../events/observation.ts'
import { ADDITIONAL, ANSWER, AUTHORITY, type DnsMessage, isAnswer, QUESTION } from './message.ts'
import { NameBuffer, nameFault, readName } from './name.ts'
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
    questions: shownQuestions(message, service),
    answers: recordsOf(message, service, ANSWER),
    authorities: recordsOf(message, service, AUTHORITY),
    additionals: recordsOf(message, service, ADDITIONAL),
  }
}

/** The questions of a message whose names can be read. */
export function questionsOf(message: DnsMessage, service: DnsService): DnsQuestion[] {
  const questions: DnsQuestion[] = []
  for (let row = 0; row < message.count && message.section[row] === QUESTION; row++) {
    const text = nameOf(message, service, message.nameAt[row]!)
    if (text !== undefined) questions.push({ name: text, type: message.type[row]! })
  }
  return questions
}

/** All questions of a message, also those whose names cannot be read. */
function shownQuestions(message: DnsMessage, service: DnsService): DnsQuestion[] {
  const questions: DnsQuestion[] = []
  for (let row = 0; row < message.count && message.section[row] === QUESTION; row++) {
    const at = message.nameAt[row]!
    const text = nameOf(message, service, at)
    const type = message.type[row]!
    questions.push(text !== undefined ? { name: text, type } : { name: '', type, unreadable: faultOf(message, at) })
  }
  const at = message.brokenQuestionAt
  if (at >= 0) {
    const text = nameOf(message, service, at) // perhaps only its type is missing
    questions.push({ name: text ?? '', type: 0, unreadable: text === undefined ? faultOf(message, at) : 'cut' })
  }
  return questions
}

/** The records of one section of a message. */
export function recordsOf(message: DnsMessage, service: DnsService, section: number): DnsRecord[] {
  const records: DnsRecord[] = []
  for (let row = 0; row < message.count; row++) {
    if (message.section[row] !== section) continue
    const owner = nameOf(message, service, message.nameAt[row]!)
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

function faultOf({ bytes, start, end }: DnsMessage, at: number): NameFault {
  return nameFault(bytes, start, end, at)
}

function nameOf({ bytes, start, end }: DnsMessage, service: DnsService, at: number): string | undefined {
  if (readName(bytes, start, end, at, name) < 0) return undefined
  const text = name.toString()
  return service === 'nbns' ? netbiosName(text) : text
}
