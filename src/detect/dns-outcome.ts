/** What an answer to a question about a watched name means: was the way shown, or barred? */

import { isPrivateAddress } from '../bytes/private-address.ts'
import { namesBlocking } from './answer.ts'

// RFC 1035 section 4.1.1
const RESPONSE = 0x8000
const RESPONSE_CODE = 0x000f
const SERVFAIL = 2
const NXDOMAIN = 3
const REFUSED = 5

const SHOWN_MAX = 4

/** Addresses that services which block names answer with, as they publish them. */
const BLOCK_ADDRESSES: ReadonlySet<string> = new Set([
  '146.112.61.104', // Cisco Umbrella, 104 to 110
  '146.112.61.105',
  '146.112.61.106',
  '146.112.61.107',
  '146.112.61.108',
  '146.112.61.109',
  '146.112.61.110',
  '72.5.65.111', // Palo Alto Networks
  '208.91.112.55', // Fortinet
])

export interface DnsOutcome {
  /** It was given an address that leads to the service, as far as one can tell. */
  isResolved: boolean
  /** For people. */
  words: string
}

/** Does a message answer? @param flags the second word of its header */
export function isAnswer(flags: number): boolean {
  return (flags & RESPONSE) !== 0
}

/** Does an address lead to no public service: what resolvers that block a name answer with? */
export function isBlockAddress(address: string): boolean {
  return isPrivateAddress(address) || BLOCK_ADDRESSES.has(address)
}

/**
 * @param flags the second word of the header
 * @param addresses those that the answer gives
 * @param aliases the names that the question is an alias of, in order
 * @param isWatched whether a name is one of the service
 */
export function dnsOutcome(
  flags: number,
  addresses: readonly string[],
  aliases: readonly string[],
  isWatched: (name: string) => boolean,
): DnsOutcome {
  if (!isAnswer(flags)) return { isResolved: false, words: 'No answer was seen.' }
  const page = aliases.find((alias) => namesBlocking(alias) && !isWatched(alias))
  if (page !== undefined) return barred('The answer led to a name as block pages have it.')
  const usable = addresses.filter((address) => !isBlockAddress(address))
  if (usable.length > 0) {
    const shown = usable.slice(0, SHOWN_MAX).join(', ')
    return { isResolved: true, words: `It was given ${shown}${usable.length > SHOWN_MAX ? ', ...' : ''}.` }
  }
  if (addresses.length > 0) return barred(`The answer was ${addresses[0]}, as a blocking resolver gives it.`)
  switch (flags & RESPONSE_CODE) {
    case NXDOMAIN:
      return barred('The answer was that there is no such name.')
    case REFUSED:
      return barred('The resolver refused to answer.')
    case SERVFAIL:
      return barred('The resolver failed.')
    default:
      return barred('The answer held no address.')
  }
}

function barred(words: string): DnsOutcome {
  return { isResolved: false, words }
}
