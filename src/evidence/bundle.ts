/** A bundle: the files that are in it, of what is known of an alert and what was taken of its packets. */

import { asciiJson } from '../bytes/json-writer.ts'
import { stableId } from '../detect/identity.ts'
import { MANIFEST, type Part } from './archive.ts'
import type { Case, Custody } from './case.ts'
import { readmeText } from './readme.ts'
import type { Taken } from './taken.ts'

const PLAIN_ID = /^[0-9a-zA-Z-]{1,64}$/

/** What a bundle, and the folder in it, is called: by the alert's id alone, and by a hash of one that is no plain word. */
export function bundleName(id: string): string {
  return `seekwatch-evidence-${PLAIN_ID.test(id) ? id : stableId('bundle', id)}`
}

/** The files of the bundle but for its manifest, README.txt first. @param version of the program */
export function bundleParts(known: Case, taken: Taken, custody: Custody | null, version: string): Part[] {
  const { alert, contact, alerts, alertsTotal, coverage, exemptions, audit, exemptionAudit, run } = known
  const described: Array<[part: Part, what: string]> = [
    [json('alert.json', alert), 'the alert, as the database has it'],
    [
      json('contact.json', { contact, alerts_total: alertsTotal, alerts }),
      'the contact that it belongs to, with its alerts',
    ],
    [json('rule.json', ruleRecord(known)), 'what matched: as the alert says, and as the packs say today'],
    [json('coverage.json', coverage), 'what share of the traffic could be judged in those hours, and gaps'],
    [json('record.json', recordOf({ exemptions, audit, exemptionAudit })), 'exemptions, and who changed what and when'],
    [json('run.json', { id: alert.run, sensor: alert.sensor, on_record: run }), 'the run of the sensor that found it'],
    [json('sources.json', taken.sources), 'the capture files that evidence names, with size and SHA-256'],
  ]
  if (taken.file !== null) {
    const { path, sha256 } = taken.file
    described.push([{ name: 'packets.pcapng', path, sha256 }, 'the packets; the comment of each says where it lay'])
  }
  if (custody !== null) {
    described.push([
      json('custody.json', { ...custody, program: `seekwatch ${version}` }),
      'who made this bundle, and when',
    ])
  }
  const files: Array<[string, string]> = [
    ['README.txt', 'this text'],
    ...described.map(([{ name }, what]): [string, string] => [name, what]),
    [MANIFEST, 'the SHA-256 of all other files'],
  ]
  const readme = { name: 'README.txt', text: readmeText(known, taken, files, custody, version) }
  return [readme, ...described.map(([part]) => part)]
}

function ruleRecord({ alert, rule: { trouble, pack, rule, indicator, policies } }: Case): object {
  const { rule: id, title, pack: packId, pack_version, policy } = alert
  return {
    at_the_time: { rule: id, title, pack: packId, pack_version, indicator: alert.indicator, policy },
    today: { trouble, same_version: pack?.version === pack_version, pack, rule, indicator, policies },
  }
}

function recordOf({
  exemptions,
  audit,
  exemptionAudit,
}: Pick<Case, 'exemptions' | 'audit' | 'exemptionAudit'>): object {
  return { exemptions, alert_changes: audit, exemption_changes: exemptionAudit }
}

/** For people and programs: indented, and in ASCII, so that nothing in it acts on a terminal. */
function json(name: string, value: unknown): Part {
  return { name, text: `${asciiJson(value, 2)}\n` }
}
