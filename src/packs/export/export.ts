/**
 * The way from a rule set to the files of a format. Pure, and the same text on
 * every run: ids and times come from the packs.
 */

import { CATEGORIES, type Category } from '../../events/alert.ts'
import type { Policy } from '../../events/rules.ts'
import type { RuleSet } from '../pack.ts'
import { writeCsv } from './csv.ts'
import { writeEdl } from './edl.ts'
import { chosen, type Entry, type ExportFile, entriesOf, LeftOut, type Wishes } from './entry.ts'
import { FORMATS, type FormatName } from './format.ts'
import { writeList } from './list.ts'
import { writeMisp } from './misp.ts'
import { writeNftables } from './nftables.ts'
import { writeRpz } from './rpz.ts'
import { writeStix } from './stix.ts'
import { writeSuricata } from './suricata.ts'
import { writeUnbound } from './unbound.ts'
import { writeZeek } from './zeek.ts'

export interface Exported {
  files: ExportFile[]
  /** Entries that the files say. */
  written: number
  left: LeftOut
}

interface Context {
  policies: readonly Policy[]
  /** Null when nobody asked for some. */
  categories: ReadonlySet<Category> | null
}

type Write = (entries: readonly Entry[], left: LeftOut, context: Context) => ExportFile[]

const WRITERS: Readonly<Record<FormatName, Write>> = {
  suricata: writeSuricata,
  zeek: writeZeek,
  rpz: writeRpz,
  unbound: writeUnbound,
  nftables: writeNftables,
  edl: (entries, left, { categories }) => writeEdl(entries, left, categories ?? new Set(CATEGORIES)),
  stix: (entries, left, { policies }) => writeStix(entries, left, policies),
  misp: writeMisp,
  csv: writeCsv,
  list: writeList,
}

/** The files that `rules` are in the format called `name`, for somebody who wishes that. */
export function exportRules(rules: RuleSet, name: FormatName, wishes: Wishes): Exported {
  const format = FORMATS[name]
  const left = new LeftOut()
  const entries = chosen(entriesOf(rules), wishes, format, left)
  const before = left.entryCount
  if (!format.saysClients) {
    const withClients = new Set(entries.filter(({ rule }) => rule.unless.clients.length > 0).map(({ rule }) => rule.id))
    left.note('rules are silent for some clients, which this format cannot say', withClients.size)
  }
  const files = WRITERS[name](entries, left, { policies: rules.policies, categories: wishes.categories })
  return { files, written: entries.length - (left.entryCount - before), left }
}
