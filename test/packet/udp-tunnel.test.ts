/** The rule of src/packet/udp-tunnel.ts: what only looks like a tunnel stays the UDP packet that it is. */

import { describe, expect, test } from 'vitest'
import { ether, ipv4, ipv6, join, tcp, udp, vlan } from './build.ts'
import { decoded } from './decoded.ts'

const V4 = ipv4(17, udp(5000, 53, join('616263')))
const ETHER = ether(0x0800, V4)
const VXLAN = '0800000000000700'

const PORTS = [1701, 2152, 3544, 4341, 4754, 4789, 4790, 5072, 5247, 6081, 6635, 8472, 37008]

function frame(port: number, payload: Uint8Array, length = 8 + payload.length): Uint8Array {
  return ether(0x8100, vlan(9, 0x0800, ipv4(17, udp(40000, port, payload, length))))
}

/** What must come out when the packet stays the outer one: everything as if there were no tunnels. */
function plain(port: number, payload: Uint8Array): string {
  return `udp 192.0.2.1:40000 > 198.51.100.2:${port} "${Buffer.from(payload).toString('latin1')}" vlan 9 mac 0`
}

// a question for www.example.com, and the beginning of a QUIC Initial packet
const DNS = join('1234 0100 0001 0000 0000 0000 03777777 07 6578616d706c65 03 636f6d 00 0001 0001')
const QUIC = join('c3 00000001 08 8394c8f03e515708 00 00 4483', new Uint8Array(60).fill(0x5a))

describe('a stranger on the port of a tunnel', () => {
  const payloads = { nothing: join(''), zeros: new Uint8Array(64), ones: new Uint8Array(64).fill(255), DNS, QUIC }
  for (const [name, payload] of Object.entries(payloads)) {
    test.each(PORTS)(`${name} on %i`, (port) => {
      expect(decoded(frame(port, payload))).toBe(plain(port, payload))
    })
  }
})

describe('a tunnel without a packet', () => {
  const stories: Array<{ name: string; port: number; payload: Uint8Array }> = [
    { name: 'VXLAN without its flag', port: 4789, payload: join('0000000000000700', ETHER) },
    { name: 'VXLAN with ARP', port: 4789, payload: join(VXLAN, ether(0x0806, join('0001'))) },
    { name: 'VXLAN with ICMP', port: 4789, payload: join(VXLAN, ether(0x0800, ipv4(1, join('08000000')))) },
    {
      name: 'VXLAN with broken TCP, tagged',
      port: 4789,
      payload: join(VXLAN, ether(0x8100, vlan(7, 0x0800, ipv4(6, join('01'))))),
    },
    {
      name: 'VXLAN with a packet longer than the tunnel',
      port: 4789,
      payload: join(VXLAN, ether(0x0800, ipv4(6, tcp(1, 2, join('')), { length: 41 }))),
    },
    {
      name: 'VXLAN with a piece longer than the tunnel',
      port: 4789,
      payload: join(VXLAN, ether(0x0800, ipv4(6, tcp(1, 2, join('')), { length: 41, more: true }))),
    },
    { name: 'VXLAN-GPE with NSH', port: 4790, payload: join('0c00000400000700', V4) },
    { name: 'GENEVE of another version', port: 6081, payload: join('4000 0800 00000700', V4) },
    { name: 'GENEVE, control', port: 6081, payload: join('0080 0800 00000700', V4) },
    { name: 'GENEVE, options longer than the packet', port: 6081, payload: join('3f00 0800 00000700', V4) },
    { name: 'GTP-U of another version', port: 2152, payload: join('50ff 0023 00000001', V4) },
    { name: "GTP'", port: 2152, payload: join('20ff 0023 00000001', V4) },
    { name: 'GTP-U echo', port: 2152, payload: join('3201 0004 00000000 00010000') },
    { name: 'GTP-U, an extension of length 0', port: 2152, payload: join('34ff 0027 00000001 0000 00 85 00', V4) },
    {
      name: 'GTP-U, an extension longer than the packet',
      port: 2152,
      payload: join('34ff 0027 00000001 0000 00 85 ff', V4),
    },
    { name: 'Teredo bubble', port: 3544, payload: ipv6(59, join('')) },
    { name: 'Teredo, authentication only', port: 3544, payload: join('0001 00 00 1122334455667788 00') },
    {
      name: 'Teredo, authentication longer than the packet',
      port: 3544,
      payload: join('0001 ff ff 1122334455667788 00'),
    },
    { name: 'AYIYA that carries nothing', port: 5072, payload: join('41 52 10 29 294af64b', new Uint8Array(36), V4) },
    { name: 'AYIYA with TCP', port: 5072, payload: join('00 00 01 06 294af64b 00', V4) },
    { name: 'AYIYA, an identity longer than the packet', port: 5072, payload: join('f0 00 01 04 294af64b', V4) },
    { name: 'AYIYA, a signature longer than the packet', port: 5072, payload: join('00 f0 01 04 294af64b 00', V4) },
    { name: 'AYIYA, shorter than its header', port: 5072, payload: join('00 00 01 04 294af6') },
    { name: 'L2TPv2 control', port: 1701, payload: join('c802 000c 0001 0000 0001 0002') },
    { name: 'L2TPv2 padding longer than the packet', port: 1701, payload: join('0202 0001 0002 ffff', V4) },
    { name: 'L2TPv2 length less than its header', port: 1701, payload: join('4002 0004 0001 0002 ff030021', V4) },
    { name: 'L2TPv2 with PPP control', port: 1701, payload: join('0002 0001 0002 ff03 c021 01') },
    { name: 'L2TP of version 4', port: 1701, payload: join('0004 0001 0002 ff03 0021', V4) },
    { name: 'CAPWAP with DTLS', port: 5247, payload: join('01 000000 16fefd', V4) },
    { name: 'CAPWAP keep-alive', port: 5247, payload: join('00 100008 00000000', ETHER) },
    { name: 'CAPWAP, a piece of a frame', port: 5247, payload: join('00 100080 00010000', ETHER) },
    { name: 'CAPWAP, header of no length', port: 5247, payload: join('00 000200 00000000', ETHER) },
    { name: 'CAPWAP, header shorter than itself', port: 5247, payload: join('00 080200', ETHER) },
    { name: 'CAPWAP of another radio', port: 5247, payload: join('00 100700 00000000', ETHER) },
    { name: 'TZSP of another version', port: 37008, payload: join('0200 0001 01', ETHER) },
    { name: 'TZSP keep-alive', port: 37008, payload: join('0104 0001 01', ETHER) },
    { name: 'TZSP, tags without end', port: 37008, payload: join('0100 0001 0aff', ETHER) },
    { name: 'TZSP with something else', port: 37008, payload: join('0100 0002 01', ETHER) },
  ]
  test.each(stories)('$name', ({ port, payload }) => {
    expect(decoded(frame(port, payload))).toBe(plain(port, payload))
  })

  test('protected Wi-Fi in CAPWAP', () => {
    const payload = join('00 100300 00000000 0841 0000 020000000001 020000000002 020000000003 0000', V4)
    expect(decoded(frame(5247, payload))).toBe(plain(5247, payload))
  })
})

describe('a tunnel in a tunnel', () => {
  const dead = join(VXLAN, ether(0x0806, join('0001')))

  test('only the inner one has nothing inside: the packet is its UDP packet', () => {
    const middle = ether(0x8100, vlan(7, 0x0800, ipv4(17, udp(1, 4789, dead), { source: '10.0.0.1' })))
    const text = Buffer.from(dead).toString('latin1')
    expect(decoded(frame(4789, join(VXLAN, middle)))).toBe(
      `udp 10.0.0.1:1 > 198.51.100.2:4789 "${text}" vlan 9,7 depth 1 in 192.0.2.1 > 198.51.100.2 (17) mac 54`,
    )
  })

  test('too many of them are no packet', () => {
    let inner = V4
    for (let i = 0; i < 9; i++) inner = ipv4(17, udp(1, 6081, join('0000 0800 00000700', inner)))
    expect(decoded(ether(0x0800, inner))).toBe('too_deep')
  })
})

test('content cut by the snap length leaves the outer packet', () => {
  const whole = frame(4789, join(VXLAN, ETHER))
  const cut = whole.subarray(0, whole.length - 20)
  expect(decoded(cut, 1, whole.length)).toMatch(
    /^udp 192\.0\.2\.1:40000 > 198\.51\.100\.2:4789 .* of 53 vlan 9 mac 0$/s,
  )
})
