/**
 * One alert while it may still change: what was found, added up, and how it
 * becomes the record that leaves the sensor.
 */

import { inOnePiece } from '../bytes/text.ts'
import { rfc3339 } from '../bytes/time.ts'
import type { Alert, AlertEndpoint, Evidence } from '../events/alert.ts'
import type { FlowRef } from '../events/observation.ts'
import type { RuleHead } from '../packs/pack.ts'
import { NOWHERE } from './agenda.ts'
import { ANSWERED, type Answer, answerWords, betterAnswer, NO_ANSWER } from './answer.ts'
import { type Basis, compareBases, confidenceOf } from './confidence.ts'
import type { OpenContact } from './contact.ts'
import type { Finding } from './finding.ts'
import type { FlowFacts } from './flow-facts.ts'
import { type FoundUse, useOf } from './use.ts'

const EVIDENCE_MAX = 16
const GROUNDS_MAX = 4
const FORWARDED_MAX = 4

const ROLE_WORDS = {
  resolver: 'The client is a DNS resolver: it asks for others.',
  proxy: 'The client is a proxy: somebody behind it asked.',
}

/** A message of DNS, as an alert counts it. */
export interface Message {
  /** Of its frame on the wire. */
  bytes: number
  /** It is the client's; else it is an answer. */
  isQuestion: boolean
}

/** What an alert keeps of a finding. Not the flow, which would stay as long as the alert. */
type Kept = Omit<Finding, 'flow' | 'evidence'>

/** What it keeps of the first flow. Not the reference itself, which holds the addresses as bytes: three times as much. */
type Talk = Pick<FlowRef, 'id' | 'protocol' | 'clientIp' | 'clientPort' | 'clientMac' | 'communityId'>

/** Why an alert is raised: one of perhaps several. */
interface Ground {
  finding: Kept
  /** That of all findings of the same kind. */
  evidence: Evidence[]
}

/** Who somebody is, as far as that is known now. */
export interface WhoIs {
  role: Alert['client_role']
  /** Empty when nothing told it. */
  name: string
}

/** What of the record is not the alert's own. */
export interface Setting {
  sensor: string
  run: string
  whoIs: (ip: string) => WhoIs
}

interface Sums {
  bytesOut: number
  bytesIn: number
  packetsOut: number
  packetsIn: number
  firstUs: number
  lastUs: number
  answer: Answer
  turns: number
  streamed: number
}

const NO_FLOWS: ReadonlySet<FlowFacts> = new Set()
const NOTHING: readonly never[] = []

export class LiveAlert {
  /** What was found first. */
  readonly finding: Kept
  /** Set by the book before anything leaves. */
  contact: OpenContact | undefined
  /** Waits for an alert that its rule needs beside it; nothing of it leaves until then. Written by `ClientAlerts`. */
  isWithheld = false
  /** Written by the agenda. */
  dueSecond = NOWHERE
  /** When the record was made last. */
  writtenUs: number
  readonly #talk: Talk
  readonly #lossy: boolean
  /** Flows that still go on; most alerts have one, and none for most of their time. */
  #flows: Set<FlowFacts> | undefined
  // Arrays that are made anew when something comes: one that is pushed to keeps room for sixteen.
  #grounds: readonly Ground[] = NOTHING
  #forwardedFor: readonly string[] = NOTHING
  /** Sums over the flows that have ended, or over DNS messages. */
  readonly #ended: Sums
  #count = 0
  /** What was found nearby: evidence of the alert's company, each with its sentence. */
  #beside: ReadonlyArray<{ evidence: Evidence; reason: string }> = NOTHING

  /** @param lossy whether packets are being lost now */
  constructor(finding: Finding, lossy: boolean) {
    this.finding = kept(finding)
    this.#lossy = lossy
    this.writtenUs = finding.timeUs
    const { id, protocol, clientIp, clientPort, clientMac, communityId } = finding.flow.ref
    this.#talk = { id, protocol, clientIp, clientPort, clientMac, communityId }
    this.#ended = {
      bytesOut: 0,
      bytesIn: 0,
      packetsOut: 0,
      packetsIn: 0,
      firstUs: finding.lasts === 'contact' ? finding.timeUs : finding.flow.startUs,
      lastUs: finding.timeUs,
      answer: finding.answer ?? NO_ANSWER,
      turns: 0,
      streamed: 0,
    }
  }

  get client(): string {
    return this.#talk.clientIp
  }

  /** Flows that still go on. */
  get flows(): ReadonlySet<FlowFacts> {
    return this.#flows ?? NO_FLOWS
  }

  get rule(): RuleHead {
    return this.finding.match.rule
  }

  /** Tells the contact what the name is for. */
  addUse(): void {
    const { use } = this.finding.match.indicator
    if (use !== null) this.contact!.uses.add(use)
  }

  /** Takes what was found in `flow`, which it follows from now on. */
  addFlow(finding: Finding): void {
    this.#addGround(finding)
    this.#ended.lastUs = Math.max(this.#ended.lastUs, finding.timeUs)
    if (this.flows.has(finding.flow)) return
    this.#flows ??= new Set()
    this.#flows.add(finding.flow)
    this.#count++
  }

  /** Takes a message that has no flow of its own to follow. */
  addMessage(finding: Finding, { bytes, isQuestion }: Message): void {
    const sums = this.#ended
    const [ground] = this.#grounds
    if (!ground) this.#addGround(finding)
    else {
      const known = strength(ground.finding.basis, ground.evidence)
      if (strength(finding.basis, finding.evidence) > known) ground.finding = kept(finding)
      this.#addEvidence(ground, finding.evidence)
    }
    sums.lastUs = Math.max(sums.lastUs, finding.timeUs)
    if (isQuestion) {
      sums.bytesOut += bytes
      sums.packetsOut++
    } else {
      sums.bytesIn += bytes
      sums.packetsIn++
      sums.answer = ANSWERED
    }
    // a question and its answer are one; an answer whose question was not seen counts itself
    if (isQuestion || this.#count === 0) this.#count++
  }

  /** Takes something that was seen of the same client nearby in time; twice the same changes nothing. */
  addBeside(evidence: Evidence, reason: string): boolean {
    const isKnown = this.#beside.some(({ evidence: e }) => e.kind === evidence.kind && e.value === evidence.value)
    if (isKnown || this.#beside.length >= EVIDENCE_MAX) return false
    this.#beside = this.#beside.concat({ evidence, reason })
    return true
  }

  /** Says that a flow is over: its figures are taken now. */
  endFlow(flow: FlowFacts): void {
    this.#flows?.delete(flow)
    if (this.#flows?.size === 0) this.#flows = undefined
    this.#addFigures(this.#ended, flow)
    this.#addForwarded(flow)
  }

  /** The span of time in which it was seen at work, until now. */
  get span(): { firstUs: number; lastUs: number } {
    let { firstUs, lastUs } = this.#ended
    for (const flow of this.flows) {
      firstUs = Math.min(firstUs, flow.startUs)
      lastUs = Math.max(lastUs, flow.lastUs)
    }
    return { firstUs, lastUs }
  }

  /** The alert as it is now. */
  record({ sensor, run, whoIs }: Setting): Alert {
    const { basis, match, server } = this.#grounds[0]!.finding
    const { pack, rule, indicator } = match
    const sums = { ...this.#ended }
    for (const flow of this.flows) {
      this.#addFigures(sums, flow)
      this.#addForwarded(flow)
    }
    const talk = this.#talk
    const who = whoIs(talk.clientIp)
    const isAnswered = sums.answer.kind === 'answered'
    const { use, why } = this.#use(sums)
    const { kind, value, role, sources } = indicator
    return {
      id: this.finding.id,
      rule: rule.id,
      title: rule.title,
      pack: pack.id,
      pack_version: pack.version,
      service: rule.service,
      category: rule.category,
      severity: rule.severity,
      confidence: confidenceOf(basis, isAnswered, indicator.confidence, rule.category),
      state: 'new',
      // a question that got no usable address led to no server
      attempt: !isAnswered || basis === 'asked',
      count: this.#count,
      evidence: this.#evidence(),
      indicator: { kind, value, role, confidence: indicator.confidence, sources },
      reasons: this.#reasons(sums.answer, who),
      use,
      use_reason: why,
      client: this.#client(who),
      client_role: who.role,
      server,
      protocol: talk.protocol,
      bytes_out: sums.bytesOut,
      bytes_in: sums.bytesIn,
      packets_out: sums.packetsOut,
      packets_in: sums.packetsIn,
      first_seen: rfc3339(sums.firstUs),
      last_seen: rfc3339(sums.lastUs),
      contact: this.contact!.id,
      run,
      sensor,
      community_id: talk.communityId,
      flow_id: talk.id,
      lossy: this.#lossy,
      policy: rule.policy,
      attack: rule.attack,
    }
  }

  #client({ name }: WhoIs): AlertEndpoint {
    const { clientIp, clientPort, clientMac } = this.#talk
    return {
      ip: clientIp,
      port: clientPort,
      ...(clientMac === '' ? {} : { mac: clientMac }),
      ...(name === '' ? {} : { name }),
      ...(this.#forwardedFor.length === 0 ? {} : { forwarded_for: [...this.#forwardedFor] }),
    }
  }

  #reasons(answer: Answer, { role }: WhoIs): string[] {
    const [first, ...others] = this.#grounds.map(({ finding }) => finding)
    const { rule, indicator } = first!.match
    const reasons = [first!.reasons[0]!]
    if (!isDns(first!.basis)) reasons.push(answerWords(answer))
    reasons.push(...first!.reasons.slice(1), ...others.flatMap((finding) => finding.reasons))
    reasons.push(...this.#beside.map(({ reason }) => reason))
    if (indicator.confidence !== 'high')
      reasons.push(`How sure we are that the indicator belongs to ${rule.service}: ${indicator.confidence}.`)
    if (role !== 'host') reasons.push(ROLE_WORDS[role])
    if (this.#forwardedFor.length > 0)
      reasons.push(`The client says that it asks for ${this.#forwardedFor.join(', ')}: a claim of what it sent.`)
    return [...new Set(reasons)]
  }

  #evidence(): Evidence[] {
    const own = this.#grounds.flatMap((ground) => ground.evidence)
    return [...own, ...this.#beside.map(({ evidence }) => evidence)].slice(0, EVIDENCE_MAX)
  }

  #use(sums: Sums): FoundUse {
    const { basis, match } = this.#grounds[0]!.finding
    const { indicator } = match
    return useOf({
      hint: indicator.use,
      role: indicator.role,
      isUsed: sums.answer.kind === 'answered' && !isDns(basis) && basis !== 'hosting_network',
      bytesOut: sums.bytesOut,
      bytesIn: sums.bytesIn,
      turns: sums.turns,
      streamed: sums.streamed,
      together: this.contact!.uses,
    })
  }

  #addGround(finding: Finding): void {
    const isMany = typeof finding.lasts === 'number' // one alert for many flows: the words of the first one do
    const known = this.#grounds.find(
      ({ finding: f }) => f.basis === finding.basis && (isMany || f.reasons[0] === finding.reasons[0]),
    )
    if (known || this.#grounds.length >= GROUNDS_MAX) {
      this.#addEvidence(known ?? this.#grounds.at(-1)!, finding.evidence)
      return
    }
    const ground: Ground = { finding: this.#grounds.length === 0 ? this.finding : kept(finding), evidence: [] }
    this.#grounds = this.#grounds.concat(ground).sort((a, b) => compareBases(a.finding.basis, b.finding.basis))
    this.#addEvidence(ground, finding.evidence)
  }

  /** Each fact once, and no more than there is room for. */
  #addEvidence(ground: Ground, evidence: readonly Evidence[]): void {
    for (const one of evidence) {
      const all = this.#grounds.flatMap((g) => g.evidence)
      const isNews = !all.some((known) => known.kind === one.kind && known.value === one.value)
      if (isNews && all.length < EVIDENCE_MAX) ground.evidence = ground.evidence.concat(one)
    }
  }

  #addFigures(sums: Sums, flow: FlowFacts): void {
    sums.bytesOut += flow.bytesOut
    sums.bytesIn += flow.bytesIn
    sums.packetsOut += flow.packetsOut
    sums.packetsIn += flow.packetsIn
    sums.firstUs = Math.min(sums.firstUs, flow.startUs)
    sums.lastUs = Math.max(sums.lastUs, flow.lastUs)
    if (!this.finding.answer) sums.answer = betterAnswer(sums.answer, flow.answer)
    sums.turns += flow.rhythm?.turns ?? 0
    sums.streamed += flow.rhythm?.streamed ?? 0
  }

  #addForwarded({ forwardedFor }: FlowFacts): void {
    const more = forwardedFor.filter((address) => !this.#forwardedFor.includes(address))
    if (more.length > 0) this.#forwardedFor = this.#forwardedFor.concat(more).slice(0, FORWARDED_MAX)
  }
}

function kept({ id, match, basis, reasons, server, timeUs, lasts, answer }: Finding): Kept {
  const facts = { id, match, basis, reasons: reasons.map(inOnePiece), server, timeUs, lasts }
  return answer ? { ...facts, answer } : facts
}

/** Which of two messages has the better words: an answer says more than a question, an address more than none. */
function strength(basis: Basis, evidence: readonly Evidence[]): number {
  if (basis !== 'asked') return 2
  return evidence.some(({ kind }) => kind === 'dns_answer') ? 1 : 0
}

function isDns(basis: Basis): boolean {
  return basis === 'resolved' || basis === 'asked'
}
