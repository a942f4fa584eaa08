import { expect, test } from 'vitest'
import { communityId } from '../../src/flow/community-id.ts'
import { addressBytes, type End } from '../support/frames.ts'

const end = (ip: string, port: number): End => ({ ip, port })

/** Published with the specification (github.com/corelight/community-id-spec, baseline) or its reference implementation. */
const published: Array<{ protocol: number; source: End; target: End; seed?: number; want: string }> = [
  {
    protocol: 6,
    source: end('128.232.110.120', 34855),
    target: end('66.35.250.204', 80),
    want: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  },
  {
    protocol: 6,
    source: end('128.232.110.120', 34855),
    target: end('66.35.250.204', 80),
    seed: 1,
    want: '1:3V71V58M3Ksw/yuFALMcW0LAHvc=',
  },
  { protocol: 6, source: end('10.0.0.1', 10), target: end('10.0.0.2', 11569), want: '1:SXBGMX1lBOwhhoDrZynfROxnhnM=' },
  {
    protocol: 6,
    source: end('10.0.0.1', 10),
    target: end('10.0.0.2', 11569),
    seed: 1,
    want: '1:HmBRGR+fUyXF4t8WEtal7Y0gEAo=',
  },
  { protocol: 6, source: end('10.0.0.1', 10), target: end('10.0.0.2', 20), want: '1:9j2Dzwrw7T9E+IZi4b4IVT66HBI=' },
  {
    protocol: 6,
    source: end('2001:470:e5bf:dead:4957:2174:e82c:4887', 63943),
    target: end('2607:f8b0:400c:c03::1a', 25),
    want: '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=',
  },
  {
    protocol: 6,
    source: end('2001:470:e5bf:dead:4957:2174:e82c:4887', 63943),
    target: end('2607:f8b0:400c:c03::1a', 25),
    seed: 1,
    want: '1:eJYTW6AOzFLlSUoESovMjnu7rMw=',
  },
  {
    protocol: 6,
    source: end('fe80::200:86ff:fe05:80da', 1022),
    target: end('fe80::260:97ff:fe07:69ea', 22),
    want: '1:gS2aYcRwGJWe7UratL8/84dclq4=',
  },
  {
    protocol: 17,
    source: end('192.168.1.52', 54585),
    target: end('8.8.8.8', 53),
    want: '1:d/FP5EW3wiY1vCndhwleRRKHowQ=',
  },
  {
    protocol: 17,
    source: end('192.168.1.52', 54585),
    target: end('8.8.8.8', 53),
    seed: 1,
    want: '1:Q9We8WO3piVF8yEQBNJF4uiSVrI=',
  },
  {
    protocol: 132,
    source: end('192.168.170.8', 7),
    target: end('192.168.170.56', 7),
    want: '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=',
  },
  {
    protocol: 132,
    source: end('192.168.170.8', 7),
    target: end('192.168.170.56', 7),
    seed: 1,
    want: '1:5w3ZRjeKBzqT3zsaEECDGjUbYeg=',
  },
]

/** Of frames of ours, by tshark 4.0: equal addresses, where the ports decide, and addresses with the sign bit. */
const ofTshark: typeof published = [
  { protocol: 6, source: end('10.0.0.1', 443), target: end('10.0.0.1', 51000), want: '1:LSNx+v/i0tYVIHtZKeERWh7vGaA=' },
  {
    protocol: 6,
    source: end('10.0.0.1', 443),
    target: end('10.0.0.1', 51000),
    seed: 1,
    want: '1:BpYnucE6N6Yz0i4MR3IITlQB2xU=',
  },
  {
    protocol: 17,
    source: end('2001:db8::1', 5353),
    target: end('2001:db8::1', 53),
    want: '1:45ffAxVx6X1qj7iAJougK7IotEw=',
  },
  {
    protocol: 17,
    source: end('2001:db8::1', 5353),
    target: end('2001:db8::1', 53),
    seed: 1,
    want: '1:tZ8VaEcYFjsBtbYMz4H4nwH9aaQ=',
  },
  { protocol: 6, source: end('127.0.0.1', 80), target: end('128.0.0.1', 80), want: '1:p3/03Wg3IdSTG7Gf3xnlbk4Vkv0=' },
  {
    protocol: 6,
    source: end('127.0.0.1', 80),
    target: end('128.0.0.1', 80),
    seed: 1,
    want: '1:Dba5UNaEs36oKZiF/vfhoRWrqKM=',
  },
  {
    protocol: 6,
    source: end('9.255.255.255', 1),
    target: end('10.0.0.0', 65535),
    want: '1:0/8V8C90aHhEEit3+Y5SmtacQnw=',
  },
  {
    protocol: 6,
    source: end('9.255.255.255', 1),
    target: end('10.0.0.0', 65535),
    seed: 1,
    want: '1:D/3yhbD6VITxtx4uy3kdNrM0Unw=',
  },
  { protocol: 6, source: end('7fff::1', 1), target: end('8000::1', 2), want: '1:ynmxpZoHw+1IrDe6tpsk/87+TM8=' },
  {
    protocol: 6,
    source: end('7fff::1', 1),
    target: end('8000::1', 2),
    seed: 1,
    want: '1:cSlnCoYjU0bRfTyxcQvHZcGN2IE=',
  },
  { protocol: 6, source: end('10.0.0.1', 7), target: end('10.0.0.1', 7), want: '1:mg9NYr0Sz5sUEymp0Qc/VKILAwI=' },
  {
    protocol: 6,
    source: end('10.0.0.1', 7),
    target: end('10.0.0.1', 7),
    seed: 1,
    want: '1:aucgNsfBpjWo+4WnvoikuKk6c7Q=',
  },
]

for (const { protocol, source, target, seed = 0, want } of [...published, ...ofTshark]) {
  const name = `${protocol} ${source.ip} ${source.port} > ${target.ip} ${target.port}, seed ${seed}`
  test(`community id: ${name}`, () => {
    const [a, b] = [addressBytes(source.ip), addressBytes(target.ip)]
    const bytes = Buffer.concat([Buffer.alloc(3, 0xee), a, Buffer.alloc(2, 0xee), b])
    const [atA, atB] = [3, 3 + a.length + 2]
    const length = a.length
    expect(communityId(bytes, atA, atB, length, source.port, target.port, protocol, seed)).toBe(want)
    const back = communityId(bytes, atB, atA, length, target.port, source.port, protocol, seed)
    expect(back, 'the other direction').toBe(want)
  })
}
