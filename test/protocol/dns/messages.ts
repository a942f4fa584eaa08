/** Builds DNS messages for the tests of this folder; every count can lie. Names are one byte a character. */

export interface Counts {
  questions: number
  answers: number
  authorities: number
  additionals: number
}

export interface Parts {
  id?: number
  flags?: number
  questions?: Uint8Array[]
  answers?: Uint8Array[]
  authorities?: Uint8Array[]
  additionals?: Uint8Array[]
  /** What the header claims, where that is not what is there. */
  claims?: Partial<Counts>
}

/** A message of these parts. */
export function message(parts: Parts): Buffer {
  const { id = 0x1234, flags = 0x0100, questions = [], answers = [], authorities = [], additionals = [] } = parts
  const counts: Counts = {
    questions: questions.length,
    answers: answers.length,
    authorities: authorities.length,
    additionals: additionals.length,
    ...parts.claims,
  }
  const numbers = [id, flags, counts.questions, counts.answers, counts.authorities, counts.additionals]
  return Buffer.concat([...numbers.map(u16), ...questions, ...answers, ...authorities, ...additionals])
}

/** A question; `of` is a name's text or its bytes. */
export function question(of: string | Uint8Array, type = 1, dnsClass = 1): Buffer {
  return Buffer.concat([nameBytes(of), u16(type), u16(dnsClass)])
}

/** A record; `dataBytes` is the length it claims. */
export function record(
  owner: string | Uint8Array,
  type: number,
  data: Uint8Array,
  { ttl = 60, dnsClass = 1, dataBytes = data.length } = {},
): Buffer {
  return Buffer.concat([nameBytes(owner), u16(type), u16(dnsClass), u32(ttl), u16(dataBytes), data])
}

/** A name on the wire, without compression: its labels are what stands between dots, or given one by one. */
export function name(text: string | string[]): Buffer {
  const labels = typeof text === 'string' ? (text === '' ? [] : text.split('.')) : text
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')])),
    Buffer.of(0),
  ])
}

/** A compression pointer. */
export function pointer(to: number): Buffer {
  return u16(0xc000 | to)
}

export function u16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff)
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function nameBytes(of: string | Uint8Array): Uint8Array {
  return typeof of === 'string' ? name(of) : of
}
