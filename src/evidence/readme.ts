/**
 * README.txt of a bundle: what an examiner reads first, in plain words. Lines of
 * at most 88 characters where words allow it; names from the wire printable, so
 * that it can be shown in any terminal.
 */

import { printable, readable } from '../bytes/text.ts'
import type { Alert, AlertEndpoint, Evidence, EvidenceKind } from '../events/alert.ts'
import { MANIFEST } from './archive.ts'
import type { Case, Custody } from './case.ts'
import type { SourceRecord, Taken } from './taken.ts'

const WIDTH = 88
const ALERTS_SHOWN = 20
const CHANGES_SHOWN = 20
const SOURCES_SHOWN = 50

const KIND_WORDS: Readonly<Record<EvidenceKind, string>> = {
  tls_sni: 'server name in a TLS hello',
  quic_sni: 'server name in a QUIC hello',
  http_host: 'host of an HTTP request',
  http_connect: 'target that a proxy was asked for (CONNECT)',
  socks_target: 'target that a proxy was asked for (SOCKS)',
  certificate_name: 'name in the certificate of the server',
  dns_question: 'question to DNS',
  dns_answer: 'answer of DNS',
  dns_flow: 'connection to an address that DNS had given for the name',
  address: 'address of the server',
  network: 'network of the server',
  user_agent: 'what the client says that it is',
  fingerprint: 'fingerprint of the hello',
  telemetry: 'name of a telemetry library, of the same client nearby in time',
}

/** Fields by which tshark shows what a kind of evidence says. */
const TSHARK_FIELDS: Partial<Record<EvidenceKind, string>> = {
  tls_sni: 'tls.handshake.extensions_server_name',
  quic_sni: 'tls.handshake.extensions_server_name',
  http_host: 'http.host',
  http_connect: 'http.request.uri',
  dns_question: 'dns.qry.name',
  dns_answer: 'dns.qry.name',
  certificate_name: 'x509sat.uTF8String',
  user_agent: 'http.user_agent',
}

/** @param files names of all files of the bundle with what they are */
export function readmeText(
  known: Case,
  taken: Taken,
  files: ReadonlyArray<[name: string, what: string]>,
  custody: Custody | null,
  version: string,
): string {
  const { alert } = known
  return [
    `EVIDENCE OF THE ALERT ${printable(alert.id)}`,
    '',
    ...para(
      `Made by Seekwatch ${version}, a passive network sensor. It watched a copy of the traffic and changed nothing in it. All times are UTC, as the packets carry them.`,
    ),
    ...(custody === null
      ? []
      : para(
          `This bundle was made by ${readable(custody.by)} at ${custody.at}.${custody.note === '' ? '' : ` Note: ${readable(custody.note)}`}`,
        )),
    ...section('1. What was seen', seen(known)),
    ...section('2. How sure that is, and why', why(known)),
    ...section('3. What else is on record', onRecord(known)),
    ...section('4. What could not be seen then', unseen(known)),
    ...section('5. What is in this bundle', inside(taken, files)),
    ...section('6. What is not in it, and why', missing(taken)),
    ...section('7. How to check it by hand', checks(alert, taken)),
    '',
  ].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
  return ['', title, '-'.repeat(title.length), ...lines]
}

function seen({ alert }: Case): string[] {
  const { title, client, server, first_seen, last_seen, count, evidence } = alert
  return [
    ...para(`${readable(title)}${alert.attempt ? ' (an attempt: no answer of the server was seen)' : ''}.`),
    ...field('client', `${endpoint(client)}${roleWords(alert)}`),
    ...field('server', endpoint(server)),
    ...field('first seen', utc(first_seen)),
    ...field('last seen', utc(last_seen)),
    ...field('traffic', trafficText(alert)),
    ...(count === 1 ? [] : field('count', `this alert stands for ${count} observations`)),
    ...field('sensor', readable(alert.sensor)),
    ...field('community id', printable(alert.community_id)),
    '',
    'The evidence, each with the packet that showed it:',
    ...evidence.flatMap(evidenceLines),
  ]
}

function roleWords({ client_role }: Alert): string {
  return client_role === 'host' ? '' : `; it is a ${client_role}, so the person is somebody behind it`
}

function trafficText({ protocol, bytes_out, bytes_in, packets_out, packets_in }: Alert): string {
  return `${protocol}, ${bytes_out} bytes in ${packets_out} packets from the client, ${bytes_in} bytes in ${packets_in} packets to it`
}

function evidenceLines({ kind, value, packet, file, time }: Evidence): string[] {
  return hanging(
    '  * ',
    `${KIND_WORDS[kind]}: ${printable(value)}; packet ${packet} of ${printable(file)}, ${utc(time)}`,
  )
}

function why({ alert, rule }: Case): string[] {
  const { confidence, severity, reasons, indicator, pack, pack_version } = alert
  return [
    ...para(`Confidence ${confidence}, severity ${severity}. The reasons, the strongest first:`),
    ...reasons.flatMap((reason) => hanging('  * ', readable(reason))),
    '',
    ...field('rule', `${printable(alert.rule)} of the pack ${printable(pack)}, version ${printable(pack_version)}`),
    ...field('entry', `${indicator.kind} ${printable(indicator.value)}: ${readable(indicator.role)}`),
    ...field('how sure', `that it belongs to ${readable(alert.service)}: ${indicator.confidence}`),
    ...indicator.sources.flatMap((source) => field('source', readable(source))),
    ...rule.policies.flatMap(({ authority, country, date, title, reference }) =>
      field(
        'policy',
        `${readable(authority)} (${printable(country)}), ${printable(date)}, ${readable(title)}, ${readable(reference)}`,
      ),
    ),
    ...ruleToday(alert, rule).flatMap((text) => ['', ...para(text)]),
  ]
}

/** How the packs at hand differ from those of the alert. */
function ruleToday(alert: Alert, { trouble, pack, rule, indicator }: Case['rule']): string[] {
  if (trouble !== '') return [`The rule packs could not be read when this bundle was made: ${readable(trouble)}`]
  const name = printable(alert.pack)
  if (pack === null)
    return [`The pack ${name} was not at hand when this bundle was made: rule.json has what the alert says of it.`]
  const said = []
  if (pack.version !== alert.pack_version)
    said.push(
      `Mind the versions: the alert was raised by version ${printable(alert.pack_version)} of the pack ${name}, the one at hand when this bundle was made is ${printable(pack.version)}. rule.json has both: what the alert says, and the pack of today.`,
    )
  if (rule === null) said.push(`The pack at hand does not hold the rule ${printable(alert.rule)} any more.`)
  else if (indicator === null) said.push('The rule at hand does not hold the entry any more.')
  return said
}

function onRecord({ alert, contact, alerts, alertsTotal, exemptions, audit, run }: Case): string[] {
  const others = alerts.filter(({ id }) => id !== alert.id)
  return [
    ...(contact === null
      ? para('The contact that this alert belongs to is not in the database any more.')
      : para(
          `The alert belongs to the contact ${printable(contact.id)}: ${printable(contact.client)} with ${readable(contact.service)}, ${contact.alerts + contact.exempt} alerts from ${utc(contact.first_seen)} to ${utc(contact.last_seen)}.`,
        )),
    ...others
      .slice(0, ALERTS_SHOWN)
      .flatMap(({ id, first_seen, evidence, server, confidence }) =>
        hanging(
          '  * ',
          `${printable(id)}, ${utc(first_seen)}, ${printable(evidence[0]?.value ?? server.ip)}, confidence ${confidence}`,
        ),
      ),
    ...(others.length > ALERTS_SHOWN ? para(`and ${others.length - ALERTS_SHOWN} more in contact.json.`) : []),
    ...(alerts.length < alertsTotal ? para(`contact.json has ${alerts.length} of its ${alertsTotal} alerts.`) : []),
    '',
    ...field('state', alert.state),
    ...exemptions.flatMap(({ id, kind, reason, owner, start, end }) =>
      field(
        'exemption',
        `${printable(id)}: ${kind}, ${readable(reason)}; answers for it: ${readable(owner)}; from ${utc(start)} until ${utc(end)}${alert.exemption === id ? '; it covers this alert' : '; it does not cover this alert now'}`,
      ),
    ),
    ...(audit.total === 0 ? para('Nobody has changed its state.') : para('Changes of its state, the newest first:')),
    ...audit.entries.slice(0, CHANGES_SHOWN).flatMap(({ at, who, via, after, note }) => {
      const { state } = after as { state?: unknown }
      const words = note === '' ? '' : `: ${readable(note)}`
      return hanging('  * ', `${utc(at)}, ${readable(who)} (${readable(via)}), to ${printable(String(state))}${words}`)
    }),
    ...(audit.total > CHANGES_SHOWN ? para(`record.json has ${audit.entries.length} of ${audit.total} changes.`) : []),
    '',
    ...(run === null
      ? para(`The run ${printable(alert.run)} that found it is not in the database any more.`)
      : para(
          `It was found by the command ${printable(run.command)}, run ${printable(run.id)}, begun at ${utc(run.started)} by the clock of that machine.`,
        )),
  ]
}

function unseen({ alert, coverage, run }: Case): string[] {
  const said: string[] = []
  if (alert.lossy) said.push('Packets were being lost when this was seen: there may have been more than is told here.')
  if (coverage.hours.length > 0) said.push(`In the hours of this alert ${coverage.sentence}.`)
  for (const { kind, from, to, reason } of coverage.gaps) {
    said.push(
      `From ${utc(from)} to ${to === null ? 'now' : utc(to)} not everything was seen (${kind}): ${readable(reason)}.`,
    )
  }
  const summary = run?.summary ?? null
  if (summary !== null) {
    const left = Object.entries(summary.not_decoded).map(([reason, count]) => `${printable(reason)} ${count}`)
    said.push(
      `The run read ${summary.packets} packets of ${summary.files} ${summary.files === 1 ? 'file' : 'files'}.${left.length > 0 ? ` Not decoded: ${left.join(', ')}.` : ' All of them could be decoded.'}`,
    )
    for (const { file, offset, reason } of summary.faults)
      said.push(`${printable(file)} could not be read behind byte ${offset}: ${printable(reason)}.`)
  } else if (coverage.hours.length === 0) {
    said.push('Nothing is on record of what could not be seen: neither hours of coverage nor the end of the run.')
  }
  said.push(
    'A passive sensor sees names and addresses, not what was said: content is encrypted and was not decrypted. It names addresses, not people. What did not pass the place where it listens it did not see.',
  )
  return said.flatMap((text) => hanging('  * ', text))
}

function inside({ file, packets, sources }: Taken, files: ReadonlyArray<[name: string, what: string]>): string[] {
  const width = Math.max(...files.map(([name]) => name.length)) + 2
  const used = sources.filter((source) => source.packets > 0)
  return [
    ...files.flatMap(([name, what]) => hanging(`  ${name.padEnd(width)}`, what)),
    ...(file === null ? [] : ['', ...para(`The ${packets} packets come from:`)]),
    ...used.slice(0, SOURCES_SHOWN).flatMap(sourceLines),
    ...(used.length > SOURCES_SHOWN ? para(`and ${used.length - SOURCES_SHOWN} more; sources.json has all.`) : []),
  ]
}

function sourceLines({ file, found_as, bytes = 0, sha256 = 'not known', packets }: SourceRecord): string[] {
  const name = found_as === undefined ? printable(file) : `${printable(file)} (found as ${printable(found_as)})`
  return [...hanging('  * ', `${name}: ${packets} packets, file of ${bytes} bytes, SHA-256`), `    ${sha256}`]
}

function missing({ file, missing: lacks, remarks }: Taken): string[] {
  return [
    ...(file === null ? hanging('  * ', 'PACKETS: none are in this bundle.') : []),
    ...lacks.flatMap((text) => hanging('  * ', text)),
    ...hanging(
      '  * ',
      'Traffic of the client that has nothing to do with this alert: a bundle holds what proves the alert and no more.',
    ),
    ...hanging('  * ', 'Decrypted content: the sensor has no keys.'),
    ...remarks.flatMap((text) => hanging('  * ', text)),
  ]
}

function checks({ evidence }: Alert, { file, check }: Taken): string[] {
  const fields = [...new Set(evidence.flatMap(({ kind }) => TSHARK_FIELDS[kind] ?? []))]
  return [
    ...(check === '' ? [] : [...para(check), '']),
    'That no file of this bundle was changed:',
    `    sha256sum -c ${MANIFEST}`,
    ...(file === null
      ? []
      : [
          'That the packets say what the alert says, with a program that is not ours:',
          '    capinfos packets.pcapng',
          ...fields.map(
            (name) =>
              `    tshark -r packets.pcapng -Y ${name} -T fields -e frame.number -e frame.time_epoch -e ${name}`,
          ),
          'Where each packet lay in the file that it was cut from:',
          '    tshark -r packets.pcapng -T fields -e frame.number -e frame.comment',
          'That what is said above of a replay is so:',
          '    seekwatch replay packets.pcapng --db check.db',
          '    seekwatch alerts --db check.db --format jsonl',
          'That the files which the packets come from are still the same (see sources.json):',
          '    sha256sum FILE',
        ]),
  ]
}

function endpoint({ ip, port, name, mac, country, asn, as_name, forwarded_for }: AlertEndpoint): string {
  return [
    port === 0 ? printable(ip) : `${printable(ip)} port ${port}`,
    ...(name === undefined ? [] : [printable(name)]),
    ...(mac === undefined ? [] : [printable(mac)]),
    ...(country === undefined ? [] : [printable(country)]),
    ...(asn === undefined ? [] : [`AS${asn} ${readable(as_name ?? '')}`.trimEnd()]),
    ...(forwarded_for === undefined ? [] : [`says that it asks for ${printable(forwarded_for.join(', '))}`]),
  ].join(', ')
}

/** `2026-11-22 09:00:00.020000` */
function utc(time: string): string {
  return printable(time.replace('T', ' ').replace('Z', ''))
}

function field(name: string, text: string): string[] {
  return hanging(`  ${name.padEnd(14)}`, text)
}

function para(text: string): string[] {
  return hanging('', text)
}

/** Folds `text` behind `head`; lines that follow stand below its beginning. A word is never cut: it may be a digest. */
function hanging(head: string, text: string): string[] {
  const lines: string[] = []
  let line = head
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = ' '.repeat(head.length)
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line.trimEnd()]
}
