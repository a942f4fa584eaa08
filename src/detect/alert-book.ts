/**
 * The alerts that may still change: a flow goes on, a question is asked again,
 * an answer comes. Each is written out when it is new, when something of
 * weight changed, and once more, as final, when nothing can change any more.
 *
 * One alert is one rule on one flow. Questions to DNS are one alert per client,
 * name and contact; contacts with hosting networks one per client, network and
 * hour; both count how often.
 */

import type { Alert } from '../events/alert.ts'
import type { AlertUpdate } from '../events/batch.ts'
import type { Nearby, RuleHead } from '../packs/pack.ts'
import { Agenda } from './agenda.ts'
import { ClientAlerts } from './client-alerts.ts'
import { type Clue, type Company, clueWords, meetsNeed, strengthens } from './company.ts'
import type { ContactBook } from './contact.ts'
import type { Finding } from './finding.ts'
import type { FlowFacts } from './flow-facts.ts'
import { LiveAlert, type Message, type Setting } from './live-alert.ts'

/** A long flow's figures are written again this often. */
const REFRESH_US = 60e6

export interface AlertBookOptions extends Setting {
  /** Most alerts that are open at once. */
  limit: number
  contacts: ContactBook
  company: Company
}

export class AlertBook {
  readonly #options: AlertBookOptions
  readonly #live = new Map<string, LiveAlert>()
  readonly #dirty = new Set<LiveAlert>()
  readonly #byFlow = new Map<FlowFacts, LiveAlert[]>()
  readonly #byClient = new ClientAlerts()
  readonly #agenda = new Agenda<LiveAlert>()
  #out: AlertUpdate[] = []
  #nowUs = 0
  /** Alerts raised. */
  raised = 0
  /** Whether packets are being lost now. */
  lossy = false
  /** Alerts that were closed early because too many were open at once. */
  closedEarly = 0

  constructor(options: AlertBookOptions) {
    this.#options = options
  }

  /** Alerts that are ready to be written out, now and until the next call. */
  get ready(): number {
    return this.#out.length + this.#dirty.size
  }

  /**
   * Makes a new alert of `finding`, or adds the finding to the alert with that id.
   * @param message what was found, where there is no flow of its own to follow
   */
  raise(finding: Finding, message?: Message): void {
    const known = this.#live.get(finding.id)
    const alert = known ?? this.#make(finding)
    if (message) alert.addMessage(finding, message)
    else {
      alert.addFlow(finding)
      this.#follow(alert, finding.flow)
    }
    if (!known) this.#begin(alert)
    this.#goOn(alert, finding.timeUs)
  }

  /** Says that something was seen of `client` that strengthens alerts of some rules. */
  strengthen(client: string, clue: Clue): void {
    this.#options.company.remember(client, clue)
    for (const alert of this.#byClient.of(client, clue.rule.strengthens?.rules ?? [])) {
      if (strengthens(clue, alert.rule.id, alert.span)) this.#addClue(alert, clue)
    }
  }

  /** Has `flow`, while it goes on, an alert of `service`? */
  hasAlert(flow: FlowFacts, service: string): boolean {
    return this.#byFlow.get(flow)?.some(({ rule }) => rule.service === service) === true
  }

  /** The id of the contact that a DNS message of `client` at `timeUs` belongs to, as far as alerts of `rule` go. */
  contactOf(client: string, rule: RuleHead, timeUs: number): string {
    return this.#options.contacts.touch(client, contactKey(rule), timeUs).id
  }

  /** Says that something of weight changed in a flow that has alerts: the server answered. */
  flowChanged(flow: FlowFacts): void {
    for (const alert of this.#byFlow.get(flow) ?? []) this.#write(alert)
  }

  /** Says that a flow is over; its figures are taken now. */
  flowEnded(flow: FlowFacts): void {
    for (const alert of this.#byFlow.get(flow) ?? []) {
      alert.endFlow(flow)
      this.#goOn(alert, alert.span.lastUs)
      if (alert.finding.lasts === 'flow' && this.#lingerUs(alert) === 0) this.#close(alert)
      else this.#lookAgain(alert)
    }
    this.#byFlow.delete(flow)
  }

  /** Lets packet time pass: refreshes long flows, closes what is over. */
  advance(nowUs: number): void {
    this.#nowUs = nowUs
    const due = this.#agenda.take(nowUs).sort((a, b) => a.finding.timeUs - b.finding.timeUs) // as they were raised
    for (const alert of due) {
      if (this.#dueUs(alert) >= nowUs) this.#lookAgain(alert)
      else if (alert.flows.size === 0) this.#close(alert)
      else {
        this.#refresh(alert)
        this.#lookAgain(alert)
      }
    }
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

  #make(finding: Finding): LiveAlert {
    const alert = new LiveAlert(finding, this.lossy)
    this.#live.set(finding.id, alert)
    this.#byClient.add(alert)
    return alert
  }

  /** A new alert has its first finding: waits for company, or is raised. */
  #begin(alert: LiveAlert): void {
    const { needs } = alert.rule
    if (needs && !this.#hasCompany(alert, needs)) {
      this.#byClient.withhold(alert)
      alert.contact = this.#options.contacts.touch(alert.client, contactKey(alert.rule), alert.finding.timeUs)
    } else this.#release(alert)
    this.#lookAgain(alert)
    if (this.#live.size > this.#options.limit) {
      this.closedEarly++
      this.#close(this.#live.values().next().value!)
    }
  }

  /** An alert leaves from now on, and so do those that waited for it. */
  #release(first: LiveAlert): void {
    const released = [first]
    for (const alert of released) {
      alert.contact = this.#options.contacts.touch(alert.client, alert.rule.service, alert.finding.timeUs)
      alert.addUse()
      this.raised++
      for (const clue of this.#options.company.cluesFor(alert.client, alert.rule.id, alert.span)) {
        this.#addClue(alert, clue)
      }
      this.#write(alert)
      for (const other of this.#byClient.withheldOf(alert.client)) {
        if (!meetsNeed(other.rule.needs!, other.span, alert.rule.id, alert.span)) continue
        this.#byClient.release(other)
        released.push(other)
      }
    }
  }

  #hasCompany(alert: LiveAlert, needs: Nearby): boolean {
    for (const other of this.#byClient.of(alert.client, needs.rules)) {
      if (other !== alert && !other.isWithheld && meetsNeed(needs, alert.span, other.rule.id, other.span)) return true
    }
    return false
  }

  #addClue(alert: LiveAlert, clue: Clue): void {
    if (alert.addBeside(clue.evidence, clueWords(clue, alert.span.firstUs))) this.#write(alert)
  }

  #follow(alert: LiveAlert, flow: FlowFacts): void {
    const alerts = this.#byFlow.get(flow)
    if (!alerts) this.#byFlow.set(flow, [alert])
    else if (!alerts.includes(alert)) alerts.push(alert)
  }

  /** Something of the alert was seen at `timeUs`: its contact goes on, and what was near it then belongs to it. */
  #goOn(alert: LiveAlert, timeUs: number): void {
    this.#touch(alert, timeUs)
    if (!alert.isWithheld) {
      const moment = { firstUs: timeUs, lastUs: timeUs }
      for (const clue of this.#options.company.cluesFor(alert.client, alert.rule.id, moment)) this.#addClue(alert, clue)
    }
    this.#write(alert)
  }

  /** Keeps the alert's contact going. */
  #touch(alert: LiveAlert, timeUs: number): void {
    const { client, rule } = alert
    this.#options.contacts.touch(client, alert.isWithheld ? contactKey(rule) : rule.service, timeUs)
  }

  #write(alert: LiveAlert): void {
    if (!alert.isWithheld) this.#dirty.add(alert)
  }

  #refresh(alert: LiveAlert): void {
    alert.writtenUs = this.#nowUs
    this.#goOn(alert, alert.span.lastUs)
  }

  #lookAgain(alert: LiveAlert): void {
    this.#agenda.put(alert, this.#dueUs(alert))
  }

  /** Past this time the alert is over or, while a flow of it goes on, its figures are told again. */
  #dueUs(alert: LiveAlert): number {
    const { lasts } = alert.finding
    if (alert.flows.size > 0) return alert.writtenUs + REFRESH_US
    if (lasts === 'contact') return this.#options.contacts.endsUs(alert.client, contactKey(alert.rule))
    return lasts === 'flow' ? alert.span.lastUs + this.#lingerUs(alert) : lasts
  }

  /** How long after its last packet something may still be added to the alert. */
  #lingerUs({ rule }: LiveAlert): number {
    return Math.max(this.#options.company.lingerUs(rule.id), rule.needs?.withinUs ?? 0)
  }

  #close(alert: LiveAlert): void {
    this.#live.delete(alert.finding.id)
    this.#dirty.delete(alert)
    this.#byClient.remove(alert)
    this.#agenda.drop(alert)
    for (const flow of alert.flows) {
      const others = this.#byFlow.get(flow)!.filter((other) => other !== alert)
      if (others.length > 0) this.#byFlow.set(flow, others)
      else this.#byFlow.delete(flow)
    }
    if (!alert.isWithheld) this.#out.push({ alert: this.#record(alert), final: true })
  }

  #record(alert: LiveAlert): Alert {
    alert.writtenUs = Math.max(this.#nowUs, alert.finding.timeUs)
    return alert.record(this.#options)
  }
}

/** What contacts of a rule's alerts are kept under while they wait: those that leave share that of their service. */
function contactKey(rule: RuleHead): string {
  return rule.needs === null ? rule.service : `${rule.service} ${rule.id}`
}
