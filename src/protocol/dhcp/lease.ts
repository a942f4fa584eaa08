/** What a message of DHCP, of either version, says about a client: who it is, what it calls itself, what it was given. */

import { u8 } from '../../bytes/read.ts'
import { latin1 } from '../../bytes/text.ts'

/** Longest identifier of a client that is read; DUIDs have at most 130 bytes (RFC 8415 section 11.1). */
export const CLIENT_BYTES_MAX = 130

export interface LeaseMessage {
  /** The client wants or keeps an address, a server grants one, or something else. */
  says: 'asks' | 'grants' | 'other'
  /** The client's identifier in hexadecimal: its hardware address, or its DUID. Empty when it has none. */
  client: string
  /** Host name or full domain name as the client says it, printable ASCII; empty when it says none. */
  name: string
  /** Of a grant the addresses that were granted; else those that the client says it has. As `ipText` writes them. */
  addresses: string[]
}

export function emptyLease(): LeaseMessage {
  return { says: 'other', client: '', name: '', addresses: [] }
}

/** Makes it empty again. Makes no objects where it is already. */
export function clearLease(lease: LeaseMessage): void {
  lease.says = 'other'
  lease.client = ''
  lease.name = ''
  if (lease.addresses.length > 0) lease.addresses = []
}

/** The name in DNS labels bytes[start, end): up to a zero byte, or to the end where it is partial; empty when it is none. */
export function labelsName(bytes: Uint8Array, start: number, end: number): string {
  const labels: string[] = []
  for (let at = start; at < end && u8(bytes, at) !== 0; ) {
    const next = at + 1 + u8(bytes, at)
    if (next > end) return ''
    labels.push(latin1(bytes, at + 1, next))
    at = next
  }
  return hostName(labels.join('.'))
}

/** A host name without padding; empty when it is none: printable ASCII without blanks, and a letter or digit in it. */
export function hostName(text: string): string {
  const name = text.replace(/[\0. ]+$/, '')
  return /^[\x21-\x7e]{1,255}$/.test(name) && /[a-z\d]/i.test(name) ? name : ''
}
