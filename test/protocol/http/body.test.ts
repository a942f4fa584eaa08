/** Bodies are stepped over: where they end decides what the next head is. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MALFORMED_VALUE } from '../../../src/bytes/outcome.ts'
import { type Body, loseBytes, requestBody, responseBody, skipBody } from '../../../src/protocol/http/body.ts'
import { Framing } from '../../../src/protocol/http/framing.ts'
import { parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'

function framing(length?: string, coding?: string): Framing {
  const made = new Framing()
  if (length !== undefined) made.takeLength(length)
  if (coding !== undefined) made.takeCoding(coding)
  return made
}

const chunked = (): Body => requestBody(framing(undefined, 'chunked'))!

/** Skips `text` in the pieces that `cuts` make; what is left after the body, or the reason. */
function skip(make: () => Body, text: string, cuts: number[] = []): { rest: string; isOver: boolean } | number {
  return parseTwice(Buffer.from(text, 'latin1'), (bytes, start, end) => {
    const body = make()
    let at = start
    for (const cut of [...cuts.filter((c) => c < text.length).sort((a, b) => a - b), text.length]) {
      if (body.isOver) break
      at = skipBody(bytes, at, start + cut, body)
      if (at < 0) return at
      if (!body.isOver) expect(at).toBe(start + cut)
    }
    return { rest: text.slice(at - start, end - start), isOver: body.isOver }
  })
}

describe('body', () => {
  const CHUNKS = '4\r\nsome\r\n00A ; name="x"\r\n0123456789\r\n0\r\n\r\n'

  test.each([
    { name: 'chunks', text: `${CHUNKS}GET`, rest: 'GET' },
    { name: 'chunks with bare line ends', text: '4\nsome\n0\n\nGET', rest: 'GET' },
    { name: 'trailers', text: '1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\nGET', rest: 'GET' },
    { name: 'line ends inside of data', text: '4\r\n\r\n\r\n\r\n0\r\n\r\nGET', rest: 'GET' },
    { name: 'no data at all', text: '0\r\n\r\n', rest: '' },
    { name: 'a size with many zeros in front', text: '0000000000001\r\nx\r\n0\r\n\r\n', rest: '' },
    { name: 'a request inside of a chunk is none', text: '12\r\nGET / HTTP/1.1\r\n\r\n\r\n0\r\n\r\nPUT', rest: 'PUT' },
  ])('$name', ({ text, rest }) => expect(skip(chunked, text)).toEqual({ rest, isOver: true }))

  test.each([
    { name: 'no size', text: '\r\nsome' },
    { name: 'a size that is no number', text: 'some' },
    { name: 'a size with a sign', text: '-4\r\nsome' },
    { name: 'a size as C writes it', text: '0x4\r\nsome' },
    { name: 'a size without end', text: '00000000000000' },
    { name: 'a size that is past all numbers', text: 'FFFFFFFFFFFFFF\r\n' },
    { name: 'a chunk longer than it says', text: '4\r\nsomething\r\n' },
  ])('not chunks: $name', ({ text }) => expect(skip(chunked, text)).toBe(MALFORMED_VALUE))

  test('every prefix goes on', () => {
    for (let length = 0; length < CHUNKS.length; length++) {
      expect(skip(chunked, CHUNKS.slice(0, length)), `first ${length} bytes`).toEqual({ rest: '', isOver: false })
    }
  })

  test('cut anywhere, it ends at the same place', () => {
    const cuts = fc.array(fc.nat(CHUNKS.length), { maxLength: 8 })
    fc.assert(
      fc.property(cuts, (at) => {
        expect(skip(chunked, `${CHUNKS}rest`, at)).toEqual({ rest: 'rest', isOver: true })
      }),
      fuzz(300),
    )
  })

  test('any chunks are stepped over as they were made', () => {
    const chunks = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' }), { maxLength: 8 })
    fc.assert(
      fc.property(chunks, fc.array(fc.nat(400), { maxLength: 5 }), (parts, at) => {
        const text = `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\nnext`
        expect(skip(chunked, text, at)).toEqual({ rest: 'next', isOver: true })
      }),
      fuzz(300),
    )
  })

  test.each([
    { name: 'a length', body: () => requestBody(framing('4')), text: 'someGET', want: { rest: 'GET', isOver: true } },
    {
      name: 'a length of nothing',
      body: () => requestBody(framing('0')),
      text: 'GET',
      want: { rest: 'GET', isOver: true },
    },
    { name: 'no length', body: () => requestBody(framing()), text: 'GET', want: { rest: 'GET', isOver: true } },
    {
      name: 'a length that is not there yet',
      body: () => requestBody(framing('9')),
      text: 'some',
      want: { rest: '', isOver: false },
    },
    {
      name: 'chunks win over a length',
      body: () => requestBody(framing('4', 'chunked')),
      text: '0\r\n\r\nGET',
      want: { rest: 'GET', isOver: true },
    },
    {
      name: 'a response without a length',
      body: () => responseBody(framing(), 200, 'GET'),
      text: 'some',
      want: { rest: '', isOver: false },
    },
    {
      name: 'a response of unknown length',
      body: () => responseBody(framing('x'), 200, 'GET'),
      text: 'some',
      want: { rest: '', isOver: false },
    },
    {
      name: 'a response in an unknown coding',
      body: () => responseBody(framing('2', 'gzip'), 200, 'GET'),
      text: 'some',
      want: { rest: '', isOver: false },
    },
    {
      name: 'a response in chunks',
      body: () => responseBody(framing(undefined, 'chunked'), 200, 'GET'),
      text: '0\r\n\r\nH',
      want: { rest: 'H', isOver: true },
    },
    {
      name: 'a response to HEAD',
      body: () => responseBody(framing('9'), 200, 'HEAD'),
      text: 'HTTP',
      want: { rest: 'HTTP', isOver: true },
    },
    ...[100, 199, 204, 304].map((status) => ({
      name: `status ${status}`,
      body: () => responseBody(framing('9'), status, 'GET'),
      text: 'HTTP',
      want: { rest: 'HTTP', isOver: true },
    })),
  ])('where it ends: $name', ({ body, text, want }) => expect(skip(() => body()!, text)).toEqual(want))

  test.each([
    { name: 'a length that is no number', given: framing('x') },
    { name: 'a request in an unknown coding', given: framing(undefined, 'gzip') },
  ])('nobody knows where it ends: $name', ({ given }) => expect(requestBody(given)).toBeUndefined())

  test('bytes that were lost inside of it do not matter, at its end they do', () => {
    const body = requestBody(framing('100'))!
    expect(loseBytes(body, 99)).toBe(true)
    expect(body.left).toBe(1)
    expect(loseBytes(body, 1)).toBe(false)
    expect(loseBytes(chunked(), 1)).toBe(false)
    expect(loseBytes(responseBody(framing(), 200, 'GET'), 1_000_000)).toBe(true)
  })
})
