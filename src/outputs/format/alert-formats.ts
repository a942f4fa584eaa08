/**
 * The forms that an alert can leave in, by name: for files (`alerts --format`)
 * and for whatever carries lines to other systems. To add one, write its file
 * beside eve.ts and put it into the table.
 */

import { asciiJson } from '../../bytes/json-writer.ts'
import type { Alert } from '../../events/alert.ts'
import type { Product } from './alert-facts.ts'
import { cefLine } from './cef.ts'
import { ecsLine } from './ecs.ts'
import { eveAlertLine } from './eve.ts'
import { leefLine } from './leef.ts'
import { ocsfLine } from './ocsf.ts'

export type { Product }

export const ALERT_FORMAT_NAMES = ['jsonl', 'eve', 'ecs', 'ocsf', 'cef', 'leef'] as const
export type AlertFormatName = (typeof ALERT_FORMAT_NAMES)[number]

export interface AlertFormat {
  name: AlertFormatName
  /** For people who choose: what it is and what takes it. */
  what: string
  /** Lines are JSON, in ASCII; else text, in UTF-8. */
  isJson: boolean
  /** One line, without its end; the same alert gives the same line. */
  write: (alert: Alert, product: Product) => string
}

const FORMATS: Readonly<Record<AlertFormatName, Omit<AlertFormat, 'name'>>> = {
  jsonl: { what: 'the record as it is', isJson: true, write: (alert) => asciiJson(alert) },
  eve: {
    what: 'EVE as Suricata writes it, with the record in it',
    isJson: true,
    write: (alert) => eveAlertLine(alert),
  },
  ecs: { what: 'Elastic Common Schema 9, JSON (Elastic, OpenSearch)', isJson: true, write: ecsLine },
  ocsf: { what: 'Detection Finding of OCSF 1.5, JSON (Security Lake)', isJson: true, write: ocsfLine },
  cef: { what: 'Common Event Format 0, text (ArcSight, Sentinel)', isJson: false, write: cefLine },
  leef: { what: 'Log Event Extended Format 2.0, text (QRadar)', isJson: false, write: leefLine },
}

export const ALERT_FORMATS: readonly AlertFormat[] = ALERT_FORMAT_NAMES.map((name) => ({ name, ...FORMATS[name] }))

/** The form of this name. */
export function alertFormat(name: AlertFormatName): AlertFormat {
  return { name, ...FORMATS[name] }
}
