/**
 * The OPT record of EDNS, RFC 6891 section 6.1: a record whose class and TTL
 * mean other things.
 *
 *   class  bytes of UDP payload the sender takes
 *   ttl    high bits of the response code(1)  version(1)  DO and 15 reserved bits(2)
 *   data   options: code(2) length(2) data(length)
 */

import type { Cursor } from '../../bytes/cursor.ts'
import type { DnsFields } from '../../events/observation.ts'
import { takeHex } from './presentation.ts'

const DNSSEC_OK = 0x8000

/** The options at the cursor and the fields of class and TTL. Options before a broken one are kept. */
export function takeOptions(data: Cursor, udpBytes: number, ttl: number): { text: string; fields: DnsFields } {
  const options: Array<{ code: number; data: string }> = []
  while (!data.isEmpty) {
    const code = data.u16()
    const option = data.block16()
    if (data.ok) options.push({ code, data: takeHex(option) })
  }
  data.ok = true
  const extendedRcode = ttl >>> 24
  const version = (ttl >>> 16) & 0xff
  const dnssecOk = (ttl & DNSSEC_OK) !== 0
  const words = [`version=${version}`, `udp=${udpBytes}`]
  if (dnssecOk) words.push('do')
  for (const option of options) words.push(`${option.code}=${option.data}`)
  return { text: words.join(' '), fields: { kind: 'opt', udpBytes, extendedRcode, version, dnssecOk, options } }
}
