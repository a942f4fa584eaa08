/**
 * Which client was told which address for which name: what DNS answers teach.
 *
 * A flow that shows no name (ECH, no SNI, a resumed session, plain UDP) often
 * follows an answer that the same client was given seconds before; then the
 * name is known after all. Kept by packet time and bounded: the pair that was
 * told longest ago goes first.
 */

import type { DnsRecord, Place } from '../events/observation.ts'

const A = 1
const AAAA = 28
const CNAME = 5

// Programs keep an address longer than its TTL says (browsers hold connections and caches of their own), and
// some answers carry a TTL of 0 or of weeks.
const KEPT_US_MIN = 300e6
const KEPT_US_MAX = 86_400e6
const NAMES_PER_ADDRESS_MAX = 16

/** What a client was told about an address. */
export interface Told {
  /** The name that was asked for, then those that it was an alias of, in order. */
  chain: string[]
  timeUs: number
  /** Until when it may be believed. */
  untilUs: number
  place: Place
}

export class NameMemory {
  readonly #limit: number
  readonly #told = new Map<string, Told>() // in the order of time: a Map keeps the order of insertion
  readonly #namesAt = new Map<string, string | string[]>() // address -> the name, or the names, it was given for
  /** Pairs that were forgotten for want of room. */
  forgotten = 0

  /** @param limit most pairs of client and address that are kept */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Learns from an answer to `client`'s question for `question`. `place` is kept by reference. */
  learn(client: string, question: string, answers: readonly DnsRecord[], timeUs: number, place: Place): void {
    let told: Told | undefined
    for (const { type, ttl, data } of answers) {
      if ((type !== A && type !== AAAA) || data === '') continue
      const untilUs = timeUs + Math.min(Math.max(ttl * 1e6, KEPT_US_MIN), KEPT_US_MAX)
      // the addresses of an answer nearly always live equally long: then they share what is kept
      if (told?.untilUs !== untilUs) told = { chain: aliasChain(question, answers), timeUs, untilUs, place }
      this.#remember(`${client} ${data}`, told)
      this.#addName(data, question)
    }
  }

  /** What `client` was last told about `address`, if that is still to be believed at `timeUs`. */
  told(client: string, address: string, timeUs: number): Told | undefined {
    const told = this.#told.get(`${client} ${address}`)
    return told && timeUs <= told.untilUs ? told : undefined
  }

  /** The names that anybody was given this address for; one owner's only, or the address is shared. */
  namesAt(address: string): readonly string[] {
    const names = this.#namesAt.get(address) ?? []
    return typeof names === 'string' ? [names] : names
  }

  #remember(key: string, told: Told): void {
    this.#told.delete(key) // so that it moves to the end
    this.#told.set(key, told)
    if (this.#told.size > this.#limit) {
      this.#told.delete(this.#told.keys().next().value!)
      this.forgotten++
    }
  }

  #addName(address: string, name: string): void {
    const known = this.#namesAt.get(address)
    if (known === undefined) {
      this.#namesAt.set(address, name)
      if (this.#namesAt.size > this.#limit) this.#namesAt.delete(this.#namesAt.keys().next().value!)
    } else if (typeof known === 'string') {
      if (known !== name) this.#namesAt.set(address, [known, name])
    } else if (known.length < NAMES_PER_ADDRESS_MAX && !known.includes(name)) {
      known.push(name)
    }
  }
}

/** The names that lead from `question` to its addresses: itself, then the targets of the CNAME records in order. */
export function aliasChain(question: string, answers: readonly DnsRecord[]): string[] {
  const chain = [question]
  for (const { type, name, data } of answers) {
    if (type === CNAME && name === chain.at(-1) && data !== '' && !chain.includes(data)) chain.push(data)
  }
  return chain
}
