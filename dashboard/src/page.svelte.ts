/**
 * What the page knows, and how it comes to know it: answers of the API, pushed
 * messages, and the view in the address. Components read these fields and call
 * these methods; nothing else fetches.
 *
 * Bounds: 1,000 alerts and 1,000 contacts in memory; marks of new rows last 8 seconds.
 */

import type { Alert, Contact } from '../../src/events/alert.ts'
import type { LiveMessage, Overview, Timeline } from '../../src/events/api.ts'
import type { Progress } from '../../src/events/batch.ts'
import type { CoverageReport } from '../../src/events/coverage.ts'
import type { Policy } from '../../src/events/rules.ts'
import { getAlert, getAlerts, getContacts, getCoverage, getOverview, getPolicies, getTimeline } from './api.ts'
import { Desk } from './desk.svelte.ts'
import { connectLive, type LiveSocket } from './live.ts'
import { mergeRows } from './rows.ts'
import { type Filter, matches, NO_FILTER, readView, type Tab, toQuery, type View, writeView } from './view.ts'

export const ROWS_MAX = 1000
const PAGE_ROWS = 200
/** How long a new row is marked. */
const MARK_MS = 8000
/** Figures, timeline and contacts follow new alerts at most this often. */
const REFRESH_MS = 3000
/** Rows that are put into the list at once, and the pause after them in which keys are heard. */
const PUSHED_AT_ONCE = 20
const PUSH_PAUSE_MS = 20
/** A screen reader hears of new alerts at most this often. */
const ANNOUNCE_MS = 10_000

export type Link = { state: 'connecting' } | { state: 'connected' } | { state: 'lost'; retryAt: number }

type Part = 'alerts' | 'contacts' | 'timeline' | 'overview' | 'coverage' | 'policies' | 'alert'

export class Page {
  view = $state.raw<View>(readView(location.hash))
  alerts = $state.raw<Alert[]>([])
  alertsTotal = $state(0)
  /** Counts the answers to new filters: then the list is another one and begins at its top. */
  alertsVersion = $state(0)
  contacts = $state.raw<Contact[]>([])
  contactsTotal = $state(0)
  /** Null until the first answer. */
  overview = $state.raw<Overview | null>(null)
  coverage = $state.raw<CoverageReport | null>(null)
  timeline = $state.raw<Timeline | null>(null)
  /** What alerts cite, by id. */
  policies = $state.raw<ReadonlyMap<string, Policy> | null>(null)
  /** The alert in the panel; null when there is none or it is on its way. */
  opened = $state.raw<Alert | null>(null)
  link = $state.raw<Link>({ state: 'connecting' })
  /** Null when no replay is under way. */
  progress = $state.raw<Progress | null>(null)
  /** Why something could not be loaded, by part; empty when all is well. */
  faults = $state.raw<Partial<Record<Part, string>>>({})
  /** Parts that have been answered at least once. */
  loaded = $state.raw<ReadonlySet<Part>>(new Set())
  /** Ids of rows that have just come. */
  fresh = $state.raw<ReadonlySet<string>>(new Set())
  /** The sentence that a screen reader hears of new alerts. */
  announcement = $state('')
  /** What people decide: states and exemptions. */
  readonly desk = new Desk(() => this.reload())

  #version = ''
  /** The filter was changed, and the list is still that of the one before. */
  #isOldList = false
  /** Alerts that were pushed and are not in the list yet. */
  #pushed: Alert[] = []
  #pushTimer: ReturnType<typeof setTimeout> | undefined
  #unannounced: Alert[] = []
  #announceTimer: ReturnType<typeof setTimeout> | undefined
  #refreshTimer: ReturnType<typeof setTimeout> | undefined
  readonly #requests = new Map<Part, AbortController>()

  /** Loads everything and stays connected, until the returned function is called. */
  start(): () => void {
    const readAddress = (): void => this.#show(readView(location.hash))
    window.addEventListener('popstate', readAddress)
    this.reload()
    this.#openFromView()
    const disconnect = connectLive(openSocket, {
      message: (message) => this.#take(message),
      lost: (seconds) => {
        this.link = { state: 'lost', retryAt: Date.now() + seconds * 1000 }
        this.progress = null
      },
    })
    return () => {
      disconnect()
      window.removeEventListener('popstate', readAddress)
      clearTimeout(this.#announceTimer)
      clearTimeout(this.#pushTimer)
      clearTimeout(this.#refreshTimer)
      for (const request of this.#requests.values()) request.abort()
    }
  }

  /** Asks for everything that is shown again. */
  reload(): void {
    this.#loadAlerts()
    if (this.view.tab === 'contacts') this.#loadContacts()
    this.#loadPolicies()
    this.#loadFigures()
  }

  /** Changes filters. While someone types, `step` is false: each letter need not be a step of the Back button. */
  filter(change: Partial<Filter>, step = true): void {
    this.#go({ ...this.view, filter: { ...this.view.filter, ...change } }, step)
  }

  clearFilter(): void {
    this.#go({ ...this.view, filter: NO_FILTER }, true)
  }

  showTab(tab: Tab): void {
    this.#go({ ...this.view, tab, alert: '' }, true)
  }

  /** Shows the alerts of one contact. Its filters would only hide some of them, so they go. */
  showContact(id: string): void {
    this.#go({ tab: 'alerts', alert: '', filter: { ...NO_FILTER, contact: id } }, true)
  }

  /** Shows the alerts that exemptions cover, of any severity. */
  showExempt(): void {
    this.#go({ tab: 'alerts', alert: '', filter: { ...NO_FILTER, state: 'exempt', info: true } }, true)
  }

  /** Opens the panel for an alert; with an empty id it closes. */
  open(id: string): void {
    this.#go({ ...this.view, alert: id }, false)
  }

  loadOlderAlerts(): void {
    if (this.#isOldList) return
    const offset = this.alerts.length
    this.#ask('alerts', async (signal) => {
      const limit = Math.min(PAGE_ROWS, ROWS_MAX - offset)
      const page = await getAlerts({ ...toQuery(this.view.filter), limit, offset }, signal)
      this.alerts = mergeRows(this.alerts, page.alerts, ROWS_MAX, false).rows
      this.alertsTotal = page.total
    })
  }

  loadOlderContacts(): void {
    this.#loadContacts(this.contacts.length + PAGE_ROWS)
  }

  #go(view: View, step: boolean): void {
    const hash = writeView(view)
    if (hash === writeView(this.view)) return
    if (step) history.pushState(null, '', hash)
    else history.replaceState(null, '', hash)
    this.#show(view)
  }

  #show(view: View): void {
    const before = this.view
    this.view = view
    if (JSON.stringify(view.filter) !== JSON.stringify(before.filter)) {
      this.#loadAlerts(true)
      if (view.filter.from !== before.filter.from || view.filter.to !== before.filter.to) this.#loadTimeline()
      if (view.tab === 'contacts') this.#loadContacts(PAGE_ROWS)
    } else if (view.tab === 'contacts' && before.tab !== 'contacts') this.#loadContacts()
    this.#openFromView()
  }

  /** The panel follows the address; an alert that is not in the list is asked for. */
  #openFromView(): void {
    const id = this.view.alert
    this.#requests.get('alert')?.abort()
    this.#settle('alert', null)
    if (this.opened?.id === id) return
    this.opened = this.alerts.find((alert) => alert.id === id) ?? null
    if (id === '' || this.opened !== null) return
    this.#ask('alert', async (signal) => {
      this.opened = await getAlert(id, signal)
    })
  }

  /** The first rows again: as many as there are, so that a reader does not lose the place; a page for new filters. */
  #loadAlerts(isNew = false): void {
    // another reload may replace the first question about new filters
    if (isNew) this.#isOldList = true
    this.#ask('alerts', async (signal) => {
      const limit = this.#isOldList ? PAGE_ROWS : Math.min(ROWS_MAX, Math.max(PAGE_ROWS, this.alerts.length))
      const page = await getAlerts({ ...toQuery(this.view.filter), limit }, signal)
      const newest = this.alerts[0]?.first_seen ?? ''
      this.alerts = mergeRows([], page.alerts, ROWS_MAX, false).rows
      this.alertsTotal = page.total
      if (this.#isOldList) this.alertsVersion++
      else if (newest !== '') this.#tell(this.alerts.filter((alert) => alert.first_seen > newest))
      this.#isOldList = false
      this.#renewOpened(page.alerts)
    })
  }

  #loadContacts(rows = this.contacts.length): void {
    this.#ask('contacts', async (signal) => {
      const { text, category, confidence, info, from, to } = this.view.filter
      const query = toQuery({ ...NO_FILTER, text, category, confidence, info, from, to })
      const page = await getContacts({ ...query, limit: Math.min(ROWS_MAX, Math.max(PAGE_ROWS, rows)) }, signal)
      this.contacts = page.contacts
      this.contactsTotal = page.total
    })
  }

  #loadFigures(): void {
    void this.desk.load()
    this.#ask('coverage', async (signal) => {
      this.coverage = await getCoverage(signal)
    })
    this.#ask('overview', async (signal) => {
      this.overview = await getOverview(signal)
    })
    this.#loadTimeline()
  }

  #loadPolicies(): void {
    this.#ask('policies', async (signal) => {
      this.policies = new Map((await getPolicies(signal)).map((policy) => [policy.id, policy]))
    })
  }

  #loadTimeline(): void {
    const { from, to } = toQuery(this.view.filter)
    this.#ask('timeline', async (signal) => {
      this.timeline = await getTimeline(
        { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
        signal,
      )
    })
  }

  /** Runs a question to the server; a newer one for the same part replaces it. */
  async #ask(part: Part, question: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#requests.get(part)?.abort()
    const request = new AbortController()
    this.#requests.set(part, request)
    try {
      await question(request.signal)
      this.#settle(part, null)
    } catch (error) {
      if (!request.signal.aborted) this.#settle(part, error instanceof Error ? error.message : String(error))
    }
  }

  #settle(part: Part, fault: string | null): void {
    const { [part]: known, ...others } = this.faults
    if (fault !== (known ?? null)) this.faults = fault === null ? others : { ...others, [part]: fault }
    if (fault === null && !this.loaded.has(part)) this.loaded = new Set([...this.loaded, part])
  }

  #take(message: LiveMessage): void {
    switch (message.type) {
      case 'hello':
        // A page that stays open for months must not talk to a newer sensor with old code.
        if (this.#version !== '' && this.#version !== message.version) location.reload()
        this.#version = message.version
        this.link = { state: 'connected' }
        // What came while the connection was away was not pushed.
        this.reload()
        break
      case 'alerts':
        this.#pushed.push(...message.alerts)
        this.#takePushed()
        break
      case 'reload':
        this.#loadAlerts()
        this.#loadPolicies()
        this.#refreshSoon()
        break
      case 'progress':
        this.progress = message.progress.done ? null : message.progress
        if (message.progress.done) this.reload()
        break
    }
  }

  /** A few at a time: hundreds of rows at once would hold up the reader's keys for a second. */
  #takePushed(): void {
    if (this.#pushTimer !== undefined) return
    this.#takeAlerts(this.#pushed.splice(0, PUSHED_AT_ONCE))
    if (this.#pushed.length === 0) return
    this.#pushTimer = setTimeout(() => {
      this.#pushTimer = undefined
      this.#takePushed()
    }, PUSH_PAUSE_MS)
  }

  #takeAlerts(alerts: Alert[]): void {
    const fitting = alerts.filter((alert) => matches(alert, this.view.filter))
    const more = this.alertsTotal > this.alerts.length
    const { rows, added } = mergeRows(this.alerts, fitting, ROWS_MAX, more)
    // One that somebody closed, or that is exempt by now, may have left the list.
    const left = new Set(alerts.filter((alert) => !fitting.includes(alert)).map(({ id }) => id))
    this.alerts = rows.filter(({ id }) => !left.has(id))
    this.alertsTotal += added.length - (rows.length - this.alerts.length)
    this.#renewOpened(alerts)
    const isAdded = new Set(added)
    this.#tell(fitting.filter((alert) => isAdded.has(alert.id)))
    this.#refreshSoon()
  }

  #renewOpened(alerts: Alert[]): void {
    const id = this.view.alert
    if (id !== '') this.opened = alerts.find((alert) => alert.id === id) ?? this.opened
  }

  /** Marks alerts that have just come, and lets a screen reader say so a little later. */
  #tell(alerts: Alert[]): void {
    if (alerts.length === 0) return
    this.#announceLater(alerts)
    const ids = alerts.map((alert) => alert.id)
    this.fresh = new Set([...this.fresh, ...ids])
    setTimeout(() => {
      const ended = new Set(ids)
      this.fresh = new Set([...this.fresh].filter((id) => !ended.has(id)))
    }, MARK_MS)
  }

  #announceLater(alerts: Alert[]): void {
    this.#unannounced = [...this.#unannounced, ...alerts].slice(-ROWS_MAX)
    this.#announceTimer ??= setTimeout(() => {
      const { length } = this.#unannounced
      const high = this.#unannounced.filter((alert) => alert.severity === 'high').length
      this.announcement = `${length} new alert${length === 1 ? '' : 's'}, ${high} of high severity`
      this.#unannounced = []
      this.#announceTimer = undefined
    }, ANNOUNCE_MS)
  }

  #refreshSoon(): void {
    this.#refreshTimer ??= setTimeout(() => {
      this.#refreshTimer = undefined
      this.#loadFigures()
      if (this.view.tab === 'contacts') this.#loadContacts()
    }, REFRESH_MS)
  }
}

function openSocket(): LiveSocket {
  const address = new URL('api/live', document.baseURI)
  address.protocol = address.protocol.replace('http', 'ws')
  const connection = new WebSocket(address)
  const socket: LiveSocket = { onmessage: null, onclose: null, close: () => connection.close() }
  connection.onmessage = (event) => socket.onmessage?.(event)
  connection.onclose = () => socket.onclose?.()
  return socket
}
