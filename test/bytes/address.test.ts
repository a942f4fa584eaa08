import { Address4, Address6 } from 'ip-address'
import { expect, test } from 'vitest'
import { ipText, ipv6Text } from '../../src/bytes/address.ts'
import { hex, parseTwice } from '../support/arena.ts'
import { random } from '../support/random.ts'

const stories: Array<{ name: string; bytes: string; want: string }> = [
  { name: 'all zeros', bytes: '0000 0000 0000 0000 0000 0000 0000 0000', want: '::' },
  { name: 'the loopback address', bytes: '0000 0000 0000 0000 0000 0000 0000 0001', want: '::1' },
  { name: 'zeros at the end', bytes: '2001 0db8 0000 0000 0000 0000 0000 0000', want: '2001:db8::' },
  { name: 'no zeros', bytes: '2001 0db8 0001 0002 0003 0004 0005 0006', want: '2001:db8:1:2:3:4:5:6' },
  {
    name: 'one zero group is not shortened',
    bytes: '2001 0db8 0000 0001 0001 0001 0001 0001',
    want: '2001:db8:0:1:1:1:1:1',
  },
  { name: 'the longer run is shortened', bytes: '2001 0000 0000 0001 0000 0000 0000 0001', want: '2001:0:0:1::1' },
  { name: 'of equal runs the first one', bytes: '2001 0db8 0000 0000 0001 0000 0000 0001', want: '2001:db8::1:0:0:1' },
  { name: 'a run in front and one behind', bytes: '0000 0000 0001 0001 0001 0001 0000 0000', want: '::1:1:1:1:0:0' },
  {
    name: 'leading zeros of a group',
    bytes: '00ab 0c00 d000 0001 0010 0100 1000 ffff',
    want: 'ab:c00:d000:1:10:100:1000:ffff',
  },
  { name: 'IPv4 inside IPv6, in groups', bytes: '0000 0000 0000 0000 0000 ffff c000 020a', want: '::ffff:c000:20a' },
  {
    name: 'all ones',
    bytes: 'ffff ffff ffff ffff ffff ffff ffff ffff',
    want: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  },
  { name: 'seven zeros and a group in front', bytes: '0001 0000 0000 0000 0000 0000 0000 0000', want: '1::' },
  { name: 'IPv4', bytes: 'c000020a', want: '192.0.2.10' },
  { name: 'IPv4, all zeros', bytes: '00000000', want: '0.0.0.0' },
  { name: 'IPv4, all ones', bytes: 'ffffffff', want: '255.255.255.255' },
]

for (const { name, bytes, want } of stories) {
  test(`address: ${name}`, () => {
    expect(parseTwice(hex(bytes), (arena, start, end) => ipText(arena, start, end - start))).toBe(want)
  })
}

test('address: IPv6 text is that of the ip-address package, for addresses full of zeros', () => {
  const next = random(1)
  let shortened = 0
  for (let step = 0; step < 20_000; step++) {
    const zeros = next(4)
    const bytes = Buffer.from(Array.from({ length: 16 }, () => (next(4) < zeros ? 0 : next(256))))
    for (let group = 0; group < 8; group++) if (next(4) < zeros) bytes.writeUInt16BE(0, 2 * group)
    const want = Address6.fromByteArray([...bytes]).correctForm()
    expect(ipv6Text(bytes, 0)).toBe(want)
    if (want.includes('::')) shortened++
  }
  expect(shortened).toBeGreaterThan(5000)
  expect(shortened).toBeLessThan(19_000)
})

test('address: IPv4 text is that of the ip-address package', () => {
  const next = random(2)
  for (let step = 0; step < 2000; step++) {
    const bytes = Buffer.from(Array.from({ length: 4 }, () => next(256)))
    expect(ipText(bytes, 0, 4)).toBe(Address4.fromByteArray([...bytes]).correctForm())
  }
})
