import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MALFORMED_LENGTH, UNSUPPORTED } from '../../../src/bytes/outcome.ts'
import { readDhcp4 } from '../../../src/protocol/dhcp/dhcp4.ts'
import { readDhcp6 } from '../../../src/protocol/dhcp/dhcp6.ts'
import { emptyLease } from '../../../src/protocol/dhcp/lease.ts'
import { parseTwice } from '../../support/arena.ts'
import { wireName } from '../../support/dns-message.ts'
import { fuzz } from '../../support/random.ts'
import { dhcp4, dhcp6, option4, option6, relayed } from './messages.ts'

const read = (reader: typeof readDhcp4) => (input: Uint8Array) =>
  parseTwice(input, (bytes, start, end) => {
    const lease = { ...emptyLease(), says: 'grants' as const, name: 'stale', client: 'stale', addresses: ['stale'] }
    const outcome = reader(bytes, start, end, lease)
    return { outcome: outcome === end ? 'ok' : outcome, ...lease }
  })
const read4 = read(readDhcp4)
const read6 = read(readDhcp6)

const text = (value: string) => Buffer.from(value, 'latin1')
const hostName = (value: string) => option4(12, text(value))
const fullName = (flags: number, name: Uint8Array) => option4(81, Buffer.concat([Buffer.of(flags, 0, 0), name]))
const MAC = '00005e005310'

describe('for IPv4', () => {
  test.each<[string, Buffer, object]>([
    [
      'a request',
      dhcp4({ type: 3, options: [hostName('laptop-7')] }),
      { says: 'asks', client: MAC, name: 'laptop-7', addresses: [] },
    ],
    ['from its address', dhcp4({ type: 3, own: '192.0.2.10' }), { says: 'asks', name: '', addresses: ['192.0.2.10'] }],
    ['a grant', dhcp4({ type: 5, given: '192.0.2.10' }), { says: 'grants', client: MAC, addresses: ['192.0.2.10'] }],
    ['an answer to who has one', dhcp4({ type: 5, own: '192.0.2.10' }), { says: 'grants', addresses: ['192.0.2.10'] }],
    ['an offer is no grant', dhcp4({ type: 2, given: '192.0.2.10' }), { says: 'other', addresses: [] }],
    ['no kind: BOOTP', dhcp4({ type: 0, given: '192.0.2.10' }), { says: 'other' }],
    [
      'the full name is better',
      dhcp4({ type: 3, options: [hostName('a'), fullName(0, text('a.b.example.'))] }),
      { name: 'a.b.example' },
    ],
    [
      'the full name as DNS has it',
      dhcp4({ type: 3, options: [fullName(4, wireName('A.b.example'))] }),
      { name: 'A.b.example' },
    ],
    ['a partial one', dhcp4({ type: 3, options: [fullName(4, text('\x03lap'))] }), { name: 'lap' }],
    [
      'one whose label goes past its end',
      dhcp4({ type: 3, options: [fullName(4, text('\x09lap')), hostName('x')] }),
      { name: 'x' },
    ],
    ['a name with padding', dhcp4({ type: 3, options: [hostName('lap\0\0')] }), { name: 'lap' }],
    ['a name that steers a terminal', dhcp4({ type: 3, options: [hostName('\x1b[31mred')] }), { name: '' }],
    ['a name of another alphabet', dhcp4({ type: 3, options: [hostName('n\xe4chster')] }), { name: '' }],
    ['a name without a letter', dhcp4({ type: 3, options: [hostName('...')] }), { name: '' }],
    [
      'no end, but nothing more',
      dhcp4({ type: 3, options: [hostName('lap')], hasEnd: false }),
      { outcome: 'ok', name: 'lap' },
    ],
    [
      'an option that goes past the end',
      Buffer.concat([dhcp4({ type: 3, options: [hostName('lap')], hasEnd: false }), text('\x0c\x09ab')]),
      { outcome: MALFORMED_LENGTH, name: 'lap', says: 'asks' },
    ],
    ['no cookie', dhcp4({ type: 3 }).fill(0, 236, 240), { outcome: UNSUPPORTED, name: '', client: '', addresses: [] }],
    ['too short', dhcp4({ type: 3 }).subarray(0, 239), { outcome: UNSUPPORTED }],
  ])('%s', (_, input, want) => expect(read4(input)).toMatchObject({ outcome: 'ok', ...want }))
})

describe('for IPv6', () => {
  const NAME = wireName('laptop-7.corp.example')
  const DUID = '0003000100005e005310'
  const granted = {
    says: 'grants',
    client: DUID,
    name: 'laptop-7.corp.example',
    addresses: ['2001:db8:1::10', '2001:db8:1::11'],
  }
  const reply = dhcp6({ type: 7, name: NAME, addresses: granted.addresses })
  test.each<[string, Buffer, object]>([
    ['a grant', reply, granted],
    ['a request', dhcp6({ type: 3, name: NAME }), { says: 'asks', client: DUID, addresses: [] }],
    ['relayed twice', relayed(relayed(reply, 13), 13), granted],
    ['a partial name', dhcp6({ type: 3, name: text('\x08laptop-7') }), { name: 'laptop-7' }],
    ['a solicitation', dhcp6({ type: 1, name: NAME }), { says: 'other' }],
    ['an identifier that is too long', dhcp6({ type: 3, duid: '00'.repeat(131) }), { client: '' }],
    [
      'many addresses',
      dhcp6({ type: 7, addresses: Array.from({ length: 20 }, (_, i) => `2001:db8::${i + 1}`) }),
      { addresses: { length: 8 } },
    ],
    [
      'an option that goes past the end',
      Buffer.concat([reply, Buffer.of(0, 39, 0, 9, 1)]),
      { outcome: MALFORMED_LENGTH, ...granted },
    ],
    [
      'an address that is cut',
      Buffer.concat([
        Buffer.of(7, 0, 0, 0),
        option6(3, Buffer.concat([Buffer.alloc(12), option6(5, Buffer.alloc(15))])),
      ]),
      { addresses: [] },
    ],
    [
      'relays without an end',
      Array.from({ length: 20 }).reduce<Buffer>((inner) => relayed(inner), reply),
      { outcome: MALFORMED_LENGTH },
    ],
    ['a relay of nothing', Buffer.concat([Buffer.of(12, 0), Buffer.alloc(32)]), { outcome: MALFORMED_LENGTH }],
    ['something else', Buffer.of(64, 1, 2, 3, 4), { outcome: UNSUPPORTED, addresses: [] }],
    ['nothing', Buffer.alloc(0), { outcome: UNSUPPORTED }],
  ])('%s', (_, input, want) => expect(read6(input)).toMatchObject({ outcome: 'ok', ...want }))
})

test('any damage gives an outcome, and reads nothing beside the message', () => {
  const whole4 = dhcp4({ type: 5, given: '192.0.2.10', options: [hostName('lap'), fullName(4, wireName('a.example'))] })
  const whole6 = relayed(dhcp6({ type: 7, name: wireName('a.example'), addresses: ['2001:db8::1'] }))
  fc.assert(
    fc.property(fc.boolean(), fc.nat(300), fc.nat(255), fc.nat(300), (isIpv4, at, value, length) => {
      const damaged = Uint8Array.from(isIpv4 ? whole4 : whole6)
      damaged[at % damaged.length] = value
      const input = damaged.subarray(0, Math.max(damaged.length - (length % 40), 0))
      const { outcome, name } = isIpv4 ? read4(input) : read6(input)
      expect(['ok', MALFORMED_LENGTH, UNSUPPORTED]).toContain(outcome)
      expect(name).toMatch(/^[\x21-\x7e]{0,255}$/)
    }),
    fuzz(3000),
  )
})
