import { expect, test } from 'vitest'
import { ethernet, ipv4, type TcpOptions, tcp } from '../support/frames.ts'
import { decode } from './read-frame.ts'

const WANT = {
  vlans: [],
  source: '192.0.2.10 51000',
  target: '198.51.100.7 443',
  payload: 'abc',
  payloadLength: 3,
  flags: 0x10,
  sequence: 1000,
}

const stories: Array<{ name: string; header?: TcpOptions; payload?: string; want: unknown }> = [
  { name: 'plain', want: WANT },
  { name: 'no payload', payload: '', want: { ...WANT, payload: '', payloadLength: 0 } },
  { name: 'all flags', header: { flags: 0xff }, want: { ...WANT, flags: 0xff } },
  { name: 'no flags', header: { flags: 0 }, want: { ...WANT, flags: 0 } },
  { name: 'the last sequence number is -1', header: { sequence: 0xffffffff }, want: { ...WANT, sequence: -1 } },
  {
    name: 'port 0 and the highest port',
    header: { sourcePort: 0, targetPort: 65_535 },
    want: { ...WANT, source: '192.0.2.10 0', target: '198.51.100.7 65535' },
  },
  { name: 'options', header: { options: Buffer.alloc(40, 1) }, want: WANT },
  {
    name: 'options that swallow the payload',
    header: { options: Buffer.alloc(4), dataOffset: 6 },
    payload: '',
    want: { ...WANT, payload: '', payloadLength: 0 },
  },
  { name: 'data offset 0', header: { dataOffset: 0 }, want: 'malformed_tcp' },
  { name: 'data offset 4', header: { dataOffset: 4 }, want: 'malformed_tcp' },
  { name: 'data offset past the segment', header: { dataOffset: 15 }, want: 'malformed_tcp' },
  { name: 'data offset of a word past the segment', header: { dataOffset: 6 }, want: 'malformed_tcp' },
  {
    name: 'data offset to the very end',
    header: { dataOffset: 6 },
    payload: 'abcd',
    want: { ...WANT, payload: '', payloadLength: 0 },
  },
]

for (const { name, header, payload = 'abc', want } of stories) {
  test(`tcp: ${name}`, () => expect(decode(ethernet(ipv4(tcp(Buffer.from(payload), header))))).toEqual(want))
}

test('tcp: a header one byte short, and every shorter one', () => {
  const segment = tcp(new Uint8Array(0))
  for (let length = 0; length < segment.length; length++) {
    expect(decode(ethernet(ipv4(segment.subarray(0, length)))), `${length} bytes`).toBe('malformed_tcp')
  }
})

test('tcp: where the snap length cuts the options, the header is read all the same', () => {
  const frame = ethernet(ipv4(tcp(Buffer.from('abc'), { options: Buffer.alloc(20, 1), flags: 0x18 })))
  for (let length = 14 + 20 + 20; length <= frame.length; length++) {
    const captured = Math.max(0, length - (14 + 20 + 40))
    const want = { ...WANT, flags: 0x18, payload: 'abc'.slice(0, captured), payloadLength: 3 }
    expect(decode(frame.subarray(0, length), frame.length), `first ${length} bytes`).toEqual(want)
  }
})
