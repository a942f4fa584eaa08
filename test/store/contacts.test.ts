import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { microseconds } from '../../src/bytes/time.ts'
import { type Alert, CATEGORIES, CONFIDENCES, type Contact, SEVERITIES, USES } from '../../src/events/alert.ts'
import type { AlertUpdate } from '../../src/events/batch.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert, NINE_O_CLOCK } from '../support/alerts.ts'
import { fuzz, random } from '../support/random.ts'

const GAP_US = 30 * 60e6

/** The contacts that a list of final alerts makes: sort, and cut where it was quiet for longer than 30 minutes. */
function obviousContacts(alerts: Alert[]): Contact[] {
  const groups: Alert[][] = []
  const sorted = alerts.toSorted((a, b) => microseconds(a.first_seen) - microseconds(b.first_seen))
  for (const key of new Set(sorted.map((alert) => `${alert.client.ip} ${alert.service}`))) {
    let end = Number.NEGATIVE_INFINITY
    for (const alert of sorted.filter((alert) => `${alert.client.ip} ${alert.service}` === key)) {
      if (microseconds(alert.first_seen) - end > GAP_US) groups.push([])
      groups.at(-1)!.push(alert)
      end = Math.max(end, microseconds(alert.last_seen))
    }
  }
  return groups.map(contactOf)
}

function contactOf(alerts: Alert[]): Contact {
  const count = new Map<string, number>()
  for (const { evidence } of alerts) count.set(evidence[0]!.value, (count.get(evidence[0]!.value) ?? 0) + 1)
  const strongest = <T>(words: readonly T[], of: (alert: Alert) => T): T =>
    words[Math.max(...alerts.map((alert) => words.indexOf(of(alert))))]!
  const confidence = strongest(CONFIDENCES, (alert) => alert.confidence)
  const best = alerts.filter((alert) => alert.confidence === confidence).sort((a, b) => (a.id < b.id ? -1 : 1))[0]!
  const used = alerts
    .filter(({ use }) => use !== null)
    .sort((a, b) => USES.indexOf(a.use!) - USES.indexOf(b.use!) || (a.id < b.id ? -1 : 1))[0]
  const first = alerts[0]!
  const oldest = alerts
    .filter((a) => a.first_seen === first.first_seen)
    .sort((a, b) => (a.contact < b.contact ? -1 : 1))
  return {
    id: oldest[0]!.contact,
    client: first.client.ip,
    service: first.service,
    category: CATEGORIES.find((category) => alerts.some((alert) => alert.category === category))!,
    severity: strongest(SEVERITIES, (alert) => alert.severity),
    confidence,
    attempt: alerts.every((alert) => alert.attempt),
    alerts: alerts.filter((alert) => alert.state !== 'exempt').length,
    exempt: alerts.filter((alert) => alert.state === 'exempt').length,
    names: [...count]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([name]) => name)
      .slice(0, 20),
    reasons: best.reasons,
    use: used?.use ?? null,
    use_reason: used?.use_reason ?? '',
    bytes_out: alerts.reduce((sum, alert) => sum + alert.bytes_out, 0),
    bytes_in: alerts.reduce((sum, alert) => sum + alert.bytes_in, 0),
    first_seen: first.first_seen,
    last_seen: alerts
      .map((alert) => alert.last_seen)
      .sort()
      .at(-1)!,
  }
}

/** As the sensor does it: within a run, a contact's id comes from its first alert. */
function asRuns(alerts: Alert[], runs: number): void {
  for (let run = 0; run < runs; run++) {
    const ofRun = alerts.filter((_, index) => index % runs === run)
    for (const contact of obviousContacts(ofRun)) {
      const from = microseconds(contact.first_seen)
      const to = microseconds(contact.last_seen)
      for (const alert of ofRun) {
        const at = microseconds(alert.first_seen)
        const isSame = alert.client.ip === contact.client && alert.service === contact.service
        if (isSame && at >= from && at <= to) alert.contact = `${contact.client}-${contact.service}-${from}`
      }
    }
  }
}

const anAlert = fc.record({
  minute: fc.integer({ min: 0, max: 500 }),
  lengthMinutes: fc.constantFrom(0, 0, 1, 5, 40),
  client: fc.constantFrom('192.0.2.1', '192.0.2.1', '2001:db8::1'),
  service: fc.constantFrom('DeepSeek', 'DeepSeek', 'DeepSeek', 'Other'),
  name: fc.constantFrom('chat.deepseek.com', '%', "a'b", 'x\0y'),
  category: fc.constantFrom(...CATEGORIES),
  severity: fc.constantFrom(...SEVERITIES),
  confidence: fc.constantFrom(...CONFIDENCES),
  attempt: fc.boolean(),
  bytes: fc.nat(1000),
  use: fc.constantFrom(null, ...USES),
})

function build(id: string, from: typeof anAlert extends fc.Arbitrary<infer T> ? T : never): Alert {
  const { minute, lengthMinutes, client, service, name, bytes, ...changes } = from
  const alert = makeAlert(id, {
    minute,
    service,
    state: bytes % 3 === 0 ? 'exempt' : 'new',
    ...changes,
    bytes_out: bytes,
    bytes_in: 2 * bytes,
    reasons: [`because ${id}`],
    use_reason: changes.use === null ? '' : `used ${id}`,
  })
  alert.last_seen = makeAlert('', { minute: minute + lengthMinutes }).first_seen
  alert.client = { ip: client, port: 50000 }
  alert.evidence[0]!.value = name
  return alert
}

/** How an alert looked when it was first written: shorter, weaker, under another name. */
function young(alert: Alert): AlertUpdate {
  const evidence = [{ ...alert.evidence[0]!, value: 'not.known.yet' }]
  return {
    final: false,
    alert: {
      ...alert,
      evidence: [],
      last_seen: alert.first_seen,
      bytes_in: 0,
      bytes_out: 0,
      confidence: 'low',
      severity: 'info',
      attempt: true,
      use: null,
      use_reason: '',
      category: alert.category,
      server: { ip: '198.51.100.9', port: 443, name: evidence[0]!.value },
    },
  }
}

const byId = (contacts: Contact[]): Contact[] => contacts.toSorted((a, b) => (a.id < b.id ? -1 : 1))

describe('contacts', () => {
  test('are what sorting and cutting would give, in whatever order their alerts arrive', () => {
    const reached = { several: 0, merged: 0, split: 0, joined: 0 }
    fc.assert(
      fc.property(
        fc.array(anAlert, { minLength: 1, maxLength: 18, size: 'max' }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(2 ** 31),
        (list, runs, seed) => {
          const alerts = list.map((from, index) => build(`alert-${String(index).padStart(2, '0')}`, from))
          asRuns(alerts, runs)
          const expected = byId(obviousContacts(alerts))
          const below = random(seed)
          const updates: AlertUpdate[] = alerts.flatMap((alert) => [
            young(alert),
            { alert, final: true },
            { alert, final: true },
          ])
          const shuffled = updates.map((update) => ({ update, at: below(1000) })).sort((a, b) => a.at - b.at)
          const store = openStore(':memory:')
          let most = 0
          while (shuffled.length > 0) {
            store.write({ observations: [], alerts: shuffled.splice(0, 1 + below(4)).map(({ update }) => update) })
            most = Math.max(most, store.contacts({}).total)
          }
          const { contacts, total } = store.contacts({ limit: 1000 })
          expect(byId(contacts)).toEqual(expected)
          expect(total).toBe(expected.length)
          for (const { id, alerts, exempt } of expected)
            expect(store.alerts({ contact: id }).total).toBe(alerts + exempt)
          store.close()
          if (most > expected.length) reached.joined++
          if (expected.length > 1) reached.several++
          if (new Set(alerts.map((alert) => alert.contact)).size > expected.length) reached.merged++
          if (new Set(alerts.map((alert) => `${alert.client.ip} ${alert.service}`)).size < expected.length)
            reached.split++
        },
      ),
      fuzz(150),
    )
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(5)
  })

  test.each([
    ['exactly 30 minutes of silence is one contact', 30 + 10 / 60, 1],
    ['a moment more is two', 30 + 10.001 / 60, 2],
  ])('%s', (_, minute, expected) => {
    const store = openStore(':memory:')
    store.write(batchOf(makeAlert('a'), makeAlert('b', { minute })))
    expect(store.contacts({}).total).toBe(expected)
    store.close()
  })

  test('what comes between joins two contacts under the older id, and says so', () => {
    const store = openStore(':memory:')
    store.write(batchOf(makeAlert('a'), makeAlert('c', { minute: 50 })))
    expect(store.contacts({}).total).toBe(2)
    const { added } = store.write(batchOf(makeAlert('b', { minute: 25 })))
    expect(added[0]?.contact).toBe('contact-a')
    expect(store.contacts({}).contacts).toMatchObject([{ id: 'contact-a', alerts: 3 }])
    expect(store.alert('c')?.contact).toBe('contact-a')
    store.close()
  })

  test('also when the older one has fewer alerts', () => {
    const store = openStore(':memory:')
    store.write(batchOf(makeAlert('c', { minute: 50 }), makeAlert('d', { minute: 51 }), makeAlert('a')))
    store.write(batchOf(makeAlert('b', { minute: 25 })))
    expect(store.contacts({}).contacts).toMatchObject([{ id: 'contact-a', alerts: 4 }])
    store.close()
  })

  test('an older capture read later gives the contact its id', () => {
    const store = openStore(':memory:')
    store.write(batchOf(makeAlert('b', { minute: 20 })))
    store.write(batchOf(makeAlert('a')))
    expect(store.alert('b')?.contact).toBe('contact-a')
    store.close()
  })

  test('the word of the sensor joins what its last word has not reached yet', () => {
    const store = openStore(':memory:')
    const long = makeAlert('a', { contact: 'one' })
    store.write({ observations: [], alerts: [{ alert: long, final: false }] })
    store.write(batchOf(makeAlert('x', { minute: 100, contact: 'between' })))
    store.write(batchOf(makeAlert('b', { minute: 200, contact: 'one' })))
    expect(store.contacts({}).contacts).toMatchObject([{ id: 'one', alerts: 3 }])
    store.close()
  })

  test('the same id of another client or service is another contact', () => {
    const store = openStore(':memory:')
    const other = makeAlert('b', { contact: 'one', client: { ip: '192.0.2.99', port: 1 } })
    store.write(
      batchOf(makeAlert('a', { contact: 'one' }), other, makeAlert('c', { contact: 'one', service: 'Other' })),
    )
    expect(store.contacts({}).total).toBe(3)
    store.close()
  })

  test('at most 20 names, those of most alerts first', () => {
    const store = openStore(':memory:')
    const alerts = Array.from({ length: 60 }, (_, i) => {
      const alert = makeAlert(`a${i}`, { minute: i })
      alert.evidence[0]!.value = i < 10 ? 'often.example' : `n${i}.example`
      return alert
    })
    store.write(batchOf(...alerts))
    const { names } = store.contacts({}).contacts[0]!
    expect(names).toHaveLength(20)
    expect(names.slice(0, 2)).toEqual(['often.example', 'n10.example'])
    store.close()
  })

  test('a name that an alert no longer stands for is gone', () => {
    const store = openStore(':memory:')
    const alert = makeAlert('a')
    store.write({ observations: [], alerts: [young(alert)] })
    expect(store.contacts({}).contacts[0]?.names).toEqual(['not.known.yet'])
    store.write(batchOf(alert))
    expect(store.contacts({}).contacts[0]?.names).toEqual(['chat.deepseek.com'])
    store.close()
  })

  test('times before nine and far away do not disturb it', () => {
    const store = openStore(':memory:')
    const early = makeAlert('early', { minute: -NINE_O_CLOCK / 60e6 })
    const late = makeAlert('late', { minute: 60 * 24 * 365 * 200 })
    store.write(batchOf(late, makeAlert('a'), early))
    expect(store.contacts({}).contacts.map((contact) => contact.id)).toEqual([
      'contact-late',
      'contact-a',
      'contact-early',
    ])
    expect(store.timeline({}).time.length).toBeLessThanOrEqual(500)
    store.close()
  })
})
