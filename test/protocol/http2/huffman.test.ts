/** The Huffman code of HPACK. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MALFORMED_VALUE } from '../../../src/bytes/outcome.ts'
import { decodeHuffman } from '../../../src/protocol/http2/huffman.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'

function decode(input: Uint8Array): string | number {
  return parseTwice(input, (bytes, start, end) => {
    const out = Buffer.alloc(2 * input.length)
    const length = decodeHuffman(bytes, start, end, out)
    return length < 0 ? length : out.toString('latin1', 0, length)
  })
}

describe('huffman', () => {
  test.each([
    // RFC 7541 appendix C
    { coded: 'f1e3c2e5f23a6ba0ab90f4ff', want: 'www.example.com' },
    { coded: 'a8eb10649cbf', want: 'no-cache' },
    { coded: '25a849e95ba97d7f', want: 'custom-key' },
    { coded: '25a849e95bb8e8b4bf', want: 'custom-value' },
    { coded: 'd07abe941054d444a8200595040b8166e082a62d1bff', want: 'Mon, 21 Oct 2013 20:13:21 GMT' },
    { coded: '9d29ad171863c78f0b97c8e9ae82ae43d3', want: 'https://www.example.com' },
    { coded: '', want: '' },
    // codes of appendix B at both ends of each length: 5, 6, 7, 8, 10, 11, 13, 15, 19, 20, 28 and 30 bits
    { coded: '07', want: '0' },
    { coded: '4f', want: 't' },
    { coded: '53', want: ' ' },
    { coded: 'b7', want: 'u' },
    { coded: 'fb', want: ';' },
    { coded: 'ffc7', want: '\0' },
    { coded: 'fffe1f', want: '\\' },
    { coded: 'fffffff3', want: '\n' },
    { coded: 'fffffffb', want: '\x16' },
  ])('$coded', ({ coded, want }) => expect(decode(hex(coded))).toBe(want))

  test.each([
    { name: 'the end of the string inside of it', coded: 'ffffffff' },
    { name: 'the end of the string at its end', coded: 'fffffffc' },
    { name: 'a byte of filling', coded: '07ff' },
    { name: 'a filling that is not ones', coded: '00' },
    { name: 'a code without its end', coded: 'fe' },
  ])('refused: $name', ({ coded }) => expect(decode(hex(coded))).toBe(MALFORMED_VALUE))

  test('any bytes give an outcome, no longer than 8/5 of them', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (input) => {
        const got = decode(input)
        if (typeof got === 'string') {
          accepted++
          expect(got.length).toBeLessThanOrEqual((8 * input.length) / 5)
        } else {
          expect(got).toBe(MALFORMED_VALUE)
        }
      }),
      fuzz(2000),
    )
    expect(accepted).toBeGreaterThan(50)
  })
})
