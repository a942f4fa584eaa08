/**
 * SVCB and HTTPS records, RFC 9460 section 2.2: where a service is to be had,
 * and how. Keys 5 (ECH) of RFC 9848, 7 (DoH path) of RFC 9461.
 *
 *   priority(2)  target name  parameters: key(2) length(2) value(length)
 *
 * Priority 0 makes it an alias; a root target stands for the owner of the
 * record. The address hints are addresses the client may go to at once, so
 * they count like A and AAAA records of the target.
 */

import { ipv4Text, ipv6Text } from '../../bytes/address.ts'
import type { Cursor } from '../../bytes/cursor.ts'
import type { DnsFields } from '../../events/observation.ts'
import type { DnsMessage } from './message.ts'
import { quoted, shownName, takeBase64, takeHex, takeName } from './presentation.ts'

const KEYS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath']
const MANDATORY = 0
const ALPN = 1
const NO_DEFAULT_ALPN = 2
const PORT = 3
const IPV4_HINT = 4
const ECH = 5
const IPV6_HINT = 6
const DOH_PATH = 7

type Service = Extract<DnsFields, { kind: 'svcb' }>

/**
 * The record at the cursor. A parameter whose value does not follow its form is shown as hexadecimal digits, like
 * those whose key is not known; where a parameter is cut off, those before it are kept.
 */
export function takeService(message: DnsMessage, data: Cursor): { text: string; fields: Service } {
  const priority = data.u16()
  const target = takeName(message, data)
  const fields: Service = { kind: 'svcb', priority, target, alpn: [], port: 0, hints: [], echBytes: 0 }
  const words = [`${priority} ${shownName(target)}`]
  if (!data.ok) return { text: '', fields }
  while (!data.isEmpty) {
    const key = data.u16()
    const value = data.block16()
    if (data.ok) words.push(parameterText(key, value, fields))
  }
  data.ok = true
  return { text: words.join(' '), fields }
}

function parameterText(key: number, value: Cursor, fields: Service): string {
  const { at } = value
  const text = valueText(key, value, fields)
  if (text !== undefined && value.ok && value.isEmpty) return text === '' ? keyName(key) : `${keyName(key)}=${text}`
  value.at = at
  value.ok = true
  return value.isEmpty ? `key${key}` : `key${key}=${takeHex(value)}`
}

/** The text of a parameter's value, or undefined when the key is not known. Notes what `fields` has a place for. */
function valueText(key: number, value: Cursor, fields: Service): string | undefined {
  switch (key) {
    case MANDATORY:
      return takeKeys(value)
    case ALPN:
      return takeProtocols(value, fields)
    case NO_DEFAULT_ALPN:
      return ''
    case PORT:
      return takePort(value, fields)
    case IPV4_HINT:
      return takeHints(value, 4, ipv4Text, fields)
    case IPV6_HINT:
      return takeHints(value, 16, ipv6Text, fields)
    case ECH:
      fields.echBytes = value.left
      return takeBase64(value)
    case DOH_PATH:
      return takePath(value)
    default:
      return undefined
  }
}

function takeKeys(value: Cursor): string {
  const names: string[] = []
  while (!value.isEmpty) names.push(keyName(value.u16()))
  return names.join(',')
}

function takeProtocols(value: Cursor, fields: Service): string {
  const protocols: string[] = []
  while (!value.isEmpty) protocols.push(value.block8().text())
  if (value.ok) fields.alpn = protocols
  return quoted(protocols.join(','))
}

function takePort(value: Cursor, fields: Service): string {
  const port = value.u16()
  if (value.ok && value.isEmpty) fields.port = port
  return String(port)
}

function takeHints(
  value: Cursor,
  addressBytes: number,
  text: (bytes: Uint8Array, at: number) => string,
  fields: Service,
): string {
  const hints: string[] = []
  while (value.left >= addressBytes) hints.push(text(value.bytes, value.skip(addressBytes)))
  if (value.isEmpty) fields.hints.push(...hints)
  return hints.join(',')
}

function takePath(value: Cursor): string {
  const path = value.text()
  value.skip(value.left)
  return quoted(path)
}

function keyName(key: number): string {
  return KEYS[key] ?? `key${key}`
}
