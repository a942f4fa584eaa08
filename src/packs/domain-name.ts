/**
 * Domain names as people write them in a pack, and how they are kept: lower
 * case, no final dot, internationalised names in punycode (RFC 1035 section
 * 2.3.4 for the lengths, RFC 5890 section 2.3.1 for the letters).
 */

import { domainToASCII } from 'node:url'

const NAME_CHARACTERS_MAX = 253 // 255 bytes on the wire, without the first length and the root
const LABEL_CHARACTERS_MAX = 63

// The underscore is no letter of a host name, but names with one are looked up and shown all the same.
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/

/** `WWW.Example.com.` as the form in which it is kept, `www.example.com`. Says nothing about whether it is a name. */
export function canonicalName(text: string): string {
  return isPlainName(text) ? text : text.toLowerCase().replace(/\.$/, '')
}

const PLAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Is it a right name in the form in which it is kept? Nearly all are, and need not be looked at any closer. */
export function isPlainName(text: string): boolean {
  return text.length <= NAME_CHARACTERS_MAX && PLAIN.test(text)
}

/** Why `text` cannot be the name of an entry and what to write instead, as the end of a sentence; empty when it can. */
export function nameProblem(text: string): string {
  if (isPlainName(text)) return ''
  const name = canonicalName(text)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is not ASCII is what this is about
  if (/[^\x00-\x7f]/.test(text)) return `is not in punycode; ${punycodeAdvice(text)}`
  if (/[/:?#@]/.test(name)) return 'is not a domain name; write only the host name, without scheme, port and path'
  if (name.startsWith('*.')) return `is not a domain name; write ${name.slice(2)} with match: suffix`
  if (name.length > NAME_CHARACTERS_MAX)
    return `is not a domain name (${name.length} characters; ${NAME_CHARACTERS_MAX} is the most)`

  const labels = name.split('.')
  for (const label of labels) {
    const problem = labelProblem(label)
    if (problem !== '') return `is not a domain name (${problem})`
  }
  if (/^[0-9]+$/.test(labels.at(-1)!))
    return 'is not a domain name (it ends in a number); write addresses under networks, as cidr'
  if (labels.length === 1) return 'has only one label and would match a whole top-level domain; write a name below it'
  return ''
}

function labelProblem(label: string): string {
  if (label === '') return 'an empty label'
  if (label.length > LABEL_CHARACTERS_MAX)
    return `a label of ${label.length} characters; ${LABEL_CHARACTERS_MAX} is the most`
  if (LABEL.test(label)) return ''
  if (/\s/.test(label)) return 'a space in a label'
  if (label.startsWith('-') || label.endsWith('-')) return 'a hyphen at the edge of a label'
  return 'a label may hold letters, digits, hyphens and underscores only'
}

function punycodeAdvice(name: string): string {
  const ascii = domainToASCII(name)
  return ascii === '' || nameProblem(ascii) !== '' ? 'write it with xn-- labels' : `write ${ascii}`
}
