/**
 * What people give to `rules test`: a name, an address, a range, and whatever
 * they have pasted that holds one, as an address of a page, with a port, or made
 * harmless for a report: `hxxps://chat[.]example[.]com/path`. Also an autonomous
 * system, a country and a fingerprint, which have forms that no name has.
 */

import { domainToASCII } from 'node:url'
import { type Cidr, parseRange } from '../bytes/cidr.ts'
import { printable } from '../bytes/text.ts'
import { canonicalName, nameProblem } from '../packs/domain-name.ts'
import { JA3_FORM, JA4_FORM } from '../packs/fingerprint-form.ts'
import { UsageError } from './usage-error.ts'

/** Where networks lie, as the entries of packs say it: a country, empty for any, and a system, 0 for any. */
export interface Whereabouts {
  country: string
  asn: number
}

export type Asked =
  | { name: string }
  | { address: Cidr }
  | { range: Cidr }
  | { where: Whereabouts }
  | { ja3: string }
  | { ja4: string }

const CHARACTERS_MAX = 2048
const ASN_MAX = 0xffff_ffff
/** `AS55990`, `asn 55990`, `55990`, `CN AS55990` and `CN`. */
const WHERE = /^(?:([a-z]{2})(?:\s+asn?\s*(\d+))?|(?:asn?\s*)?(\d+))$/i
/** How a JA4 begins. */
const JA4_BEGIN = /^[tqd](?:\d\d|[sd]\d)[di]\d{4}[0-9a-z]{2}_/i

/** What `text` is about. Throws UsageError, which says what to write. */
export function readAsked(text: string): Asked {
  if (text.length > CHARACTERS_MAX) throw wrong(text.slice(0, 80), 'is too long; write the name or address alone')
  const fact = whereabouts(text.trim()) ?? fingerprint(text.trim())
  if (fact) return fact
  const host = hostOf(text)
  if (host === '') throw wrong(text, 'names nothing; write a domain name or an address')
  if (isAddress(host)) {
    try {
      const range = parseRange(host)
      return range.start === range.end ? { address: range } : { range }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw wrong(
        host,
        error.message.replace(/^is not a network; .*/, 'is no address; write 192.0.2.7, 2001:db8::7 or 192.0.2.0/24'),
      )
    }
  }
  if (host.startsWith('*.'))
    throw wrong(host, `is no name that anybody asks for; write one below it: www${host.slice(1)}`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII is what this is about
  const name = /[^\x00-\x7f]/.test(host) ? domainToASCII(host) || host : host
  if (/^[a-z0-9-]+$/i.test(name))
    throw wrong(host, `is a word and no full name; write ${name.toLowerCase()}.com, or so`)
  const problem = nameProblem(name)
  if (problem !== '') throw wrong(host, problem)
  return { name: canonicalName(name) }
}

function whereabouts(text: string): Asked | null {
  const parts = WHERE.exec(text)
  if (parts === null) return null
  const [, country = '', systemThere, system = systemThere] = parts
  const asn = Number(system ?? 0)
  if (system !== undefined && (asn === 0 || asn > ASN_MAX))
    throw wrong(text, `is no autonomous system; write a number from 1 to ${ASN_MAX}: AS55990`)
  return { where: { country: country.toUpperCase(), asn } }
}

function fingerprint(text: string): Asked | null {
  if (JA3_FORM.test(text)) return { ja3: text.toLowerCase() }
  if (JA4_FORM.test(text)) return { ja4: text }
  if (JA4_BEGIN.test(text)) throw wrong(text, 'is not a JA4; write it whole, t13d1516h2_8daaf6152771_b186095e22b6')
  return null
}

/** The part of a pasted text that names somebody. */
function hostOf(text: string): string {
  const whole = text
    .trim()
    .replaceAll(/\[\.\]|\(\.\)|\[dot\]/gi, '.')
    .replaceAll('[:]', ':')
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(whole)?.[0] ?? ''
  if (scheme === '' && isAddress(whole)) return whole
  // up to the path, behind a user
  const authority = whole
    .slice(scheme.length)
    .replace(/[/?#\\].*$/s, '')
    .replace(/^.*@/s, '')
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(authority)?.[1]
  return bracketed ?? (authority.split(':').length === 2 ? authority.replace(/:\d*$/, '') : authority)
}

function isAddress(text: string): boolean {
  return /^[0-9.]+(\/.*)?$/.test(text) || /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*([%/].*)?$/i.test(text)
}

function wrong(text: string, problem: string): UsageError {
  return new UsageError(`rules test: "${printable(text)}" ${problem}`)
}
