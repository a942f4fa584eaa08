/**
 * DHCP for IPv6, RFC 8415 section 8, as far as it tells what a machine calls
 * itself.
 *
 *   message   type(1) transaction(3) options
 *   relayed   type(1) = 12 or 13, hops(1) link(16) peer(16) options, of which 9 holds the message
 *   options   code(2) length(2) data
 *
 *   1 is the client's DUID; 3 an association: id(4) and two times(4), then options, of which 5 begins with an address;
 *   39 the full name (RFC 4704): flags(1) and a name as DNS has it, without its last zero byte where it is partial
 */

import { ipv6Text } from '../../bytes/address.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { MALFORMED_LENGTH, UNSUPPORTED } from '../../bytes/outcome.ts'
import { CLIENT_BYTES_MAX, clearLease, type LeaseMessage, labelsName } from './lease.ts'

const REQUEST = 3
const RENEW = 5
const REBIND = 6
const REPLY = 7
const TYPES_MAX = 13
const RELAY_FORWARD = 12
const RELAY_REPLY = 13
const RELAYS_MAX = 8
const RELAY_HEADER_BYTES = 1 + 16 + 16

const CLIENT_ID = 1
const ASSOCIATION = 3
const ASSOCIATED_ADDRESS = 5
const RELAYED = 9
const FULL_NAME = 39
const ASSOCIATION_HEADER_BYTES = 12
const ADDRESS_BYTES = 16
const ADDRESSES_MAX = 8

/** Reads the datagram bytes[start, end) into `lease`, whatever was in it before. Returns `end`, or why it cannot be read. */
export function readDhcp6(bytes: Uint8Array, start: number, end: number, lease: LeaseMessage): number {
  clearLease(lease)
  let message: Cursor | undefined = new Cursor(bytes, start, end)
  let type = message.u8()
  for (let relays = 0; type === RELAY_FORWARD || type === RELAY_REPLY; relays++) {
    message.skip(RELAY_HEADER_BYTES)
    message = relays < RELAYS_MAX ? relayed(message) : undefined
    if (!message) return MALFORMED_LENGTH
    type = message.u8()
  }
  message.skip(3)
  if (!message.ok || type === 0 || type > TYPES_MAX) return UNSUPPORTED
  lease.says = type === REPLY ? 'grants' : type === REQUEST || type === RENEW || type === REBIND ? 'asks' : 'other'
  eachOption(message, (code, data) => {
    if (code === CLIENT_ID && data.left <= CLIENT_BYTES_MAX)
      lease.client = Buffer.from(data.bytes.subarray(data.at, data.end)).toString('hex')
    else if (code === FULL_NAME) lease.name = labelsName(data.bytes, data.at + 1, data.end)
    else if (code === ASSOCIATION) readAddresses(data, lease.addresses)
  })
  return message.ok ? end : MALFORMED_LENGTH
}

function relayed(message: Cursor): Cursor | undefined {
  let inner: Cursor | undefined
  eachOption(message, (code, data) => {
    if (code === RELAYED) inner = data
  })
  return inner
}

function readAddresses(association: Cursor, addresses: string[]): void {
  association.skip(ASSOCIATION_HEADER_BYTES)
  eachOption(association, (code, data) => {
    if (code === ASSOCIATED_ADDRESS && data.left >= ADDRESS_BYTES && addresses.length < ADDRESSES_MAX)
      addresses.push(ipv6Text(data.bytes, data.at))
  })
}

/** Calls `visit` with each whole option. One that goes past the end fails the cursor. */
function eachOption(options: Cursor, visit: (code: number, data: Cursor) => void): void {
  while (options.ok && !options.isEmpty) {
    const code = options.u16()
    const data = options.block16()
    if (options.ok) visit(code, data)
  }
}
