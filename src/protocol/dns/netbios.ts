/**
 * NetBIOS names and the two record types of the NetBIOS name service, RFC 1001
 * section 14 and RFC 1002 section 4.2. The numbers of the types are other
 * types' in DNS, so these are only for messages of that service.
 *
 *   name  16 bytes (15 of the name, filled with spaces, and a suffix that says
 *         what the name is for), each as two letters from A to P
 *   NB    per address: flags(2) IPv4 address(4)
 *
 * The data of the node status (NBSTAT) is shown as RFC 3597 writes unknown data.
 */

import { ipv4Text } from '../../bytes/address.ts'
import { Cursor } from '../../bytes/cursor.ts'
import type { DnsMessage } from './message.ts'
import { takeUnknown } from './presentation.ts'
import type { RecordData } from './rdata.ts'

const NB = 32
const GROUP = 0x8000
const ENCODED = /^[a-p]{32}(?=\.|$)/ // names are read in lower case
const NAME_BYTES = 15

/**
 * The NetBIOS name in a DNS name's text: `WORKSTATION<20>`, with its scope behind a dot if it has one. Characters that
 * are not printable ASCII, the dot and the backslash become `\DDD`. A name that is not encoded is returned as it is.
 */
export function netbiosName(text: string): string {
  const encoded = ENCODED.exec(text)?.[0]
  if (encoded === undefined) return text
  const bytes = Array.from(
    { length: NAME_BYTES + 1 },
    (_, i) => (letter(encoded, 2 * i) << 4) | letter(encoded, 2 * i + 1),
  )
  const suffix = bytes[NAME_BYTES]!.toString(16).padStart(2, '0')
  const name = String.fromCharCode(...bytes.slice(0, NAME_BYTES)).replace(/[ \0]+$/, '')
  return `${name.replace(/[.\\]|[^ -~]/g, escaped)}<${suffix}>${text.slice(encoded.length)}`
}

/** The data of row `row` of `message`, a record of the name service. */
export function netbiosData(message: DnsMessage, row: number): RecordData {
  const start = message.dataAt[row]!
  const data = new Cursor(message.bytes, start, start + message.dataBytes[row]!)
  if (message.type[row] !== NB) return { text: takeUnknown(data) }
  const addresses: string[] = []
  let group = false
  while (!data.isEmpty) {
    const flags = data.u16()
    const at = data.skip(4)
    if (!data.ok) break
    group ||= (flags & GROUP) !== 0
    addresses.push(ipv4Text(data.bytes, at))
  }
  return { text: addresses.join(' '), fields: { kind: 'netbios', group, addresses } }
}

function letter(text: string, at: number): number {
  return text.charCodeAt(at) - 0x61
}

function escaped(c: string): string {
  return `\\${String(c.charCodeAt(0)).padStart(3, '0')}`
}
