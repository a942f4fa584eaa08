/**
 * Which client was told which address for which name: what DNS answers teach.
 *
 * A flow that shows no name (ECH, no SNI, a resumed session, plain UDP) often
 * follows an answer that the same client was given seconds before; then the
 * name is known after all. Kept by packet time and bounded: the pair that was
 * told longest ago goes first.
 */

import type { DnsObservation, DnsRecord, Place } from '../events/observation.ts'

const A = 1
const AAAA = 28
const CNAME = 5

// Programs keep an address longer than its TTL says (browsers hold connections and caches of their own), and
// some answers carry a TTL of 0 or of weeks.
const KEPT_US_MIN = 300e6
const KEPT_US_MAX = 86_400e6
const NAMES_PER_ADDRESS_MAX = 16

/** The part of a DNS message that says something about addresses. */
export type Answer = Pick<DnsObservation, 'answers' | 'additionals'>

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
  learn(client: string, question: string, answer: Answer, timeUs: number, place: Place): void {
    const simple = leadsElsewhere(answer.answers) ? undefined : [question]
    let told: Told | undefined
    for (const { ttl, address } of addressesOf(question, answer)) {
      const untilUs = timeUs + Math.min(Math.max(ttl * 1e6, KEPT_US_MIN), KEPT_US_MAX)
      // the addresses of an answer nearly always live equally long: then they share what is kept
      if (told?.untilUs !== untilUs)
        told = { chain: simple ?? aliasChain(question, answer.answers), timeUs, untilUs, place }
      this.#remember(`${client} ${address}`, told)
      this.#addName(address, question)
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

/**
 * The addresses that an answer gives for `question`: its address records, the hints of its HTTPS and SVCB records, and
 * the address records beside it that belong to a name it leads to. Addresses of name servers are not among them.
 */
export function addressesOf(
  question: string,
  { answers, additionals }: Answer,
): Array<{ address: string; ttl: number }> {
  const found: Array<{ address: string; ttl: number }> = []
  let leadsTo: Set<string> | undefined
  for (const record of answers) {
    const { type, ttl, data, fields } = record
    if (isAddress(type)) {
      if (data !== '') found.push({ address: data, ttl })
      continue
    }
    const targets = targetsOf(record)
    if (targets.length > 0) leadsTo = new Set([...(leadsTo ?? [question]), ...targets])
    if (fields?.kind === 'svcb') for (const address of fields.hints) found.push({ address, ttl })
  }
  if (!leadsTo) return found
  for (const { type, name, ttl, data } of additionals) {
    if (isAddress(type) && data !== '' && leadsTo.has(name)) found.push({ address: data, ttl })
  }
  return found
}

/** Do these answers lead to names whose addresses may stand beside them? */
export function leadsElsewhere(answers: readonly DnsRecord[]): boolean {
  for (const { type } of answers) if (!isAddress(type)) return true
  return false
}

function targetsOf({ type, data, fields }: DnsRecord): string[] {
  if (type === CNAME) return [data]
  if (fields?.kind === 'svcb' || fields?.kind === 'srv') return [fields.target]
  return []
}

function isAddress(type: number): boolean {
  return type === A || type === AAAA
}

/** The names that lead from `question` to its addresses: itself, then its aliases and the targets of its HTTPS records. */
export function aliasChain(question: string, answers: readonly DnsRecord[]): string[] {
  const chain = [question]
  for (const record of answers) {
    if (record.name !== chain.at(-1) || isAddress(record.type)) continue
    const isAlias = record.type === CNAME || record.fields?.kind === 'svcb'
    for (const target of isAlias ? targetsOf(record) : []) {
      if (target !== '' && !chain.includes(target)) chain.push(target)
    }
  }
  return chain
}
