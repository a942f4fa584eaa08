/**
 * What a DNS message between a client and a resolver teaches: who was told which
 * address for which name, who is a resolver, and what detection has to judge.
 *
 * Nearly all messages ask for names that nobody watches, and nearly all answers
 * hold aliases and addresses alone. Those are learned from where they lie: a
 * name that was seen before is known by its bytes. The others are made text.
 */

import { AddressTexts } from '../bytes/address-texts.ts'
import { ADDRESS_WORDS, putAddress } from '../bytes/address-words.ts'
import { u16 } from '../bytes/read.ts'
import type { Detector } from '../detect/detector.ts'
import type { AssetNames } from '../enrich/assets.ts'
import { leadsElsewhere } from '../enrich/dns-answer.ts'
import { type NameMemory, PAIR_WORDS } from '../enrich/names.ts'
import type { Roles } from '../enrich/roles.ts'
import type { FlowTable } from '../flow/table.ts'
import { questionsOf, recordsOf } from '../protocol/dns/facts.ts'
import { ADDITIONAL, ANSWER, type DnsMessage, isAnswer, isAsking, QUESTION } from '../protocol/dns/message.ts'
import { NameBuffer, readName } from '../protocol/dns/name.ts'
import { A, AAAA, CNAME } from '../protocol/dns/types.ts'
import { learnReverse } from './asset-lessons.ts'
import type { FlowInfos } from './flow-infos.ts'
import type { KnownNames } from './known-names.ts'
import type { Moment } from './moment.ts'

const RESOLVERS = 1024
const POINTER = 0xc000

export class DnsLessons {
  readonly #table: FlowTable
  readonly #infos: FlowInfos
  readonly #moment: Moment
  readonly #detector: Detector
  readonly #memory: NameMemory
  readonly #roles: Roles
  readonly #assets: AssetNames
  readonly #buffer = new NameBuffer()
  readonly #known: KnownNames
  readonly #resolvers = new AddressTexts(RESOLVERS)
  readonly #server = new Int32Array(ADDRESS_WORDS)
  readonly #pair = new Int32Array(PAIR_WORDS)

  constructor(parts: {
    table: FlowTable
    infos: FlowInfos
    moment: Moment
    detector: Detector
    names: NameMemory
    roles: Roles
    known: KnownNames
    assets: AssetNames
  }) {
    this.#table = parts.table
    this.#infos = parts.infos
    this.#moment = parts.moment
    this.#detector = parts.detector
    this.#memory = parts.names
    this.#roles = parts.roles
    this.#known = parts.known
    this.#assets = parts.assets
  }

  /** Takes a message of the flow in `row`. */
  take(row: number, message: DnsMessage): void {
    if (!this.#takePlain(row, message)) this.#takeAny(row, message)
  }

  /** @returns false for a message that has to be read as text */
  #takePlain(row: number, message: DnsMessage): boolean {
    const { count, section, flags } = message
    if (count === 0 || section[0] !== QUESTION || (count > 1 && section[1] === QUESTION)) return false
    const question = this.#unwatched(message, message.nameAt[0]!)
    if (question === undefined) return false
    if (!isAnswer(flags)) return true
    const chain = this.#chain(message, question)
    if (chain === undefined) return false
    this.#learn(row, message, chain)
    return true
  }

  /**
   * The names that lead from `question` to the addresses: itself alone, or with its aliases. Undefined for an answer
   * that is not plain: with records of other kinds or of other names, watched names, aliases in another order than that
   * of the chain, or addresses that stand beside it.
   */
  #chain(message: DnsMessage, question: string): string | string[] | undefined {
    const { count, section, type, nameAt, dataAt } = message
    let chain: string[] | undefined
    let last = question
    let lastAt = nameAt[0]!
    let hasMore = false
    for (let i = 1; i < count; i++) {
      const kind = type[i]!
      const isAddress = kind === A || kind === AAAA
      if (section[i] !== ANSWER) {
        hasMore ||= isAddress && section[i] === ADDITIONAL
        continue
      }
      if (!isSameName(message, nameAt[i]!, lastAt) && this.#unwatched(message, nameAt[i]!) !== last) return undefined
      if (isAddress) continue
      const target = kind === CNAME ? this.#alias(message, i) : undefined
      if (target === undefined) return undefined
      chain ??= [question]
      if (chain.includes(target)) return undefined
      chain.push(target)
      last = target
      lastAt = dataAt[i]!
    }
    return chain && hasMore ? undefined : (chain ?? question)
  }

  /** The name that the alias in entry `i` stands for; undefined when that has to be looked at more closely. */
  #alias(message: DnsMessage, i: number): string | undefined {
    const at = message.dataAt[i]!
    const { bytes, start, end } = message
    if (readName(bytes, start, end, at, this.#buffer) !== at + message.dataBytes[i]!) return undefined
    return this.#buffer.length === 0 ? undefined : this.#unwatched(message, at)
  }

  #learn(row: number, message: DnsMessage, chain: string | string[]): void {
    const { count, section, type, dataAt, dataBytes, bytes, ttl } = message
    const { nowUs, file, packet } = this.#moment
    const table = this.#table
    table.putServer(row, this.#server, 0)
    this.#roles.standsForOthers(this.#resolvers.of(this.#server, 0, table.isIpv4(row)), 'resolver')
    table.putClient(row, this.#pair, 0)
    let isTold = false
    let leastTtl = Number.POSITIVE_INFINITY
    for (let i = 1; i < count; i++) {
      if (section[i] !== ANSWER) continue
      leastTtl = Math.min(leastTtl, ttl[i]!)
      const length = type[i] === A ? 4 : type[i] === AAAA ? 16 : 0
      if (length === 0 || dataBytes[i] !== length) continue
      isTold = true
      putAddress(this.#pair, ADDRESS_WORDS, bytes, dataAt[i]!, length)
      this.#memory.learnAddress(this.#pair, chain, ttl[i]!, nowUs, file, packet)
    }
    if (!isTold) this.#memory.followAlias(this.#pair, chain, leastTtl, nowUs)
  }

  #isReadable({ bytes, start, end }: DnsMessage, at: number): boolean {
    return readName(bytes, start, end, at, this.#buffer) >= 0
  }

  /** The name at `at`; undefined when it cannot be read, and when somebody watches it. */
  #unwatched(message: DnsMessage, at: number): string | undefined {
    if (!this.#isReadable(message, at)) return undefined
    return this.#known.unwatched(this.#buffer.text, 0, this.#buffer.length)
  }

  #takeAny(row: number, message: DnsMessage): void {
    const { place, nowUs, frameBytes } = this.#moment
    const { flags } = message
    const answered = isAnswer(flags)
    const questions = questionsOf(message, 'dns')
    if (questions.length === 0 && isAsking(message)) return // for names that cannot be read
    let isWatched = false
    for (const { name } of questions) isWatched ||= this.#detector.watches(name)
    if (!answered && !isWatched) return
    const answers = recordsOf(message, 'dns', ANSWER)
    const leadsOn = leadsElsewhere(answers)
    const additionals = leadsOn ? recordsOf(message, 'dns', ADDITIONAL) : []
    const info = this.#infos.of(row)
    const { ref } = info
    if (answered) {
      this.#roles.standsForOthers(ref.serverIp, 'resolver')
      if (leadsOn) learnReverse(this.#assets, answers, nowUs)
      for (const { name } of questions) this.#memory.learn(ref.clientIp, name, { answers, additionals }, nowUs, place)
    }
    if (!isWatched && !leadsOn) return
    this.#detector.onDns(
      { flow: info, place, placeUs: nowUs, timeUs: nowUs },
      { flags, questions, answers, additionals },
      frameBytes,
    )
  }
}

/** Is the name at `at` surely the one at `other`: the same, or no more than a pointer to it (RFC 1035 section 4.1.4)? */
function isSameName({ bytes, start, end }: DnsMessage, at: number, other: number): boolean {
  return at === other || (at + 1 < end && u16(bytes, at) === POINTER + (other - start))
}
