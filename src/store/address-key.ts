/**
 * Addresses in a form that sorts as bytes: one byte for the family (4 or 6),
 * then the address in network byte order. So a CIDR is one range of keys, and
 * `0.0.0.0/0` does not take in IPv6.
 */

import { Address4, Address6 } from 'ip-address'

/** The keys of a range, both inclusive. */
export interface KeyRange {
  low: Buffer
  high: Buffer
}

/** The range of an address or CIDR as people write it; null when it is neither. */
export function addressRange(text: string): KeyRange | null {
  try {
    if (!text.includes(':')) {
      const network = new Address4(text)
      return { low: key4(network.startAddress()), high: key4(network.endAddress()) }
    }
    const network = new Address6(text)
    return { low: key6(network.startAddress()), high: key6(network.endAddress()) }
  } catch {
    return null
  }
}

/** The key of one address; throws when `text` is none. */
export function addressKey(text: string): Buffer {
  return text.includes(':') ? key6(new Address6(text)) : key4(new Address4(text))
}

function key4(address: Address4): Buffer {
  return Buffer.from([4, ...address.toArray()])
}

function key6(address: Address6): Buffer {
  return Buffer.from([6, ...address.toUnsignedByteArray()])
}
