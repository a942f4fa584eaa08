/** Messages of DHCP for tests, field by field. */

import { addressBytes, u16, u32 } from '../../support/frames.ts'
import { prefixed } from '../../support/hello.ts'

export const option4 = (code: number, data: Uint8Array): Buffer => Buffer.concat([Buffer.of(code), prefixed(1, data)])
export const option6 = (code: number, data: Uint8Array): Buffer => Buffer.concat([u16(code), prefixed(2, data)])

export interface Dhcp4Parts {
  type: number
  mac?: string | undefined
  own?: string | undefined
  given?: string | undefined
  options?: Uint8Array[]
  hasEnd?: boolean
}

/** A message of DHCP for IPv4: 3 asks, 5 grants. */
export function dhcp4({ type, mac = '00005e005310', own, given, options = [], hasEnd = true }: Dhcp4Parts): Buffer {
  const hardware = Buffer.from(mac, 'hex')
  return Buffer.concat([
    Buffer.of(type === 5 ? 2 : 1, 1, hardware.length, 0),
    u32(0x1234),
    Buffer.alloc(4),
    addressBytes(own ?? '0.0.0.0'),
    addressBytes(given ?? '0.0.0.0'),
    Buffer.alloc(8),
    hardware,
    Buffer.alloc(16 - hardware.length + 64 + 128),
    u32(0x63825363),
    option4(53, Buffer.of(type)),
    ...options,
    ...(hasEnd ? [Buffer.of(255)] : []),
  ])
}

export interface Dhcp6Parts {
  type: number
  duid?: string
  name?: Uint8Array
  addresses?: string[]
}

/** A message of DHCP for IPv6: 3 asks, 7 grants. */
export function dhcp6({ type, duid = '00030001 00005e005310', name, addresses = [] }: Dhcp6Parts): Buffer {
  const associated = addresses.map((address) => option6(5, Buffer.concat([addressBytes(address), Buffer.alloc(8)])))
  return Buffer.concat([
    Buffer.of(type, 0x12, 0x34, 0x56),
    option6(1, Buffer.from(duid.replaceAll(' ', ''), 'hex')),
    ...(name ? [option6(39, Buffer.concat([Buffer.of(0), name]))] : []),
    option6(3, Buffer.concat([Buffer.alloc(12), ...associated])),
  ])
}

/** The message as a relay passes it on. */
export function relayed(message: Uint8Array, type = 12): Buffer {
  return Buffer.concat([Buffer.of(type, 0), Buffer.alloc(32), option6(9, message)])
}
