/**
 * Which client was told which address for which name: what DNS answers teach.
 *
 * A flow that shows no name (ECH, no SNI, a resumed session, plain UDP) often
 * follows an answer that the same client was given seconds before; then the
 * name is known after all. Kept by packet time and bounded: the pair that was
 * told longest ago goes first.
 *
 * An address of NAT64 is kept as the IPv4 address that it stands for: one may be
 * told and the other used.
 *
 * An address that is told for another name since is reused: from then on the
 * newer name counts, and flows that began before keep the older one. What has
 * run out says nothing.
 */

import { ADDRESS_WORDS, putAddressText } from '../bytes/address-words.ts'
import { Column } from '../bytes/column.ts'
import { unmapNat64 } from '../bytes/nat64.ts'
import type { Place } from '../events/observation.ts'
import { addressesOf, aliasChain, CHAIN_MAX, type DnsAnswer, leadsElsewhere } from './dns-answer.ts'
import { NONE, RecentTable } from './recent-table.ts'

// Programs keep an address a little longer than its TTL says (Chromium and Firefox for a minute at least), and some
// answers carry a TTL of weeks.
const GRACE_US = 60e6
const KEPT_US_MAX = 86_400e6
// Of an alias whose addresses come in an answer of their own.
const ALIASES_MAX = 1024
const NAMES_PER_ADDRESS_MAX = 16
// Of a network of 2,000 clients a third of its 5,000 names are aliases.
const WAYS_MAX = 16_384

/** What a client was told about an address. */
export interface Told {
  /** The name that was asked for, then those that it was an alias of, in order. */
  chain: string[]
  timeUs: number
  /** Since when the client has been told so without a break. */
  sinceUs: number
  /** Until when it may be believed. */
  untilUs: number
  place: Place
}

/** A client's way from one name to another. */
interface Alias {
  chain: readonly string[]
  untilUs: number
}

/** Words of a client's address and of one it was told, as bytes/address-words.ts has them. */
export const PAIR_WORDS = 2 * ADDRESS_WORDS

export class NameMemory {
  readonly #pairs: RecentTable
  // by row of #pairs
  readonly #chains = new Column<string | string[]>('') // a name that is no alias stands for itself
  readonly #timeUs: Float64Array
  readonly #sinceUs: Float64Array
  readonly #untilUs: Float64Array
  readonly #files = new Column('')
  readonly #packets: Float64Array
  /** What the client was told before for another name, by row: where addresses are reused. */
  readonly #before = new Map<number, Told>()
  /** Ways that led to no address yet, by client and last name. */
  readonly #aliases = new Map<string, Alias>()
  /** Chains of several names, by the first: all who were told the same share one. */
  readonly #ways = new Map<string, string[]>()
  readonly #addresses: RecentTable
  /** The name, or the names, that an address was given for, by row of #addresses. */
  readonly #names: Array<string | string[]> = []
  /** Until when each of them may be believed, in the same form. */
  readonly #namesUntilUs: Array<number | number[]> = []
  readonly #pair = new Int32Array(PAIR_WORDS)
  readonly #address = new Int32Array(ADDRESS_WORDS)

  /** Ways that were forgotten for want of room. */
  aliasesForgotten = 0
  #namesReplaced = 0

  /** @param limit most pairs of client and address that are kept */
  constructor(limit: number) {
    this.#pairs = new RecentTable(PAIR_WORDS, limit)
    this.#timeUs = new Float64Array(limit)
    this.#sinceUs = new Float64Array(limit)
    this.#untilUs = new Float64Array(limit)
    this.#packets = new Float64Array(limit)
    this.#addresses = new RecentTable(ADDRESS_WORDS, limit)
  }

  /** Pairs that were forgotten for want of room. */
  get forgotten(): number {
    return this.#pairs.takenOver
  }

  /** Of the names that addresses were given for, those that were forgotten for want of room, or all of an address. */
  get namesForgotten(): number {
    return this.#addresses.takenOver + this.#namesReplaced
  }

  /** Learns from an answer to `client`'s question for `question`. */
  learn(client: string, question: string, answer: DnsAnswer, timeUs: number, place: Place): void {
    if (!putAddressText(this.#pair, 0, client)) return
    const chain = leadsElsewhere(answer.answers) ? aliasChain(question, answer.answers) : question
    const addresses = addressesOf(question, answer)
    if (addresses.length === 0) {
      this.followAlias(this.#pair, chain, Math.min(...answer.answers.map((record) => record.ttl)), timeUs)
    }
    for (const { ttl, address } of addresses) {
      if (!putAddressText(this.#pair, ADDRESS_WORDS, address)) continue
      this.learnAddress(this.#pair, chain, ttl, timeUs, place.file, place.packet)
    }
  }

  /**
   * The same for one address of an answer.
   * @param pair words of client and address; an address of NAT64 is changed into the one it stands for
   * @param chain the name that was asked for; with its aliases, if it has some
   */
  learnAddress(
    pair: Int32Array,
    chain: string | string[],
    ttl: number,
    timeUs: number,
    file: string,
    packet: number,
  ): void {
    unmapNat64(pair, ADDRESS_WORDS)
    const whole = this.#aliases.size === 0 ? chain : this.#withAlias(pair, chain, timeUs)
    const name = firstOf(whole)
    const row = this.#pairs.take(pair)
    if (this.#pairs.isNew) this.#before.delete(row)
    const isSame = !this.#pairs.isNew && firstOf(this.#chains.get(row)) === name
    if (!this.#pairs.isNew && !isSame) this.#before.set(row, this.#toldIn(row))
    if (!isSame || timeUs > this.#untilUs[row]!) this.#sinceUs[row] = timeUs
    this.#chains.set(row, typeof whole === 'string' ? whole : this.#shared(whole))
    this.#timeUs[row] = timeUs
    this.#untilUs[row] = timeUs + Math.min(ttl * 1e6 + GRACE_US, KEPT_US_MAX)
    this.#files.set(row, file)
    this.#packets[row] = packet
    for (let i = 0; i < ADDRESS_WORDS; i++) this.#address[i] = pair[ADDRESS_WORDS + i]!
    this.#addName(name, this.#untilUs[row]!)
  }

  /**
   * Remembers for a while that `client` was led from one name to another and given no address yet: an answer for the
   * last name of the chain will be one for the first. For names that matter; others need not be remembered.
   */
  expectAlias(client: string, chain: readonly string[], ttl: number, timeUs: number): void {
    if (chain.length >= 2 && putAddressText(this.#pair, 0, client)) this.#expect(this.#pair, chain, ttl, timeUs)
  }

  /**
   * An answer led from one name to another and gave no address. If the first one is the end of a way that is
   * remembered, that way goes on.
   * @param pair begins with the client's words
   */
  followAlias(pair: Int32Array, chain: string | string[], ttl: number, timeUs: number): void {
    if (typeof chain === 'string' || this.#aliases.size === 0) return
    const whole = this.#withAlias(pair, chain, timeUs)
    if (whole !== chain && whole.length <= CHAIN_MAX) this.#expect(pair, whole as string[], ttl, timeUs)
  }

  #expect(pair: Int32Array, chain: readonly string[], ttl: number, timeUs: number): void {
    const key = aliasKey(pair, chain.at(-1)!)
    this.#aliases.delete(key)
    this.#aliases.set(key, { chain, untilUs: timeUs + Math.min(ttl * 1e6 + GRACE_US, KEPT_US_MAX) })
    if (this.#aliases.size <= ALIASES_MAX) return
    this.#aliases.delete(this.#aliases.keys().next().value!)
    this.aliasesForgotten++
  }

  /** The chain as all keep it who were told it. */
  #shared(chain: string[]): string[] {
    const known = this.#ways.get(chain[0]!)
    if (known?.length === chain.length && known.every((name, i) => name === chain[i])) return known
    const exact = chain.slice() // one that was pushed to keeps room for sixteen
    if (known === undefined && this.#ways.size === WAYS_MAX) this.#ways.delete(this.#ways.keys().next().value!)
    this.#ways.set(exact[0]!, exact)
    return exact
  }

  /** What `client` had last been told about `address` at `timeUs`, if that was still to be believed. */
  told(client: string, address: string, timeUs: number): Told | undefined {
    const pair = this.#pair
    if (!putAddressText(pair, 0, client) || !putAddressText(pair, ADDRESS_WORDS, address)) return undefined
    unmapNat64(pair, ADDRESS_WORDS)
    const row = this.#pairs.find(pair)
    if (row === NONE) return undefined
    const newest = this.#toldIn(row)
    const told = timeUs >= newest.sinceUs ? newest : this.#before.get(row)
    return told && timeUs >= told.sinceUs && timeUs <= told.untilUs ? told : undefined
  }

  /** Is anything kept about a client and an address? @param pair their words, none of NAT64 */
  isTold(pair: Int32Array): boolean {
    return this.#pairs.find(pair) !== NONE
  }

  #toldIn(row: number): Told {
    const chain = this.#chains.get(row)
    return {
      chain: typeof chain === 'string' ? [chain] : chain,
      timeUs: this.#timeUs[row]!,
      sinceUs: this.#sinceUs[row]!,
      untilUs: this.#untilUs[row]!,
      place: { file: this.#files.get(row), packet: this.#packets[row]! },
    }
  }

  /** The chain with the names in front of it that led this client to its first one. */
  #withAlias(pair: Int32Array, chain: string | string[], timeUs: number): string | string[] {
    const alias = this.#aliases.get(aliasKey(pair, firstOf(chain)))
    if (!alias || timeUs > alias.untilUs) return chain
    const rest = typeof chain === 'string' ? [] : chain.slice(1)
    return [...alias.chain, ...rest.filter((name) => !alias.chain.includes(name))]
  }

  /** The names that anybody was given this address for and may still believe; one owner's only, or it is shared. */
  namesAt(address: string, timeUs: number): readonly string[] {
    if (!putAddressText(this.#address, 0, address)) return []
    unmapNat64(this.#address, 0)
    const row = this.#addresses.find(this.#address)
    if (row === NONE) return []
    const names = this.#names[row]!
    const untilUs = this.#namesUntilUs[row]!
    if (typeof names === 'string') return timeUs <= (untilUs as number) ? [names] : []
    return names.filter((_, i) => timeUs <= (untilUs as number[])[i]!)
  }

  /** Adds a name of `#address`. Where there is no room for one more, it takes the place of the one that runs out first. */
  #addName(name: string, untilUs: number): void {
    const row = this.#addresses.take(this.#address)
    const names = this.#names[row]!
    const known = this.#namesUntilUs[row]!
    if (this.#addresses.isNew) {
      this.#names[row] = name
      this.#namesUntilUs[row] = untilUs
    } else if (typeof names === 'string') {
      const isSame = names === name
      if (!isSame) this.#names[row] = [names, name]
      this.#namesUntilUs[row] = isSame ? Math.max(known as number, untilUs) : [known as number, untilUs]
    } else {
      const ends = known as number[]
      const at = names.indexOf(name)
      const to = at >= 0 || names.length < NAMES_PER_ADDRESS_MAX ? at : ends.indexOf(Math.min(...ends))
      if (to < 0) {
        names.push(name)
        ends.push(untilUs)
      } else {
        if (at < 0) this.#namesReplaced++
        names[to] = name
        ends[to] = at >= 0 ? Math.max(ends[to]!, untilUs) : untilUs
      }
    }
  }
}

/** @param pair begins with the client's words */
function aliasKey(pair: Int32Array, name: string): string {
  return `${pair[0]} ${pair[1]} ${pair[2]} ${pair[3]} ${name}`
}

function firstOf(chain: string | string[]): string {
  return typeof chain === 'string' ? chain : chain[0]!
}
