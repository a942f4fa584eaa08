/**
 * What the page shows, and its form in the address (`#tab=contacts&text=chat`),
 * so that a view can be shared and the Back button works. Whoever sent the
 * link wrote the address: unknown keys and values fall back to the default.
 */

import type { Category, Confidence, State } from '../../src/events/alert.ts'
import { type Alert, CATEGORIES, CONFIDENCES, INBOX_STATES, SEVERITIES, STATES } from '../../src/events/alert.ts'
import type { AlertQuery } from '../../src/events/api.ts'

export const TABS = ['alerts', 'contacts', 'exemptions', 'runs'] as const
export type Tab = (typeof TABS)[number]

/** Empty text means: not filtered by this. */
export interface Filter {
  text: string
  category: Category | ''
  /** This or stronger; `low` is all. */
  confidence: Confidence
  state: State | ''
  /** Severity info (hosting networks, aggregators) is shown too. */
  info: boolean
  /** Id of a contact. */
  contact: string
  /** RFC 3339. */
  from: string
  to: string
}

export interface View {
  tab: Tab
  /** Id of the alert that is open. */
  alert: string
  filter: Filter
}

export const NO_FILTER: Filter = {
  text: '',
  category: '',
  confidence: 'low',
  state: '',
  info: false,
  contact: '',
  from: '',
  to: '',
}

/** The server refuses a longer one. */
const TEXT_LENGTH_MAX = 256

/** The view that a fragment (`#...`, or empty) stands for. */
export function readView(hash: string): View {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const text = (key: string): string => (given.get(key) ?? '').slice(0, TEXT_LENGTH_MAX)
  return {
    tab: oneOf(TABS, text('tab')) ?? 'alerts',
    alert: text('alert'),
    filter: {
      text: text('text'),
      category: oneOf(CATEGORIES, text('category')) ?? '',
      confidence: oneOf(CONFIDENCES, text('confidence')) ?? 'low',
      state: oneOf(STATES, text('state')) ?? '',
      info: text('info') === '1',
      contact: text('contact'),
      from: time(text('from')),
      to: time(text('to')),
    },
  }
}

/** The fragment of a view, with `#`: only what differs from the default, in a fixed order. */
export function writeView(view: View): string {
  const given = new URLSearchParams()
  const { tab, alert, filter } = view
  if (tab !== 'alerts') given.set('tab', tab)
  if (filter.text !== '') given.set('text', filter.text)
  if (filter.category !== '') given.set('category', filter.category)
  if (filter.confidence !== 'low') given.set('confidence', filter.confidence)
  if (filter.state !== '') given.set('state', filter.state)
  if (filter.info) given.set('info', '1')
  if (filter.contact !== '') given.set('contact', filter.contact)
  if (filter.from !== '') given.set('from', filter.from)
  if (filter.to !== '') given.set('to', filter.to)
  if (alert !== '') given.set('alert', alert)
  return `#${given}`
}

/** The question to the server that a filter stands for. */
export function toQuery(filter: Filter): AlertQuery {
  const query: AlertQuery = {}
  if (filter.text !== '') query.text = filter.text
  if (filter.category !== '') query.category = filter.category
  if (filter.confidence !== 'low') query.confidence = filter.confidence
  query.state = filter.state === '' ? INBOX_STATES : [filter.state]
  if (filter.contact !== '') query.contact = filter.contact
  if (filter.from !== '') query.from = filter.from
  if (filter.to !== '') query.to = filter.to
  if (hidesInfo(filter)) query.severity = 'low'
  return query
}

/** Whether the filter leaves out severity info. Who asks for one category or one contact gets all of it. */
export function hidesInfo(filter: Filter): boolean {
  return !filter.info && filter.category === '' && filter.contact === ''
}

/**
 * Whether an alert that was pushed belongs into the list. The same question as `toQuery` asks, for one
 * alert; where the server judges text a little differently, the next answer of the server is what stays.
 */
export function matches(alert: Alert, filter: Filter): boolean {
  const query = toQuery(filter)
  return (
    (query.category === undefined || alert.category === query.category) &&
    (query.state === undefined || query.state.includes(alert.state)) &&
    (query.contact === undefined || alert.contact === query.contact) &&
    rank(CONFIDENCES, alert.confidence) >= rank(CONFIDENCES, query.confidence ?? 'low') &&
    rank(SEVERITIES, alert.severity) >= rank(SEVERITIES, query.severity ?? 'info') &&
    (query.from === undefined || Date.parse(alert.last_seen) >= Date.parse(query.from)) &&
    (query.to === undefined || Date.parse(alert.first_seen) < Date.parse(query.to)) &&
    (query.text === undefined || seenText(alert).includes(query.text.toLowerCase()))
  )
}

function seenText(alert: Alert): string {
  const { client, server } = alert
  const names = [client.ip, client.name ?? '', ...(client.forwarded_for ?? []), server.ip, server.name ?? '']
  return [...names, ...alert.evidence.map(({ value }) => value)].join('\n').toLowerCase()
}

function rank<T>(list: readonly T[], value: T): number {
  return list.indexOf(value)
}

function oneOf<T extends string>(list: readonly T[], value: string): T | undefined {
  return list.find((entry) => entry === value)
}

function time(value: string): string {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}
