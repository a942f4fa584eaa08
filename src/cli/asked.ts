/**
 * What people give to `rules test`: a name, an address, a range, and whatever
 * they have pasted that holds one, as an address of a page, with a port, or made
 * harmless for a report: `hxxps://chat[.]example[.]com/path`.
 */

import { domainToASCII } from 'node:url'
import { type Cidr, parseRange } from '../bytes/cidr.ts'
import { printable } from '../bytes/text.ts'
import { canonicalName, nameProblem } from '../packs/domain-name.ts'
import { UsageError } from './usage-error.ts'

export type Asked = { name: string } | { address: Cidr } | { range: Cidr }

const CHARACTERS_MAX = 2048

/** What `text` is about. Throws UsageError, which says what to write. */
export function readAsked(text: string): Asked {
  const host = hostOf(text)
  if (host === '') throw wrong(text, 'names nothing; write a domain name or an address')
  if (text.length > CHARACTERS_MAX) throw wrong(text.slice(0, 80), 'is too long; write the name or address alone')
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
