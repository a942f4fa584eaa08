/** Builds DNS messages for tests; every count can also lie. Names are in latin1, one byte a character. */

import { addressBytes, u16, u32 } from './frames.ts'

export const A = 1
export const CNAME = 5
export const AAAA = 28
export const HTTPS = 65

export const NXDOMAIN = 0x8183
export const SERVFAIL = 0x8182

export interface TestRecord {
  name: string
  type: number
  ttl?: number
  /** Of A and AAAA an address, of CNAME a name, else any bytes. */
  data: string | Uint8Array
}

export interface MessageOptions {
  id?: number
  flags?: number
  type?: number
  questionCount?: number
  answerCount?: number
  answers?: TestRecord[]
}

/** A question for `name`. */
export function dnsQuestion(name: string, options: MessageOptions = {}): Buffer {
  return dnsMessage(name, { flags: 0x0100, ...options })
}

/** An answer to the question for `name`. */
export function dnsAnswer(name: string, answers: TestRecord[], options: MessageOptions = {}): Buffer {
  return dnsMessage(name, { flags: 0x8180, answers, ...options })
}

/** A name on the wire, without compression. */
export function wireName(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.')
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')])),
    Buffer.of(0),
  ])
}

function dnsMessage(
  name: string,
  { id = 0x2677, flags = 0, type = A, answers = [], ...counts }: MessageOptions,
): Buffer {
  const { questionCount = 1, answerCount = answers.length } = counts
  return Buffer.concat([
    u16(id),
    u16(flags),
    u16(questionCount),
    u16(answerCount),
    u32(0),
    wireName(name),
    u16(type),
    u16(1),
    ...answers.map(recordBytes),
  ])
}

function recordBytes({ name, type, ttl = 60, data }: TestRecord): Buffer {
  const bytes = typeof data !== 'string' ? data : type === CNAME ? wireName(data) : addressBytes(data)
  return Buffer.concat([wireName(name), u16(type), u16(1), u32(ttl), u16(bytes.length), bytes])
}
