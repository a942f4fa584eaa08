/**
 * From facts to alerts: which rules a fact meets, and what it rests on. The
 * alerts themselves live in alert-book.ts, the sentences in words.ts.
 *
 * A visible name decides, whatever DNS told before. Without one, what this
 * client was told last about the address decides: an address that was given
 * for another name since is reused, and the newer name speaks. Without that,
 * whose address it is. A name beside ECH is only the outer one: if nobody was
 * told this address for it, what the client itself was told counts as well.
 */

import { ADDRESS_WORDS, addressBytes } from '../bytes/address-words.ts'
import { unmapNat64 } from '../bytes/nat64.ts'
import { printable } from '../bytes/text.ts'
import type { AssetNames } from '../enrich/assets.ts'
import { addressesOf, aliasChain, leadsElsewhere } from '../enrich/dns-answer.ts'
import type { NameMemory, Told } from '../enrich/names.ts'
import type { Networks } from '../enrich/networks.ts'
import type { Roles } from '../enrich/roles.ts'
import type { AlertEndpoint, EvidenceKind } from '../events/alert.ts'
import type { DnsQuestion, DnsRecord } from '../events/observation.ts'
import { AlertBook } from './alert-book.ts'
import { Company } from './company.ts'
import type { CompiledRules } from './compile.ts'
import type { Basis } from './confidence.ts'
import { ContactBook } from './contact.ts'
import { dnsOutcome, isAnswer, isBlockAddress } from './dns-outcome.ts'
import { evidenceOf, type Finding } from './finding.ts'
import type { FlowFacts, Sight } from './flow-facts.ts'
import { stableId } from './identity.ts'
import { type Match, Matcher } from './match.ts'
import { countryName, meaning, namedReason, quoted, toldReason } from './words.ts'

const HOUR_US = 3600e6
const QUESTIONS_MAX = 8 // honest messages have one

// written and read within one call
const server = new Uint8Array(4 * ADDRESS_WORDS)

export interface DetectorOptions {
  rules: CompiledRules
  networks: Networks
  names: NameMemory
  roles: Roles
  assets: AssetNames
  sensor: string
  run: string
  openAlertsMax: number
  openContactsMax: number
  clueClientsMax: number
}

/** What detection wants to know of a DNS message. */
export interface DnsFacts {
  /** The second word of its header. */
  flags: number
  questions: readonly DnsQuestion[]
  answers: DnsRecord[]
  additionals: DnsRecord[]
}

/** What a rule was met by. */
interface Ground {
  match: Match
  basis: Basis
  kind: EvidenceKind
  /** The evidence's value: a name, an address, a text. */
  value: string
  reasons: string[]
  /** Names that led here, for exceptions. */
  names?: readonly string[]
  /** The server's name, if one is known. */
  name?: string
  /** What DNS had told the client, if that is part of it. */
  told?: Told | undefined
  /** The alert that it belongs to, where that is not the rule's on this flow. */
  alert?: Pick<Finding, 'id' | 'lasts'>
}

export class Detector {
  #matcher: Matcher
  readonly #networks: Networks
  readonly #names: NameMemory
  readonly #roles: Roles
  readonly #assets: AssetNames
  readonly #company: Company
  readonly #contacts: ContactBook
  /** What became of the findings: it is told when flows change and time passes, and gives the alerts. */
  readonly book: AlertBook

  constructor(options: DetectorOptions) {
    const { roles, assets } = options
    this.#matcher = new Matcher(options.rules)
    this.#networks = options.networks
    this.#names = options.names
    this.#roles = roles
    this.#assets = assets
    this.#company = new Company(this.#matcher.rules, options.clueClientsMax)
    this.#contacts = new ContactBook(options.openContactsMax)
    this.book = new AlertBook({
      sensor: options.sensor,
      run: options.run,
      limit: options.openAlertsMax,
      contacts: this.#contacts,
      company: this.#company,
      whoIs: (ip) => ({ role: roles.of(ip), name: assets.of(ip) }),
    })
  }

  /** From now on these rules count; open alerts keep what raised them. */
  useRules(rules: CompiledRules): void {
    this.#matcher = new Matcher(rules)
    this.#company.useRules(this.#matcher.rules)
  }

  /** Does any rule ask for fingerprints of hellos? Else nobody has to compute them. */
  get wantsFingerprints(): boolean {
    return this.#matcher.wantsFingerprints
  }

  /** What was refused or forgotten for want of room, by name. */
  counters(): Record<string, number> {
    return {
      'detect.alerts': this.book.raised,
      'detect.alerts_closed_early': this.book.closedEarly,
      'detect.contacts_closed_early': this.#contacts.closedEarly,
      'detect.clues_forgotten': this.#company.forgotten,
      'detect.told_addresses_forgotten': this.#names.forgotten,
      'detect.address_names_forgotten': this.#names.namesForgotten,
      'detect.aliases_forgotten': this.#names.aliasesForgotten,
      'detect.roles_forgotten': this.#roles.forgotten,
      'detect.asset_names_forgotten': this.#assets.forgotten,
      'detect.dhcp_names_forgotten': this.#assets.claimsForgotten,
    }
  }

  /** Does any rule watch `name`? */
  watches(name: string): boolean {
    return this.#matcher.watches(name)
  }

  /**
   * A name was visible in a flow.
   * @returns true when alerts were made of it
   */
  onName(sight: Sight, kind: EvidenceKind, name: string): boolean {
    const matches = this.#matcher.byName(name)
    if (matches.length === 0) return false
    const { ip } = sight.flow.goal
    const told = this.#names.told(sight.flow.ref.clientIp, ip, sight.timeUs)
    return this.#raiseAll(sight, matches, (match) => {
      const reasons = [namedReason(kind, name, match)]
      const isTold = told?.chain.some((link) => this.#meets(match, link)) === true
      if (isTold) reasons.push(toldReason(told, ip))
      const ground: Ground = { match, basis: 'visible_name', kind, value: name, names: [name], name, reasons }
      return isTold ? { ...ground, told } : ground
    })
  }

  /**
   * A hello showed `outer`, which nobody watches, and hides another name (ECH).
   * @returns true when alerts were made of it
   */
  onHiddenName(sight: Sight, outer: string): boolean {
    const { ip } = sight.flow.goal
    // large browsers send the shape of ECH with every hello: a name that leads to this address, or did, is the real one
    if (this.#names.namesAt(ip, Number.NEGATIVE_INFINITY).includes(outer.toLowerCase())) return false
    const told = this.#names.told(sight.flow.ref.clientIp, ip, sight.flow.startUs)
    return told !== undefined && this.#onTold(sight, told, `The visible name, ${quoted(outer)}, hides another (ECH)`)
  }

  /**
   * The server showed its certificate. Where the client has named something, only one that names nothing but a service
   * says more: who answers is the service, and the name was a front. One of many is that of a shared front.
   * @param names all names of the certificate, each once
   * @param leftOut how many more there are
   * @param isNamed whether the client had named something
   * @returns true when alerts were made of it
   */
  onCertificate(sight: Sight, names: readonly string[], leftOut: number, isNamed: boolean): boolean {
    const { flow } = sight
    const unnamed = flow.packetsOut > 0 ? 'the client named nothing' : 'nothing was seen of the client'
    const client = isNamed ? 'the client named somebody else' : unnamed
    const matchesOf = (name: string): Match[] => {
      const bare = withoutWildcard(name)
      return [...this.#matcher.byName(bare), ...this.#matcher.byCertificate(bare)]
    }
    return this.#raiseAll(sight, oncePerRule(names, matchesOf), ({ match, name }) => {
      const others = leftOut + names.filter((other) => !this.#meets(match, withoutWildcard(other))).length
      if (isNamed && (others > 0 || this.book.hasAlert(flow, match.rule.service))) return undefined
      const reasons = [`The server's certificate names ${quoted(name)}: ${meaning(match)}; ${client}.`]
      if (others > 0) reasons.push(`The certificate names ${others} others, too, so this says little.`)
      const basis = others > 0 ? 'shared_certificate' : 'certificate'
      return { match, basis, kind: 'certificate_name', value: name, names: [withoutWildcard(name)], name, reasons }
    })
  }

  /**
   * A flow has shown all it will, and no name: what the client was told, and whose address it is, must do.
   * @param mayBeNamed whether a certificate may still tell a name: then a network of a hosting company says nothing yet
   * @returns true when alerts were made of it
   */
  onNameless(sight: Sight, mayBeNamed = false): boolean {
    const { flow } = sight
    const { ip, address, isByProxy } = flow.goal
    const told = this.#names.told(flow.ref.clientIp, ip, flow.startUs)
    if (told) return this.#onTold(sight, told, 'No name was visible')

    const { bytes, at, length } = address
    const own = this.#matcher.byAddress(bytes, at, length).filter((match) => !match.indicator.shared)
    const whose = isByProxy ? 'the address that the client told a proxy,' : 'the server address'
    const isAlert = this.#raiseAll(sight, own, (match) => {
      const reasons = [`No name was visible; ${whose} ${ip} is ${match.rule.service}'s own: ${match.indicator.role}.`]
      return { match, basis: 'own_address', kind: 'address', value: ip, reasons }
    })
    return isAlert || (own.length === 0 && !mayBeNamed && this.#onHosting(sight))
  }

  /**
   * Could `onNameless` find something in a flow of which nothing is known but its ends? It asks the same of fewer: the
   * flows of a scan or a flood are let go before anything is made of them.
   * @param pair words of client and server, as enrich/names.ts has them; one of NAT64 is changed into what it stands for
   */
  mayMatterNameless(pair: Int32Array, isIpv4: boolean): boolean {
    const length = isIpv4 || unmapNat64(pair, ADDRESS_WORDS) ? 4 : 16
    if (this.#names.isTold(pair)) return true
    addressBytes(pair, ADDRESS_WORDS, server, 0, length)
    if (this.#matcher.byAddress(server, 0, length).length > 0) return true
    const country = this.#networks.country(server, 0, length)
    return country !== '' && this.#matcher.byHosting(country, this.#networks.asNumber(server, 0, length)).length > 0
  }

  /**
   * The server of a flow speaks, and nothing was seen of the client. Anybody can send somebody such packets, so only an
   * address counts that this client had asked DNS for.
   * @returns true when alerts were made of it
   */
  onUnseenClient(sight: Sight): boolean {
    const { ref, goal, startUs } = sight.flow
    const told = this.#names.told(ref.clientIp, goal.ip, startUs)
    return told !== undefined && this.#onTold(sight, told, 'Only one direction of the connection was seen')
  }

  /**
   * A client said what it is.
   * @returns true when alerts were made of it
   */
  onUserAgent(sight: Sight, text: string): boolean {
    return this.#raiseAll(sight, this.#matcher.byUserAgent(text), (match) => {
      const reasons = [
        `The client says that it is ${quoted(text)}: ${meaning(match)}. Any program can say so, and the server may be anybody's.`,
      ]
      return { match, basis: 'user_agent', kind: 'user_agent', value: text, reasons }
    })
  }

  /**
   * A client's hello has these fingerprints.
   * @returns true when alerts were made of it
   */
  onFingerprints(sight: Sight, ja3: string, ja4: string): boolean {
    return this.#raiseAll(sight, this.#matcher.byFingerprint(ja3, ja4), (match) => {
      const { method, value } = match.indicator
      const reasons = [
        `The client's hello has the ${method.toUpperCase()} fingerprint ${value}: ${meaning(match)}. Other programs may have it, too.`,
      ]
      return { match, basis: 'fingerprint', kind: 'fingerprint', value, reasons }
    })
  }

  /**
   * A DNS message passed. Questions and answers for watched names become one alert per client, name and contact.
   * @param frameBytes length of its frame on the wire
   */
  onDns(sight: Sight, dns: DnsFacts, frameBytes: number): void {
    for (const { name: question } of dns.questions.slice(0, QUESTIONS_MAX)) {
      const chain = leadsElsewhere(dns.answers) ? aliasChain(question, dns.answers) : [question]
      if (!chain.some((name) => this.#matcher.watches(name))) continue
      const addresses = addressesOf(question, dns).map(({ address }) => address)
      if (addresses.length === 0) {
        const ttl = Math.min(...dns.answers.map((record) => record.ttl))
        this.#names.expectAlias(sight.flow.ref.clientIp, chain, ttl, sight.timeUs)
      }
      for (const { match, name } of oncePerRule(chain, (link) => this.#matcher.byName(link))) {
        this.#raiseDns(sight, match, { dns, question, chain, name, addresses, frameBytes })
      }
    }
  }

  #onTold(sight: Sight, told: Told, why: string): boolean {
    const { ip, isByProxy } = sight.flow.goal
    const asked = told.chain[0]!
    const talks = isByProxy ? 'asked a proxy for' : 'talks to'
    const met = oncePerRule(told.chain, (name) => this.#matcher.byName(name))
    return this.#raiseAll(sight, met, ({ match }) => {
      const isShared = this.#isShared(match, told, sight.flow)
      const reasons = [
        `${why}, but the client ${talks} the address that DNS had told it for ${quoted(asked)}: ${meaning(match)}.`,
        toldReason(told, ip),
      ]
      if (isShared) reasons.push('Others answer on this address, too, so the name is likely but not certain.')
      const basis = isShared ? 'told_shared_address' : 'told_address'
      return { match, basis, kind: 'dns_flow', value: asked, names: told.chain, name: asked, told, reasons }
    })
  }

  #onHosting(sight: Sight): boolean {
    const { flow } = sight
    const { ip, address, isByProxy } = flow.goal
    const { bytes, at, length } = address
    const country = this.#networks.country(bytes, at, length)
    if (country === '') return false
    const as = this.#networks.asn(bytes, at, length)
    if (!as) return false
    const { clientIp } = flow.ref
    const whose = isByProxy ? 'the address that the client told a proxy,' : 'the server'
    const hour = Math.floor(flow.startUs / HOUR_US)
    return this.#raiseAll(sight, this.#matcher.byHosting(country, as.asn), (match) => {
      const reasons = [
        `No name was visible; ${whose} ${ip} lies in ${countryName(country)}, in the network of ${printable(as.name)} (AS${as.asn}): ${match.indicator.role}.`,
      ]
      const id = stableId('hosting', match.rule.id, clientIp, match.indicator.value, hour)
      const alert = { id, lasts: (hour + 1) * HOUR_US }
      return { match, basis: 'hosting_network', kind: 'network', value: ip, reasons, alert }
    })
  }

  #raiseDns(
    sight: Sight,
    match: Match,
    message: {
      dns: DnsFacts
      question: string
      chain: readonly string[]
      /** The name that matched: the question, or one that it is an alias of. */
      name: string
      addresses: readonly string[]
      frameBytes: number
    },
  ): void {
    const { dns, question, chain, name, addresses, frameBytes } = message
    const { flow, timeUs } = sight
    const { isResolved, words } = dnsOutcome(dns.flags, addresses, chain.slice(1), (alias) => this.#meets(match, alias))
    const answered = isAnswer(dns.flags)
    const by = name === question ? '' : `, an alias of ${quoted(name)}`
    const ground: Ground = {
      match,
      basis: isResolved ? 'resolved' : 'asked',
      kind: answered ? 'dns_answer' : 'dns_question',
      value: question,
      names: chain,
      reasons: [`The client asked DNS for ${quoted(question)}${by}: ${meaning(match)}. ${words}`],
    }
    if (this.#matcher.isSilent(match.rule, chain, undefined, flow.client)) return
    if (match.rule.strengthens !== null) {
      this.#onClue(sight, ground)
      return
    }
    const contact = this.book.contactOf(flow.ref.clientIp, match.rule, timeUs)
    const id = stableId('dns', match.rule.id, flow.ref.clientIp, question, contact)
    this.book.raise(this.#finding(sight, ground, id, 'contact'), { bytes: frameBytes, isQuestion: !answered })
  }

  /**
   * Raises what `groundOf` makes of each of `met`: asked when those before it are raised; undefined raises nothing.
   * @returns true when alerts were made of it
   */
  #raiseAll<Met>(sight: Sight, met: readonly Met[], groundOf: (one: Met) => Ground | undefined): boolean {
    let isAlert = false
    for (const one of met) {
      const ground = groundOf(one)
      if (ground && this.#raise(sight, ground)) isAlert = true
    }
    return isAlert
  }

  /** @returns true when it became an alert, and not only a clue or nothing */
  #raise(sight: Sight, ground: Ground): boolean {
    const { rule } = ground.match
    const { flow } = sight
    if (this.#matcher.isSilent(rule, ground.names ?? [], flow.goal.address, flow.client)) return false
    if (rule.strengthens !== null) {
      this.#onClue(sight, ground)
      return false
    }
    const { clientIp, clientPort, serverIp, serverPort, protocol } = flow.ref
    const { id, lasts } = ground.alert ?? {
      id: stableId('flow', rule.id, clientIp, clientPort, serverIp, serverPort, protocol, flow.startUs),
      lasts: 'flow',
    }
    this.book.raise(this.#finding(sight, ground, id, lasts))
    return true
  }

  /** A rule that only strengthens others was met. */
  #onClue({ flow, place, placeUs, timeUs }: Sight, { match, kind, value }: Ground): void {
    const isMark = kind === 'user_agent' || kind === 'fingerprint'
    this.book.strengthen(flow.ref.clientIp, {
      rule: match.rule,
      evidence: evidenceOf(isMark ? kind : 'telemetry', value, place, placeUs),
      role: match.indicator.role,
      timeUs,
    })
  }

  #finding({ flow, place, placeUs, timeUs }: Sight, ground: Ground, id: string, lasts: Finding['lasts']): Finding {
    const { match, basis, kind, value, reasons, told, name = '' } = ground
    const seen = evidenceOf(kind, value, place, placeUs)
    const evidence = told ? [seen, evidenceOf('dns_answer', told.chain[0]!, told.place, told.timeUs)] : [seen]
    const finding: Finding = {
      id,
      match,
      basis,
      evidence,
      reasons,
      server: this.#server(flow, name),
      flow,
      timeUs,
      lasts,
    }
    // an address that leads nowhere was given to bar the way: who answers there is not the service
    const { ip } = flow.goal
    if (told && isBlockAddress(ip))
      finding.answer = {
        kind: 'blocked',
        detail: `from ${ip}, which is no public address of the service`,
      }
    return finding
  }

  #server({ ref, server: { bytes, at, length } }: FlowFacts, name: string): AlertEndpoint {
    const endpoint: AlertEndpoint = { ip: ref.serverIp, port: ref.serverPort }
    if (name !== '') endpoint.name = name
    const country = this.#networks.country(bytes, at, length)
    if (country !== '') endpoint.country = country
    const as = this.#networks.asn(bytes, at, length)
    if (as) {
      endpoint.asn = as.asn
      endpoint.as_name = as.name
    }
    return endpoint
  }

  /** Do others than the service answer on the address: does the pack say so, or was somebody given it for another name? */
  #isShared(match: Match, told: Told, { goal: { ip, address }, startUs }: FlowFacts): boolean {
    const { bytes, at, length } = address
    const listed = this.#matcher.byAddress(bytes, at, length)
    if (listed.some(({ indicator }) => indicator.shared)) return true
    return this.#names.namesAt(ip, startUs).some((name) => !told.chain.includes(name) && !this.#meets(match, name))
  }

  /** Is a name one of the service of this match? What only strengthens its alerts is not: others have that, too. */
  #meets(match: Match, name: string): boolean {
    const isService = ({ rule }: Match) => rule.service === match.rule.service && rule.strengthens === null
    return this.#matcher.byName(name).some(isService) || this.#matcher.byCertificate(name).some(isService)
  }
}

/** The rules that these names meet, each once, with the first name that meets it. */
function oncePerRule(
  names: readonly string[],
  matchesOf: (name: string) => readonly Match[],
): Array<{ match: Match; name: string }> {
  const met = new Map<string, { match: Match; name: string }>()
  for (const name of names) {
    for (const match of matchesOf(name)) if (!met.has(match.rule.id)) met.set(match.rule.id, { match, name })
  }
  return [...met.values()]
}

function withoutWildcard(name: string): string {
  return name.startsWith('*.') ? name.slice(2) : name
}
