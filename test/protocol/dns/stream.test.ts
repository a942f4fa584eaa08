import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MALFORMED_LENGTH, NEED_MORE } from '../../../src/bytes/outcome.ts'
import { LENGTH_BYTES, readTcpMessage, tcpMessageBytes } from '../../../src/protocol/dns/stream.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'
import { message, question, u16 } from './messages.ts'

const framed = (bytes: Uint8Array): Buffer => Buffer.concat([u16(bytes.length), bytes])
const whole = framed(message({ questions: [question('chat.deepseek.com')] }))

const stories: Array<[story: string, bytes: Uint8Array, outcome: number]> = [
  ['nothing', hex(''), NEED_MORE],
  ['half a length', hex('00'), NEED_MORE],
  ['a length alone', hex('0011'), NEED_MORE],
  ['a length of zero', hex('0000'), MALFORMED_LENGTH],
  ['a length shorter than a header', hex('000b'), MALFORMED_LENGTH],
  ['the longest length', hex('ffff'), NEED_MORE],
  ['all but the last byte', whole.subarray(0, -1), NEED_MORE],
  ['one message', whole, whole.length],
  ['two messages', Buffer.concat([whole, whole]), whole.length],
]

test.each(stories)('%s', (_, bytes, outcome) => {
  const found = parseTwice(bytes, (arena, start, end) => {
    const at = readTcpMessage(arena, start, end)
    return at < 0 ? at : at - start
  })
  expect(found).toBe(outcome)
})

test('how much is needed is said as soon as it can be', () => {
  for (let length = 0; length < whole.length; length++) {
    const part = whole.subarray(0, length)
    expect(readTcpMessage(part, 0, length)).toBe(NEED_MORE)
    expect(tcpMessageBytes(part, 0, length)).toBe(length < LENGTH_BYTES ? LENGTH_BYTES : whole.length)
  }
})

/** The messages of a stream that comes in pieces, as one who keeps what is not finished reads them. */
function readPieces(pieces: readonly Uint8Array[]): string[] {
  const found: string[] = []
  let kept = Buffer.alloc(0)
  for (const piece of pieces) {
    kept = Buffer.concat([kept, piece])
    let at = 0
    for (let next = readTcpMessage(kept, at, kept.length); next >= 0; next = readTcpMessage(kept, at, kept.length)) {
      found.push(kept.toString('hex', at + LENGTH_BYTES, next))
      at = next
    }
    kept = kept.subarray(at)
  }
  return found
}

test('however a stream is cut, its messages are the same', () => {
  const body = fc.uint8Array({ minLength: 12, maxLength: 40 })
  const cuts = fc.array(fc.nat(200), { maxLength: 12 })
  fc.assert(
    fc.property(fc.array(body, { maxLength: 6 }), cuts, (bodies, places) => {
      const stream = Buffer.concat(bodies.map(framed))
      const borders = [0, ...places.filter((at) => at < stream.length).sort((a, b) => a - b), stream.length]
      const pieces = borders.slice(1).map((end, i) => stream.subarray(borders[i], end))
      expect(readPieces(pieces)).toEqual(bodies.map((bytes) => Buffer.from(bytes).toString('hex')))
    }),
    fuzz(500),
  )
})
