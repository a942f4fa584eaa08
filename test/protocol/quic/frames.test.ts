import { describe, expect, test } from 'vitest'
import { MALFORMED_LENGTH, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import { type OnCrypto, readFrames, readGoogleFrames } from '../../../src/protocol/quic/frames.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { ack, crypto, googleCrypto, PING, padding } from '../../support/quic-encoder.ts'

type Reader = (bytes: Uint8Array, start: number, end: number, onCrypto: OnCrypto) => number

/** Outcome (`end` when all was read) and the CRYPTO slices as `offset:text`. */
function run(reader: Reader, input: Uint8Array): [number | 'end', string[]] {
  return parseTwice(input, (bytes, start, end) => {
    const slices: string[] = []
    const outcome = reader(bytes, start, end, (offset, a, b) => {
      slices.push(`${offset}:${Buffer.from(bytes.subarray(a, b)).toString('latin1')}`)
    })
    return [outcome === end ? 'end' : outcome, slices]
  })
}

const A = crypto(0, Buffer.from('AAA'))
const B = crypto(100_000, Buffer.from('B'))

describe('frames of an Initial', () => {
  test.each<[string, Uint8Array[], number | 'end', string[]]>([
    ['nothing', [], 'end', []],
    ['PADDING alone', [padding(1000)], 'end', []],
    ['one CRYPTO', [A], 'end', ['0:AAA']],
    [
      'CRYPTO between PADDING, PING and ACK',
      [padding(3), PING, A, ack(70_000), B, padding(9)],
      'end',
      ['0:AAA', '100000:B'],
    ],
    ['an empty CRYPTO', [crypto(7, Buffer.alloc(0))], 'end', ['7:']],
    ['a type of two bytes', [hex('4006 00 01 41')], 'end', ['0:A']],
    [
      'a type, offset and length of eight bytes',
      [hex(`c000000000000006 ${'c000000000000001'.repeat(2)} 41`)],
      'end',
      ['1:A'],
    ],
    ['ACK with two ranges and ECN', [hex('03 14 00 02 01 00 01 00 01 05 06 07'), A], 'end', ['0:AAA']],
    ['CONNECTION_CLOSE', [hex('1c 0a 06 03 626164'), A], 'end', ['0:AAA']],
    ['STREAM does not belong here', [A, hex('0a 04 01 41'), B], UNSUPPORTED, ['0:AAA']],
    ['an application close neither', [hex('1d 00 00'), A], UNSUPPORTED, []],
    ['a CRYPTO without length', [A, hex('06 00')], MALFORMED_LENGTH, ['0:AAA']],
    ['a CRYPTO past the end', [A, hex('06 00 05 41414141')], MALFORMED_LENGTH, ['0:AAA']],
    ['a CRYPTO of 2^62 bytes', [hex('06 00 ffffffffffffffff 41')], MALFORMED_LENGTH, []],
    ['ACK with 2^62 ranges', [hex('02 00 00 ffffffffffffffff 00 0000')], MALFORMED_LENGTH, []],
    ['ACK with ECN cut off', [hex('03 00 00 00 00 01 02')], MALFORMED_LENGTH, []],
    ['a reason past the end', [hex('1c 00 00 7f')], MALFORMED_LENGTH, []],
    ['a type cut off', [A, hex('80')], MALFORMED_LENGTH, ['0:AAA']],
  ])('%s', (_, frames, outcome, slices) => {
    expect(run(readFrames, Buffer.concat(frames))).toEqual([outcome, slices])
  })
})

describe("frames in Google's numbers", () => {
  test.each<[string, Uint8Array[], number | 'end', string[]]>([
    ['CRYPTO is 8, PING is 7', [hex('07'), googleCrypto(2, Buffer.from('C')), padding(4)], 'end', ['2:C']],
    ['CRYPTO of the IETF is another frame', [A], UNSUPPORTED, []],
    ['a CRYPTO past the end', [hex('08 00 05 41')], MALFORMED_LENGTH, []],
  ])('%s', (_, frames, outcome, slices) => {
    expect(run(readGoogleFrames, Buffer.concat(frames))).toEqual([outcome, slices])
  })
})
