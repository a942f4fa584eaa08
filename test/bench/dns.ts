/**
 * DNS messages of the bench traffic (RFC 1035 section 4; AAAA: RFC 3596), in
 * network byte order. Answers point back to the question's name (section
 * 4.1.4), as all servers do.
 */

import { Payload } from './payload.ts'

export const A = 1
export const CNAME = 5
export const AAAA = 28

const HEADER_BYTES = 12
const NAME_OF_QUESTION = 0xc000 | HEADER_BYTES
const TTL_SECONDS = 300

const QUERY = 0x0100 // recursion desired
const RESPONSE = 0x8180 // answer, recursion desired and available
const NAME_ERROR = 3

/** @param id transaction id, 0 to 65,535 */
export function dnsQuestion(id: number, name: string, type: number): Payload {
  return new Payload(Buffer.concat([header(id, QUERY, 0), question(name, type)]))
}

/**
 * The answer to `dnsQuestion`: a chain of aliases and then the addresses; with neither, "no such name".
 * @param aliases names that follow one another, the question's own not among them
 * @param addresses of 4 bytes for A, 16 for AAAA
 */
export function dnsAnswer(id: number, name: string, type: number, aliases: string[], addresses: Buffer[]): Payload {
  const count = aliases.length + addresses.length
  const parts = [header(id, count === 0 ? RESPONSE | NAME_ERROR : RESPONSE, count), question(name, type)]
  let owner = NAME_OF_QUESTION
  for (const alias of aliases) {
    const dataAt = parts.reduce((sum, part) => sum + part.length, 0) + RECORD_HEADER_BYTES
    parts.push(resource(owner, CNAME, nameBytes(alias)))
    owner = 0xc000 | dataAt
  }
  for (const address of addresses) parts.push(resource(owner, type, address))
  return new Payload(Buffer.concat(parts))
}

const RECORD_HEADER_BYTES = 12 // pointer, type, class, TTL, length

function header(id: number, flags: number, answers: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt16BE(flags, 2)
  bytes.writeUInt16BE(1, 4)
  bytes.writeUInt16BE(answers, 6)
  return bytes
}

function question(name: string, type: number): Buffer {
  return Buffer.concat([nameBytes(name), Buffer.from([0, type, 0, 1])])
}

function resource(owner: number, type: number, data: Buffer): Buffer {
  const bytes = Buffer.alloc(RECORD_HEADER_BYTES + data.length)
  bytes.writeUInt16BE(owner, 0)
  bytes.writeUInt16BE(type, 2)
  bytes.writeUInt16BE(1, 4)
  bytes.writeUInt32BE(TTL_SECONDS, 6)
  bytes.writeUInt16BE(data.length, 10)
  data.copy(bytes, RECORD_HEADER_BYTES)
  return bytes
}

function nameBytes(name: string): Buffer {
  return Buffer.from(
    `${name
      .split('.')
      .map((label) => String.fromCharCode(label.length) + label)
      .join('')}\0`,
    'latin1',
  )
}
