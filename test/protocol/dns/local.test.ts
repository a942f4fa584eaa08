/** The protocols of the neighbourhood: which message is whose, and the names of NetBIOS. */

import { describe, expect, test } from 'vitest'
import type { DnsService } from '../../../src/events/observation.ts'
import { type DnsFacts, dnsFacts } from '../../../src/protocol/dns/facts.ts'
import { DnsMessage, readMessage } from '../../../src/protocol/dns/message.ts'
import { netbiosName } from '../../../src/protocol/dns/netbios.ts'
import { dnsService } from '../../../src/protocol/dns/service.ts'
import { parseTwice } from '../../support/arena.ts'
import { message, type Parts, question } from './messages.ts'

function facts(service: DnsService, parts: Parts): DnsFacts {
  return parseTwice(message(parts), (bytes, start, end) => {
    const into = new DnsMessage()
    readMessage(bytes, start, end, into)
    return dnsFacts(into, service)
  })
}

const services: Array<[story: string, source: number, target: number, flags: number, service: string]> = [
  ['a question to a resolver', 40000, 53, 0x0100, 'dns'],
  ['its answer', 53, 40000, 0x8180, 'dns'],
  ['a question from port 5353 to a resolver', 5353, 53, 0x0100, 'dns'],
  ['a multicast question', 5353, 5353, 0, 'mdns'],
  ['a multicast answer', 5353, 5353, 0x8400, 'mdns'],
  ['a question to a resolver on port 5353', 40000, 5353, 0x0100, 'dns'],
  ['its answer', 5353, 40000, 0x8180, 'dns'],
  ['a link-local question', 40000, 5355, 0, 'llmnr'],
  ['a NetBIOS question', 137, 137, 0x0110, 'nbns'],
  ['something else', 40000, 443, 0x0100, ''],
]

test('of a group, or from the port itself, the bit of a question to a resolver says nothing', () => {
  expect(dnsService(40_000, 5353, 0x0100, true)).toBe('mdns')
  expect(dnsService(5353, 5353, 0x0100)).toBe('mdns')
  expect(dnsService(40_000, 53, 0x0100, true)).toBe('dns')
})

test.each(services)('%s', (_, source, target, flags, service) => {
  expect(dnsService(source, target, flags)).toBe(service)
})

describe('NetBIOS names', () => {
  const names: Array<[story: string, text: string, shown: string]> = [
    ['a workstation', encoded('DESKTOP-1', 0x00), 'DESKTOP-1<00>'],
    ['a file server in a scope', `${encoded('NAS', 0x20)}.example`, 'NAS<20>.example'],
    ['the name that stands for all', encoded('*', 0x00, '\0'), '*<00>'],
    ['a browser with control characters', encoded('\x01\x02__MSBROWSE__\x02', 0x01), '\\001\\002__MSBROWSE__\\002<01>'],
    ['a dot and a backslash', encoded('deepseek.com\\', 0x00), 'deepseek\\046com\\092<00>'],
    ['spaces inside', encoded('A B', 0x1c), 'A B<1c>'],
    ['a name that is not encoded', 'chat.deepseek.com', 'chat.deepseek.com'],
    ['a letter too few', 'a'.repeat(31), 'a'.repeat(31)],
    ['a letter too many', 'a'.repeat(33), 'a'.repeat(33)],
    ['a letter above P', `q${'a'.repeat(31)}`, `q${'a'.repeat(31)}`],
  ]

  test.each(names)('%s', (_, text, shown) => {
    expect(netbiosName(text)).toBe(shown)
  })

  test('are decoded in messages of their service and in no others', () => {
    const parts = { questions: [question(encoded('NAS', 0x20).toUpperCase(), 32)] }
    expect(facts('nbns', parts).questions).toEqual([{ name: 'NAS<20>', type: 32 }])
    expect(facts('dns', parts).questions).toEqual([{ name: encoded('NAS', 0x20), type: 32 }])
  })
})

/** A NetBIOS name as it is in a message, in lower case: 15 characters and a suffix. */
function encoded(text: string, suffix: number, fill = ' '): string {
  const bytes = [...Buffer.from(text.padEnd(15, fill), 'latin1'), suffix]
  return bytes.map((byte) => String.fromCharCode(0x61 + (byte >> 4), 0x61 + (byte & 0x0f))).join('')
}
