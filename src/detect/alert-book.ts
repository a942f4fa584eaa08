/**
 * The alerts that may still change: a flow goes on, a question is asked again,
 * an answer comes. Each is written out when it is new, when something of
 * weight changed, and once more, as final, when nothing can change any more.
 *
 * One alert is one rule on one flow. Questions to DNS are one alert per client,
 * name and contact; contacts with hosting networks one per client, network and
 * hour; both count how often.
 */

import { rfc3339 } from '../bytes/time.ts'
import type { Alert, AlertEndpoint, Confidence, Evidence } from '../events/alert.ts'
import type { AlertUpdate } from '../events/batch.ts'
import { type Basis, confidenceOf } from './confidence.ts'
import type { ContactBook } from './contact.ts'
import type { FlowFacts } from './flow-facts.ts'
import type { Match } from './match.ts'

/** A long flow's figures are written again this often. */
const REFRESH_US = 60e6
const EVIDENCE_MAX = 16

/** What is known when an alert is first raised. */
export interface Finding {
  /** Stable id; raising the same one again adds to the alert. */
  id: string
  match: Match
  basis: Basis
  evidence: Evidence[]
  /** Sentences, strongest first; what can be said of the answer is put after the first. */
  reasons: string[]
  client: AlertEndpoint
  clientRole: Alert['client_role']
  server: AlertEndpoint
  flow: FlowFacts
  timeUs: number
  /** How long the alert may be added to: as long as its flow, as its contact, or until a time in microseconds. */
  lasts: 'flow' | 'contact' | number
}

interface LiveAlert {
  finding: Finding
  contact: string
  /** Flows that still go on. */
  flows: Set<FlowFacts>
  count: number
  firstUs: number
  lastUs: number
  /** Sums over the flows that have ended, or over DNS messages. */
  bytesOut: number
  bytesIn: number
  packetsOut: number
  packetsIn: number
  answered: boolean
  writtenUs: number
  /** Whether packets were being lost when it was raised. */
  lossy: boolean
}

export class AlertBook {
  readonly #sensor: string
  readonly #run: string
  readonly #limit: number
  readonly #contacts: ContactBook
  readonly #live = new Map<string, LiveAlert>()
  readonly #dirty = new Set<LiveAlert>()
  readonly #byFlow = new Map<FlowFacts, LiveAlert[]>()
  #out: AlertUpdate[] = []
  #nowUs = 0
  /** Alerts raised. */
  raised = 0
  /** Whether packets are being lost now. */
  lossy = false
  /** Alerts that were closed early because too many were open at once. */
  closedEarly = 0

  /** @param limit most alerts that are open at once */
  constructor(options: { sensor: string; run: string; limit: number; contacts: ContactBook }) {
    this.#sensor = options.sensor
    this.#run = options.run
    this.#limit = options.limit
    this.#contacts = options.contacts
  }

  /** Alerts that are ready to be written out, now and until the next call. */
  get ready(): number {
    return this.#out.length + this.#dirty.size
  }

  /** Makes a new alert of `finding`, or adds the finding to the alert with that id. */
  raise(finding: Finding): void {
    const known = this.#live.get(finding.id)
    const alert = known ?? this.#begin(finding)
    if (known) this.#add(known, finding)
    if (!alert.flows.has(finding.flow)) this.#follow(alert, finding.flow)
    this.#dirty.add(alert)
  }

  /** As `raise`, for a message that has no flow of its own to follow: its bytes are given. */
  raiseMessage(finding: Finding, message: { bytes: number; out: boolean; counts: boolean }): void {
    const known = this.#live.get(finding.id)
    const alert = known ?? this.#begin(finding)
    if (known) {
      this.#add(known, finding)
      if (!message.counts) known.count--
    }
    alert.bytesOut += message.out ? message.bytes : 0
    alert.bytesIn += message.out ? 0 : message.bytes
    alert.packetsOut += message.out ? 1 : 0
    alert.packetsIn += message.out ? 0 : 1
    alert.answered ||= !message.out
    this.#dirty.add(alert)
  }

  /** Says that something of weight changed in a flow that has alerts: the server answered. */
  flowChanged(flow: FlowFacts): void {
    for (const alert of this.#byFlow.get(flow) ?? []) this.#dirty.add(alert)
  }

  /** Says that a flow is over; its figures are taken now. */
  flowEnded(flow: FlowFacts): void {
    for (const alert of this.#byFlow.get(flow) ?? []) {
      alert.flows.delete(flow)
      addFlow(alert, flow)
      this.#dirty.add(alert)
      this.#contacts.touch(alert.finding.client.ip, alert.finding.match.rule.service, alert.lastUs)
      if (alert.finding.lasts === 'flow') this.#close(alert)
    }
    this.#byFlow.delete(flow)
  }

  /** Lets packet time pass: refreshes long flows, closes what is over. */
  advance(nowUs: number): void {
    this.#nowUs = nowUs
    for (const alert of this.#live.values()) {
      if (alert.flows.size > 0) {
        if (nowUs - alert.writtenUs >= REFRESH_US) this.#refresh(alert)
      } else if (this.#isOver(alert)) {
        this.#close(alert)
      }
    }
  }

  /** The contact that something of `client` with `service` at `timeUs` belongs to. */
  contactOf(client: string, service: string, timeUs: number): string {
    return this.#contacts.touch(client, service, timeUs)
  }

  /** Closes every alert: the input is over. */
  finish(): void {
    for (const alert of this.#live.values()) this.#close(alert)
  }

  /** The alerts that changed since the last call, in the order in which they did. */
  drain(): AlertUpdate[] {
    for (const alert of this.#dirty) this.#out.push({ alert: this.#record(alert), final: false })
    this.#dirty.clear()
    const out = this.#out
    this.#out = []
    return out
  }

  #begin(finding: Finding): LiveAlert {
    const { client, match, timeUs, flow } = finding
    const alert: LiveAlert = {
      finding,
      contact: this.#contacts.touch(client.ip, match.rule.service, timeUs),
      flows: new Set(),
      count: 1,
      firstUs: finding.lasts === 'contact' ? timeUs : flow.startUs,
      lastUs: timeUs,
      bytesOut: 0,
      bytesIn: 0,
      packetsOut: 0,
      packetsIn: 0,
      answered: false,
      writtenUs: timeUs,
      lossy: this.lossy,
    }
    this.raised++
    this.#live.set(finding.id, alert)
    if (this.#live.size > this.#limit) {
      this.closedEarly++
      this.#close(this.#live.values().next().value!)
    }
    return alert
  }

  #add(alert: LiveAlert, finding: Finding): void {
    alert.count++
    alert.lastUs = Math.max(alert.lastUs, finding.timeUs)
    this.#contacts.touch(finding.client.ip, finding.match.rule.service, finding.timeUs)
    const known = alert.finding
    if (strength(finding) > strength(known)) {
      const { basis, reasons } = finding
      alert.finding = { ...known, basis, reasons }
    }
    for (const evidence of finding.evidence) {
      const isNews = !alert.finding.evidence.some((e) => e.kind === evidence.kind && e.value === evidence.value)
      if (isNews && alert.finding.evidence.length < EVIDENCE_MAX) alert.finding.evidence.push(evidence)
    }
  }

  #follow(alert: LiveAlert, flow: FlowFacts): void {
    alert.flows.add(flow)
    const alerts = this.#byFlow.get(flow)
    if (alerts) alerts.push(alert)
    else this.#byFlow.set(flow, [alert])
  }

  #refresh(alert: LiveAlert): void {
    let lastUs = alert.lastUs
    for (const flow of alert.flows) lastUs = Math.max(lastUs, flow.lastUs)
    this.#contacts.touch(alert.finding.client.ip, alert.finding.match.rule.service, lastUs)
    this.#dirty.add(alert)
  }

  #isOver({ finding }: LiveAlert): boolean {
    if (finding.lasts === 'contact')
      return !this.#contacts.isOpen(finding.client.ip, finding.match.rule.service, this.#nowUs)
    return finding.lasts === 'flow' || finding.lasts < this.#nowUs
  }

  #close(alert: LiveAlert): void {
    this.#live.delete(alert.finding.id)
    this.#dirty.delete(alert)
    this.#out.push({ alert: this.#record(alert), final: true })
    for (const flow of alert.flows) {
      const others = this.#byFlow.get(flow)!.filter((other) => other !== alert)
      if (others.length > 0) this.#byFlow.set(flow, others)
      else this.#byFlow.delete(flow)
    }
  }

  #record(alert: LiveAlert): Alert {
    const { finding } = alert
    const { pack, rule, indicator } = finding.match
    const sums = { ...alert }
    for (const flow of alert.flows) addFlow(sums, flow)
    alert.writtenUs = Math.max(this.#nowUs, finding.timeUs)
    const confidence: Confidence = confidenceOf(finding.basis, sums.answered, indicator.confidence)
    const { kind, value, role, sources } = indicator
    return {
      id: finding.id,
      rule: rule.id,
      title: rule.title,
      pack: pack.id,
      pack_version: pack.version,
      service: rule.service,
      category: rule.category,
      severity: rule.severity,
      confidence,
      state: 'new',
      // a question that got no usable address led to no server
      attempt: !sums.answered || finding.basis === 'asked',
      count: alert.count,
      evidence: [...finding.evidence],
      indicator: { kind, value, role, confidence: indicator.confidence, sources },
      reasons: allReasons(finding, sums.answered),
      client: finding.client,
      client_role: finding.clientRole,
      server: finding.server,
      protocol: finding.flow.ref.protocol,
      bytes_out: sums.bytesOut,
      bytes_in: sums.bytesIn,
      packets_out: sums.packetsOut,
      packets_in: sums.packetsIn,
      first_seen: rfc3339(sums.firstUs),
      last_seen: rfc3339(sums.lastUs),
      contact: alert.contact,
      run: this.#run,
      sensor: this.#sensor,
      community_id: finding.flow.ref.communityId,
      flow_id: finding.flow.ref.id,
      lossy: alert.lossy,
      policy: rule.policy,
      attack: rule.attack,
    }
  }
}

function addFlow(sums: Omit<LiveAlert, 'flows'>, flow: FlowFacts): void {
  sums.bytesOut += flow.bytesOut
  sums.bytesIn += flow.bytesIn
  sums.packetsOut += flow.packetsOut
  sums.packetsIn += flow.packetsIn
  sums.firstUs = Math.min(sums.firstUs, flow.startUs)
  sums.lastUs = Math.max(sums.lastUs, flow.lastUs)
  sums.answered ||= flow.answered
}

/** Which of two findings of one alert has the better words: an answer says more than a question. */
function strength({ basis, evidence }: Finding): number {
  if (basis !== 'asked') return 2
  return evidence[0]?.kind === 'dns_answer' ? 1 : 0
}

function allReasons(finding: Finding, answered: boolean): string[] {
  const [first, ...rest] = finding.reasons
  const answer = isDns(finding.basis)
    ? []
    : [answered ? 'The server answered.' : 'No answer of the server was seen: an attempt.']
  const doubt =
    finding.match.indicator.confidence === 'high'
      ? []
      : [
          `How sure we are that the indicator belongs to ${finding.match.rule.service}: ${finding.match.indicator.confidence}.`,
        ]
  return [first!, ...answer, ...rest, ...doubt]
}

function isDns(basis: Basis): boolean {
  return basis === 'resolved' || basis === 'asked'
}
