/**
 * A file for the intelligence framework of Zeek: columns with tabs between
 * them, `#fields` on top (docs.zeek.org, frameworks/intel). Load it with
 *
 *   @load frameworks/intel/seen
 *   redef Intel::read_files += { "/path/to/seekwatch.intel" };
 *
 * The framework compares names as a whole. So a suffix is in here as the name
 * itself, and names below it only where a pack lists them.
 */

import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { leaveOut, splitNames } from './name.ts'
import { isNetwork, isOneAddress, networksOf, shortText } from './network.ts'

const COLUMNS = ['indicator', 'indicator_type', 'meta.source', 'meta.desc', 'meta.url']

/** One file, `seekwatch.intel`. */
export function writeZeek(entries: readonly Entry[], left: LeftOut): ExportFile[] {
  const lines = [`#fields\t${COLUMNS.join('\t')}\n`]
  const { named, others } = splitNames(entries, left)
  for (const { value, match, entry } of named) {
    if (match === 'suffix') left.note('names below which Zeek sees only what is listed: it compares whole names')
    lines.push(lineOf(value, 'Intel::DOMAIN', entry))
  }
  for (const entry of others) {
    const { indicator } = entry
    if (isNetwork(entry)) {
      for (const range of networksOf(entry, left))
        lines.push(lineOf(shortText(range), isOneAddress(range) ? 'Intel::ADDR' : 'Intel::SUBNET', entry))
    } else if (indicator.kind === 'user_agent' && !indicator.value.includes('*'))
      lines.push(lineOf(indicator.value, 'Intel::SOFTWARE', entry))
    else leaveOut(entry, left)
  }
  return [{ name: 'seekwatch.intel', text: lines.join('') }]
}

function lineOf(
  indicator: string,
  type: string,
  { pack, rule, indicator: { role, confidence, sources } }: Entry,
): string {
  const about = `${rule.title}: ${role} (${rule.category}, confidence ${confidence}, pack ${pack.id} ${pack.version})`
  // Zeek takes two lines with the same indicator and the same source for one, so the source names the rule.
  const fields = [indicator, type, `seekwatch:${rule.id}`, about, urlOf(sources)]
  return `${fields.map(escaped).join('\t')}\n`
}

function urlOf(sources: readonly string[]): string {
  return sources.map((source) => /^https?:\/\/[^\s"<>\\]+/.exec(source)?.[0] ?? '').find((url) => url !== '') ?? ''
}

/**
 * A field as Zeek's reader wants it: bytes that are not printable ASCII, and the backslash, as `\xNN`. A `-` alone means
 * that there is none, a `#` at the start of a line begins a comment.
 */
function escaped(text: string): string {
  if (text === '') return '-'
  if (text === '-' || text === '(empty)') return hexByte(text.charCodeAt(0)) + text.slice(1)
  const bytes = [...Buffer.from(text)].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x5c ? hexByte(byte) : String.fromCharCode(byte),
  )
  return bytes.join('').replace(/^#/, hexByte(0x23))
}

function hexByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}
