/**
 * From facts to alerts: which rules a fact meets, what it rests on, and the
 * words that say why. The alerts themselves live in alert-book.ts.
 */

import { printable } from '../bytes/text.ts'
import { rfc3339 } from '../bytes/time.ts'
import type { Roles } from '../enrich/clients.ts'
import { addressesOf, aliasChain, leadsElsewhere, type NameMemory, type Told } from '../enrich/names.ts'
import type { Networks } from '../enrich/networks.ts'
import type { Alert, AlertEndpoint, Evidence, EvidenceKind } from '../events/alert.ts'
import type { AlertUpdate } from '../events/batch.ts'
import type { DnsQuestion, DnsRecord, Place } from '../events/observation.ts'
import type { Pack } from '../packs/pack.ts'
import { AlertBook, type Finding } from './alert-book.ts'
import { compileRules } from './compile.ts'
import type { Basis } from './confidence.ts'
import { ContactBook } from './contact.ts'
import type { FlowFacts } from './flow-facts.ts'
import { stableId } from './identity.ts'
import { type Match, Matcher } from './match.ts'

const HOUR_US = 3600e6
const QUESTIONS_MAX = 8 // honest messages have one

// RFC 1035 section 4.1.1
const RESPONSE = 0x8000
const RESPONSE_CODE = 0x000f
const NXDOMAIN = 3

/** How a visible name reached us, for the reasons. */
const NAME_WORDS: Partial<Record<EvidenceKind, string>> = {
  tls_sni: 'in its TLS hello (SNI)',
  quic_sni: 'in its QUIC hello (SNI)',
  http_host: 'as the host of an HTTP request',
  http_connect: 'as the target of a CONNECT to a proxy',
  socks_target: 'as the target of a SOCKS proxy',
}

const ROLE_WORDS = {
  resolver: 'The client is a DNS resolver: it asks for others.',
  proxy: 'The client is a proxy: somebody behind it asked.',
}

export interface DetectorOptions {
  packs: readonly Pack[]
  networks: Networks
  names: NameMemory
  roles: Roles
  sensor: string
  run: string
  openAlertsMax: number
  openContactsMax: number
}

/** What detection wants to know of a DNS message. */
export interface DnsFacts {
  /** The second word of its header. */
  flags: number
  questions: readonly DnsQuestion[]
  answers: DnsRecord[]
  additionals: DnsRecord[]
}

interface DnsMessageFacts {
  dns: DnsFacts
  question: string
  /** The name that matched: the question, or one that it is an alias of. */
  name: string
  addresses: string[]
  frameBytes: number
}

/** An address as bytes: `bytes[at, at + length)`, 4 or 16 of them. */
export interface AddressBytes {
  bytes: Uint8Array
  at: number
  length: number
}

export class Detector {
  readonly #matcher: Matcher
  readonly #networks: Networks
  readonly #names: NameMemory
  readonly #roles: Roles
  readonly book: AlertBook

  constructor(options: DetectorOptions) {
    this.#matcher = new Matcher(compileRules(options))
    this.#networks = options.networks
    this.#names = options.names
    this.#roles = options.roles
    this.book = new AlertBook({
      sensor: options.sensor,
      run: options.run,
      limit: options.openAlertsMax,
      contacts: new ContactBook(options.openContactsMax),
    })
  }

  /**
   * A name was visible in a flow.
   * @returns true when alerts were made of it
   */
  onName(
    flow: FlowFacts,
    server: AddressBytes,
    kind: EvidenceKind,
    name: string,
    place: Place,
    timeUs: number,
  ): boolean {
    const matches = this.#matcher.byName(name)
    for (const match of matches) {
      const told = this.#names.told(flow.ref.clientIp, flow.ref.serverIp, timeUs)
      const evidence = [evidenceOf(kind, name, place, timeUs)]
      const reasons = [`The client named ${quoted(name)} ${NAME_WORDS[kind]!}: ${meaning(match)}.`]
      const toldMatch = told?.chain.some((link) => this.#meets(match, link))
      if (told && toldMatch) {
        evidence.push(evidenceOf('dns_answer', told.chain[0]!, told.place, told.timeUs))
        reasons.push(toldReason(told, flow))
      }
      this.#raise(match, 'visible_name', flow, server, name, evidence, reasons, timeUs)
    }
    return matches.length > 0
  }

  /**
   * The server showed its certificate, and the client had named nothing.
   * @param names all names of the certificate
   * @returns true when alerts were made of it
   */
  onCertificate(
    flow: FlowFacts,
    server: AddressBytes,
    names: readonly string[],
    place: Place,
    timeUs: number,
  ): boolean {
    const raised = new Set<string>()
    for (const name of names) {
      for (const match of this.#matcher.byName(withoutWildcard(name))) {
        if (raised.has(match.rule.id)) continue
        raised.add(match.rule.id)
        const others = names.filter((other) => !this.#meets(match, withoutWildcard(other))).length
        const reasons = [`The server's certificate names ${quoted(name)}: ${meaning(match)}; the client named nothing.`]
        if (others > 0) reasons.push(`The certificate names ${others} others, too, so this says little.`)
        const evidence = [evidenceOf('certificate_name', name, place, timeUs)]
        const basis: Basis = others > 0 ? 'shared_certificate' : 'certificate'
        this.#raise(match, basis, flow, server, name, evidence, reasons, timeUs)
      }
    }
    return raised.size > 0
  }

  /**
   * A flow has shown all it will, and no name: what the client was told, and whose address it is, must do.
   * @returns true when alerts were made of it
   */
  onNameless(flow: FlowFacts, server: AddressBytes, place: Place, timeUs: number): boolean {
    const { clientIp, serverIp } = flow.ref
    const told = this.#names.told(clientIp, serverIp, flow.startUs)
    if (told) return this.#onTold(told, flow, server, place, timeUs)

    const own = this.#matcher.byAddress(server.bytes, server.at, server.length).filter((m) => !m.indicator.shared)
    for (const match of own) {
      const reasons = [
        `No name was visible; the server address ${serverIp} is ${match.rule.service}'s own: ${match.indicator.role}.`,
      ]
      const evidence = [evidenceOf('address', serverIp, place, timeUs)]
      this.#raise(match, 'own_address', flow, server, '', evidence, reasons, timeUs)
    }
    return own.length > 0 || this.#onHosting(flow, server, place, timeUs)
  }

  /** Does any rule watch `name`? */
  watches(name: string): boolean {
    return this.#matcher.watches(name)
  }

  /**
   * A DNS message passed. Questions and answers for watched names become one alert per client, name and contact.
   * @param frameBytes length of its frame on the wire
   */
  onDns(dns: DnsFacts, flow: FlowFacts, server: AddressBytes, frameBytes: number, place: Place, timeUs: number): void {
    for (const question of dns.questions.slice(0, QUESTIONS_MAX)) {
      if (!this.#isWatched(question.name, dns.answers)) continue
      const addresses = addressesOf(question.name, dns).map(({ address }) => address)
      const seen = new Set<string>()
      for (const name of aliasChain(question.name, dns.answers)) {
        for (const match of this.#matcher.byName(name)) {
          if (seen.has(match.rule.id)) continue
          seen.add(match.rule.id)
          const message: DnsMessageFacts = { dns, question: question.name, name, addresses, frameBytes }
          this.#raiseDns(match, message, flow, server, place, timeUs)
        }
      }
    }
  }

  #isWatched(question: string, answers: readonly DnsRecord[]): boolean {
    if (this.#matcher.watches(question)) return true
    return leadsElsewhere(answers) && aliasChain(question, answers).some((name) => this.#matcher.watches(name))
  }

  flowAnswered(flow: FlowFacts): void {
    this.book.flowChanged(flow)
  }

  flowEnded(flow: FlowFacts): void {
    this.book.flowEnded(flow)
  }

  advance(nowUs: number): void {
    this.book.advance(nowUs)
  }

  finish(): void {
    this.book.finish()
  }

  drain(): AlertUpdate[] {
    return this.book.drain()
  }

  #onTold(told: Told, flow: FlowFacts, server: AddressBytes, place: Place, timeUs: number): boolean {
    const raised = new Set<string>()
    for (const name of told.chain) {
      for (const match of this.#matcher.byName(name)) {
        if (raised.has(match.rule.id)) continue
        raised.add(match.rule.id)
        const shared = this.#isShared(match, server, flow.ref.serverIp)
        const evidence = [
          evidenceOf('dns_flow', told.chain[0]!, place, timeUs),
          evidenceOf('dns_answer', told.chain[0]!, told.place, told.timeUs),
        ]
        const reasons = [
          `No name was visible, but the client talks to the address that DNS had told it for ${quoted(name)}: ${meaning(match)}.`,
          toldReason(told, flow),
        ]
        if (shared) reasons.push('Others answer on this address, too, so the name is likely but not certain.')
        const basis: Basis = shared ? 'told_shared_address' : 'told_address'
        this.#raise(match, basis, flow, server, told.chain[0]!, evidence, reasons, timeUs)
      }
    }
    return raised.size > 0
  }

  #onHosting(flow: FlowFacts, server: AddressBytes, place: Place, timeUs: number): boolean {
    const country = this.#networks.country(server.bytes, server.at, server.length)
    if (country === '') return false
    const as = this.#networks.asn(server.bytes, server.at, server.length)
    if (!as) return false
    const matches = this.#matcher.byHosting(country, as.asn)
    const hour = Math.floor(flow.startUs / HOUR_US)
    for (const match of matches) {
      const { clientIp, serverIp } = flow.ref
      const reasons = [
        `No name was visible; the server ${serverIp} lies in ${countryName(country)}, in the network of ${printable(as.name)} (AS${as.asn}): ${match.indicator.role}.`,
      ]
      const evidence = [evidenceOf('network', serverIp, place, timeUs)]
      this.book.raise({
        ...this.#finding(match, 'hosting_network', flow, server, '', evidence, reasons, timeUs),
        id: stableId('hosting', match.rule.id, clientIp, match.indicator.value, hour),
        lasts: (hour + 1) * HOUR_US,
      })
    }
    return matches.length > 0
  }

  #raiseDns(
    match: Match,
    { dns, question, name, addresses, frameBytes }: DnsMessageFacts,
    flow: FlowFacts,
    server: AddressBytes,
    place: Place,
    timeUs: number,
  ): void {
    const usable = addresses.filter((address) => !isSinkhole(address))
    const basis: Basis = usable.length > 0 ? 'resolved' : 'asked'
    const answered = isAnswer(dns.flags)
    const evidence = [evidenceOf(answered ? 'dns_answer' : 'dns_question', question, place, timeUs)]
    const by = name === question ? '' : `, an alias of ${quoted(name)}`
    const reasons = [
      `The client asked DNS for ${quoted(question)}${by}: ${meaning(match)}. ${outcome(dns.flags, addresses, usable)}`,
    ]
    const contact = this.book.contactOf(flow.ref.clientIp, match.rule.service, timeUs)
    this.book.raiseMessage(
      {
        ...this.#finding(match, basis, flow, server, '', evidence, reasons, timeUs),
        id: stableId('dns', match.rule.id, flow.ref.clientIp, question, contact),
        lasts: 'contact',
      },
      // a question and its answer are one; an answer whose question was not seen counts itself
      { bytes: frameBytes, out: !answered, counts: !answered },
    )
  }

  #raise(
    match: Match,
    basis: Basis,
    flow: FlowFacts,
    server: AddressBytes,
    name: string,
    evidence: Evidence[],
    reasons: string[],
    timeUs: number,
  ): void {
    this.book.raise(this.#finding(match, basis, flow, server, name, evidence, reasons, timeUs))
  }

  #finding(
    match: Match,
    basis: Basis,
    flow: FlowFacts,
    server: AddressBytes,
    name: string,
    evidence: Evidence[],
    reasons: string[],
    timeUs: number,
  ): Finding {
    const { ref } = flow
    const role: Alert['client_role'] = this.#roles.of(ref.clientIp)
    const client: AlertEndpoint = { ip: ref.clientIp, port: ref.clientPort }
    if (ref.clientMac !== '') client.mac = ref.clientMac
    return {
      id: stableId(
        'flow',
        match.rule.id,
        ref.clientIp,
        ref.clientPort,
        ref.serverIp,
        ref.serverPort,
        ref.protocol,
        flow.startUs,
      ),
      match,
      basis,
      evidence,
      reasons: role === 'host' ? reasons : [...reasons, ROLE_WORDS[role]],
      client,
      clientRole: role,
      server: this.#endpoint(ref.serverIp, ref.serverPort, name, server),
      flow,
      timeUs,
      lasts: 'flow',
    }
  }

  #endpoint(ip: string, port: number, name: string, { bytes, at, length }: AddressBytes): AlertEndpoint {
    const endpoint: AlertEndpoint = { ip, port }
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

  #isShared(match: Match, server: AddressBytes, ip: string): boolean {
    const listed = this.#matcher.byAddress(server.bytes, server.at, server.length)
    if (listed.some((m) => m.indicator.shared && m.rule.service === match.rule.service)) return true
    return this.#names.namesAt(ip).some((name) => !this.#meets(match, name))
  }

  #meets(match: Match, name: string): boolean {
    return this.#matcher.byName(name).some((m) => m.rule.service === match.rule.service)
  }
}

function evidenceOf(kind: EvidenceKind, value: string, place: Place, timeUs: number): Evidence {
  return { kind, value, packet: place.packet, file: place.file, time: rfc3339(timeUs) }
}

function quoted(name: string): string {
  return `"${printable(name)}"`
}

function meaning({ rule, indicator }: Match): string {
  return `${rule.service}, ${indicator.role}`
}

function toldReason(told: Told, flow: FlowFacts): string {
  const [name, ...aliases] = told.chain
  const by = aliases.length > 0 ? ` by way of ${aliases.map(quoted).join(', ')}` : ''
  return `DNS had told this client that ${quoted(name!)} is at ${flow.ref.serverIp}${by} (packet ${told.place.packet} of ${printable(told.place.file)}).`
}

function outcome(flags: number, addresses: string[], usable: string[]): string {
  if (!isAnswer(flags)) return 'No answer was seen.'
  if (usable.length > 0) return `It was given ${usable.slice(0, 4).join(', ')}${usable.length > 4 ? ', ...' : ''}.`
  if (addresses.length > 0) return `The answer was ${addresses[0]}, as a blocking resolver gives it.`
  if ((flags & RESPONSE_CODE) === NXDOMAIN) return 'The answer was that there is no such name.'
  return 'The answer held no address.'
}

function isAnswer(flags: number): boolean {
  return (flags & RESPONSE) !== 0
}

/** Addresses that lead nowhere: what resolvers that block a name answer with. */
function isSinkhole(address: string): boolean {
  return address === '0.0.0.0' || address === '::' || address === '::1' || address.startsWith('127.')
}

const REGIONS = new Intl.DisplayNames('en', { type: 'region' })

function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (REGIONS.of(code) ?? code) : code
}

function withoutWildcard(name: string): string {
  return name.startsWith('*.') ? name.slice(2) : name
}
