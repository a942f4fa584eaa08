/**
 * DHCP for IPv4, RFC 2131 section 2 and RFC 2132, as far as it tells what a
 * machine calls itself.
 *
 *   byte  0    1      2     3    4    12      16      20      24      28           236      240
 *        | op | type | len |hops|... | ciaddr| yiaddr| siaddr| giaddr| chaddr(16)| cookie | options
 *
 *   op       1 from the client, 2 from the server
 *   ciaddr   the address that the client has; yiaddr the one that it is given
 *   options  code(1) length(1) data; 0 is padding, 255 the end. 12 is the host name, 53 the kind of the message, 81
 *            the full name (RFC 4702): flags(1), two codes, a name in ASCII or, with flag 4, as DNS has it
 */

import { ipv4Text } from '../../bytes/address.ts'
import { MALFORMED_LENGTH, UNSUPPORTED } from '../../bytes/outcome.ts'
import { u8, u32 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'
import { clearLease, hostName, type LeaseMessage, labelsName } from './lease.ts'

const HARDWARE_BYTES_AT = 2
const CIADDR_AT = 12
const YIADDR_AT = 16
const CHADDR_AT = 28
const CHADDR_BYTES = 16
const COOKIE_AT = 236
const COOKIE = 0x63825363
const OPTIONS_AT = 240

const PAD = 0
const END = 255
const HOST_NAME = 12
const MESSAGE_TYPE = 53
const FULL_NAME = 81
const FULL_NAME_AT = 3
const IS_DNS_FORM = 4

const REQUEST = 3
const ACK = 5
const INFORM = 8

/** Reads the datagram bytes[start, end) into `lease`, whatever was in it before. Returns `end`, or why it cannot be read. */
export function readDhcp4(bytes: Uint8Array, start: number, end: number, lease: LeaseMessage): number {
  clearLease(lease)
  if (end - start < OPTIONS_AT) return UNSUPPORTED
  if (u32(bytes, start + COOKIE_AT) !== COOKIE) return UNSUPPORTED
  let type = 0
  let name = ''
  let fullName = ''
  let outcome = end
  for (let at = start + OPTIONS_AT; at < end; ) {
    const code = u8(bytes, at)
    if (code === END) break
    if (code === PAD) {
      at++
      continue
    }
    const data = at + 2
    const next = at + 1 < end ? data + u8(bytes, at + 1) : end + 1
    if (next > end) {
      outcome = MALFORMED_LENGTH // what stands before it counts all the same
      break
    }
    if (code === MESSAGE_TYPE && next > data) type = u8(bytes, data)
    else if (code === HOST_NAME) name = hostName(latin1(bytes, data, next))
    else if (code === FULL_NAME && next - data > FULL_NAME_AT) fullName = readFullName(bytes, data, next)
    at = next
  }
  lease.says = type === ACK ? 'grants' : type === REQUEST || type === INFORM ? 'asks' : 'other'
  lease.name = fullName === '' ? name : fullName
  lease.client = hardwareAddress(bytes, start)
  const own = addressAt(bytes, start + CIADDR_AT)
  const given = type === ACK ? addressAt(bytes, start + YIADDR_AT) : ''
  lease.addresses = given !== '' ? [given] : own !== '' ? [own] : []
  return outcome
}

function readFullName(bytes: Uint8Array, start: number, end: number): string {
  const at = start + FULL_NAME_AT
  const isDnsForm = (u8(bytes, start) & IS_DNS_FORM) !== 0
  return isDnsForm ? labelsName(bytes, at, end) : hostName(latin1(bytes, at, end))
}

function hardwareAddress(bytes: Uint8Array, start: number): string {
  const length = Math.min(u8(bytes, start + HARDWARE_BYTES_AT), CHADDR_BYTES)
  return Buffer.from(bytes.subarray(start + CHADDR_AT, start + CHADDR_AT + length)).toString('hex')
}

function addressAt(bytes: Uint8Array, at: number): string {
  return u32(bytes, at) === 0 ? '' : ipv4Text(bytes, at)
}
