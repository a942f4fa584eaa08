/**
 * DNS messages in EVE JSON as Suricata 8 writes them: `dns` in version 3,
 * `mdns` in a form of its own; `llmnr` and `nbns`, which Suricata 8 does not
 * have, like `dns`.
 *
 * Where we say more than Suricata: `rdata` is there for all types whose data
 * is not an object of its own, and addresses are in the form of RFC 5952, as
 * they are in all our fields. A name that cannot be read is shown in the words
 * of Wireshark, which analysts search for. They hold capital letters, which no
 * name from the wire does in `dns`, and `seekwatch.unreadable_names` says the
 * same for machines.
 */

import { isUtf8 } from 'node:buffer'
import type { DnsObservation, DnsQuestion, DnsRecord, NameFault } from '../../events/observation.ts'
import { dnsTypeName, rcodeName } from './dns-names.ts'

const OPT = 41

const HEADER_BITS: ReadonlyArray<[string, number]> = [
  ['qr', 0x8000],
  ['aa', 0x0400],
  ['tc', 0x0200],
  ['rd', 0x0100],
  ['ra', 0x0080],
  ['z', 0x0040],
]
const MDNS_BITS: ReadonlyArray<[string, number]> = [...HEADER_BITS.slice(1), ['ad', 0x0020], ['cd', 0x0010]]

/** The types that Suricata puts under `grouped`. */
const GROUPED = new Set(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'TXT', 'NULL', 'SOA', 'SSHFP', 'SRV'])

/** What is shown in place of a name; of one that is cut nothing is. */
const FAULTS: Readonly<Record<NameFault, string>> = {
  loop: '<Name contains a pointer that loops>',
  long: '<Name too long>',
  label: '<Unknown extended label>',
  cut: '',
}

/** What we say of a message beyond Suricata: the object `seekwatch` of its event; empty when there is nothing. */
export function eveDnsMore({ questions, quotedBy }: DnsObservation): object {
  const faults = questions.flatMap(({ unreadable }) => unreadable ?? [])
  return {
    ...(faults.length === 0 ? {} : { unreadable_names: faults }),
    ...(quotedBy === undefined ? {} : { quoted_by: quotedBy }),
  }
}

/** The object of a message in its event; its key and the type of the event are the message's `service`. */
export function eveDns(dns: DnsObservation): object {
  if (dns.service === 'mdns') return mdnsObject(dns)
  return {
    ...(dns.service === 'dns' ? { version: 3 } : {}),
    type: messageType(dns),
    id: dns.id,
    flags: dns.flags.toString(16),
    ...(dns.service === 'dns' ? headerBits(dns.flags) : {}),
    opcode: operation(dns),
    rcode: rcodeName(dns.flags & 0x000f),
    ...section('queries', dns.questions, (question) => query(question, dnsTypeName)),
    ...section('answers', dns.answers, details),
    ...(dns.answers.length === 0 ? {} : { grouped: grouped(dns.answers) }),
    ...section('authorities', dns.authorities, details),
    ...section('additionals', dns.additionals.filter(saysSomething), details),
  }
}

function mdnsObject(dns: DnsObservation): object {
  const flags = MDNS_BITS.filter(([, bit]) => (dns.flags & bit) !== 0).map(([name]) => name)
  const data = (record: DnsRecord) => {
    const values = dataValues(record).map(({ value }) => value)
    const isList = record.fields?.kind === 'txt' || record.type === OPT
    return [{ rrname: record.name, [lowerName(record.type)]: isList ? values.flat() : values[0] }]
  }
  return {
    type: messageType(dns),
    id: dns.id,
    ...(flags.length === 0 ? {} : { flags }),
    opcode: operation(dns),
    rcode: dns.flags & 0x000f,
    ...section('queries', dns.questions, (question) => query(question, lowerName)),
    ...section('answers', dns.answers, data),
    ...section('authorities', dns.authorities, data),
    ...section('additionals', dns.additionals.filter(saysSomething), data),
  }
}

function query({ name, type, unreadable }: DnsQuestion, typeName: (type: number) => string): object[] {
  if (unreadable === undefined) return [{ rrname: name, rrtype: typeName(type) }]
  const rrname = name || FAULTS[unreadable]
  if (rrname === '') return []
  return [{ rrname, ...(type === 0 ? {} : { rrtype: typeName(type) }) }]
}

function messageType({ answer }: DnsObservation): string {
  return answer ? 'response' : 'request'
}

function operation({ flags }: DnsObservation): number {
  return (flags >> 11) & 0x0f
}

function headerBits(flags: number): object {
  return Object.fromEntries(HEADER_BITS.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => [name, true]))
}

function section<T>(name: string, entries: readonly T[], shown: (entry: T) => object[]): object {
  const objects = entries.flatMap(shown)
  return objects.length === 0 ? {} : { [name]: objects }
}

/** An OPT record without options is not shown, as its other fields are not either. */
function saysSomething({ fields }: DnsRecord): boolean {
  return fields?.kind !== 'opt' || fields.options.length > 0
}

/** A record as one object; a TXT record as one for each of its strings. */
function details(record: DnsRecord): object[] {
  const { name, type, ttl } = record
  return dataValues(record).map(({ key, value }) => ({ rrname: name, rrtype: dnsTypeName(type), ttl, [key]: value }))
}

function grouped(records: readonly DnsRecord[]): object {
  const groups: Record<string, unknown[]> = {}
  for (const record of records) {
    const type = dnsTypeName(record.type)
    if (!GROUPED.has(type) || record.data === '') continue
    groups[type] ??= []
    groups[type].push(...dataValues(record).map(({ value }) => value))
  }
  return groups
}

/** A record's data under the keys that Suricata has for it. */
function dataValues({ data, fields }: DnsRecord): Array<{ key: string; value: unknown }> {
  switch (fields?.kind) {
    case 'mx':
      return [{ key: 'rdata', value: fields.exchange }]
    case 'txt':
      return fields.strings.map((text) => ({ key: 'rdata', value: shownBytes(text) }))
    case 'null':
      return [{ key: 'rdata', value: shownBytes(fields.bytes) }]
    case 'soa': {
      const { kind: _, ...value } = fields
      return [{ key: 'soa', value }]
    }
    case 'srv': {
      const { priority, weight, port, target } = fields
      return [{ key: 'srv', value: { priority, weight, port, name: target } }]
    }
    case 'sshfp': {
      const fingerprint = fields.fingerprint.replace(/..(?=.)/g, '$&:')
      return [{ key: 'sshfp', value: { fingerprint, algo: fields.algorithm, type: fields.fingerprintType } }]
    }
    case 'opt':
      return [{ key: 'opt', value: fields.options }]
    default:
      return [{ key: 'rdata', value: data }]
  }
}

/** Bytes as text: as UTF-8 where they are that, else with `\xNN` for all above ASCII. */
function shownBytes(bytes: string): string {
  const raw = Buffer.from(bytes, 'latin1')
  if (isUtf8(raw)) return raw.toString('utf8')
  return bytes.replace(/[\x80-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`)
}

function lowerName(type: number): string {
  return dnsTypeName(type).toLowerCase()
}
