/**
 * The forms that an alert can leave in, by name: for files (`alerts --format`)
 * and for whatever carries lines to other systems. To add one, write its file
 * beside eve.ts and put it into the table.
 */

import { asciiJson } from '../../bytes/json-writer.ts'
import type { Alert } from '../../events/alert.ts'
import { eveAlertLine } from './eve.ts'

export const ALERT_FORMAT_NAMES = ['jsonl', 'eve'] as const
export type AlertFormatName = (typeof ALERT_FORMAT_NAMES)[number]

/** What a line says that the alert does not: of the program that writes it. */
export interface Product {
  /** Of the program, `0.1.0`. */
  version: string
}

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
}

export const ALERT_FORMATS: readonly AlertFormat[] = ALERT_FORMAT_NAMES.map((name) => ({ name, ...FORMATS[name] }))

/** The form of this name. */
export function alertFormat(name: AlertFormatName): AlertFormat {
  return { name, ...FORMATS[name] }
}
