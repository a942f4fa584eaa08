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
import type { JsonWriter } from '../../bytes/json-writer.ts'
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

/** Writes what we say of a message beyond Suricata: what the object `seekwatch` of its event holds, if anything. */
export function writeDnsMore(json: JsonWriter, { questions, quotedBy }: DnsObservation): void {
  const before = json.array('unreadable_names')
  for (const { unreadable } of questions) if (unreadable !== undefined) json.text('', unreadable)
  json.endArrayUnlessEmpty(before)
  json.someText('quoted_by', quotedBy)
}

/** Writes what the object of a message holds; its key and the type of the event are the message's `service`. */
export function writeDns(json: JsonWriter, dns: DnsObservation): void {
  if (dns.service === 'mdns') writeMdns(json, dns)
  else writeDnsV3(json, dns)
}

function writeDnsV3(json: JsonWriter, dns: DnsObservation): void {
  const { flags, answers } = dns
  if (dns.service === 'dns') json.number('version', 3)
  json.text('type', messageType(dns))
  json.number('id', dns.id)
  json.text('flags', flags.toString(16))
  if (dns.service === 'dns') for (const [name, bit] of HEADER_BITS) if ((flags & bit) !== 0) json.flag(name)
  json.number('opcode', operation(dns))
  json.text('rcode', rcodeName(flags & 0x000f))
  writeQueries(json, dns.questions, dnsTypeName)
  writeRecords(json, 'answers', answers, writeRecord)
  if (answers.length > 0) writeGrouped(json, answers)
  writeRecords(json, 'authorities', dns.authorities, writeRecord)
  writeRecords(json, 'additionals', dns.additionals, writeRecord)
}

function writeMdns(json: JsonWriter, dns: DnsObservation): void {
  const flags = MDNS_BITS.filter(([, bit]) => (dns.flags & bit) !== 0).map(([name]) => name)
  json.text('type', messageType(dns))
  json.number('id', dns.id)
  json.someTexts('flags', flags)
  json.number('opcode', operation(dns))
  json.number('rcode', dns.flags & 0x000f)
  writeQueries(json, dns.questions, lowerName)
  writeRecords(json, 'answers', dns.answers, writeMdnsRecord)
  writeRecords(json, 'authorities', dns.authorities, writeMdnsRecord)
  writeRecords(json, 'additionals', dns.additionals, writeMdnsRecord)
}

function messageType({ answer }: DnsObservation): string {
  return answer ? 'response' : 'request'
}

function operation({ flags }: DnsObservation): number {
  return (flags >> 11) & 0x0f
}

function writeQueries(json: JsonWriter, questions: readonly DnsQuestion[], typeName: (type: number) => string): void {
  const before = json.array('queries')
  for (const { name, type, unreadable } of questions) {
    const rrname = unreadable === undefined ? name : name || FAULTS[unreadable]
    if (unreadable !== undefined && rrname === '') continue
    json.object()
    json.text('rrname', rrname)
    if (unreadable === undefined || type !== 0) json.text('rrtype', typeName(type))
    json.endObject()
  }
  json.endArrayUnlessEmpty(before)
}

function writeRecords(
  json: JsonWriter,
  section: string,
  records: readonly DnsRecord[],
  write: (json: JsonWriter, record: DnsRecord) => void,
): void {
  const before = json.array(section)
  for (const record of records) if (saysSomething(record)) write(json, record)
  json.endArrayUnlessEmpty(before)
}

/** An OPT record without options is not shown, as its other fields are not either. */
function saysSomething({ fields }: DnsRecord): boolean {
  return fields?.kind !== 'opt' || fields.options.length > 0
}

/** A record as one object; a TXT record as one for each of its strings. */
function writeRecord(json: JsonWriter, record: DnsRecord): void {
  if (record.fields === undefined) writeValue(json, record, 'rdata', record.data)
  else for (const { key, value } of dataValues(record)) writeValue(json, record, key, value)
}

function writeValue(json: JsonWriter, record: DnsRecord, key: string, value: string | object): void {
  json.object()
  json.text('rrname', record.name)
  json.text('rrtype', dnsTypeName(record.type))
  json.number('ttl', record.ttl)
  json.value(key, value)
  json.endObject()
}

function writeMdnsRecord(json: JsonWriter, record: DnsRecord): void {
  const values = dataValues(record).map(({ value }) => value)
  const isList = record.fields?.kind === 'txt' || record.type === OPT
  json.object()
  json.text('rrname', record.name)
  json.value(lowerName(record.type), isList ? values.flat() : values[0])
  json.endObject()
}

/** The data of the answers once more, by type, in the order in which the types come. */
function writeGrouped(json: JsonWriter, records: readonly DnsRecord[]): void {
  json.object('grouped')
  for (const [i, { type }] of records.entries()) {
    const name = dnsTypeName(type)
    if (!GROUPED.has(name) || records.findIndex((record) => record.type === type) < i) continue
    const before = json.array(name)
    for (const record of records) if (record.type === type && record.data !== '') writeValues(json, record)
    json.endArrayUnlessEmpty(before)
  }
  json.endObject()
}

function writeValues(json: JsonWriter, record: DnsRecord): void {
  if (record.fields === undefined) json.text('', record.data)
  else for (const { value } of dataValues(record)) json.value('', value)
}

/** A record's data under the keys that Suricata has for it. */
function dataValues({ data, fields }: DnsRecord): Array<{ key: string; value: string | object }> {
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
