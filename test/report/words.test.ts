/** What is said with numbers, in both languages; spaces that do not break are shown as plain ones. */

import { describe, expect, onTestFinished, test } from 'vitest'
import type { Figures, Report } from '../../src/report/report.ts'
import { textsOf } from '../../src/report/text.ts'
import { type Language, Words } from '../../src/report/words.ts'
import { openStore } from '../../src/store/store.ts'
import { reportOf } from './support.ts'

const plain = (text: string): string => text.replace(/\p{Zs}/gu, ' ')

function reportWith(changes: Partial<Report>, figures: Partial<Figures> = {}): Report {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  const report = reportOf(store)
  Object.assign(report.sections.service.figures, figures)
  return { ...report, services: ['DeepSeek'], ...changes }
}

function answer(language: Language, finding: Report['finding'], figures: Partial<Figures> = {}, services?: string[]) {
  const report = reportWith({ finding, ...(services === undefined ? {} : { services }) }, figures)
  return plain(textsOf(new Words(language, 'UTC')).answer(report))
}

describe('numbers with their words', () => {
  const cs = new Words('cs', 'UTC')
  test.each([
    [0, '0 kontaktů'],
    [1, '1 kontakt'],
    [2, '2 kontakty'],
    [4, '4 kontakty'],
    [5, '5 kontaktů'],
    [21, '21 kontaktů'],
    [22, '22 kontaktů'],
    [101, '101 kontaktů'],
    [1234, '1 234 kontaktů'],
  ])('%d in Czech', (count, want) => expect(plain(cs.counted(count, 'kontakt', 'kontaktů', 'kontakty'))).toBe(want))

  test.each<[Language, string[]]>([
    ['en', ['0 %', '< 0.01 %', '0.05 %', '33.3 %', '> 99.9 %', '100 %', '0 %']],
    ['cs', ['0 %', '< 0,01 %', '0,05 %', '33,3 %', '> 99,9 %', '100 %', '0 %']],
  ])('shares in %s: never nothing or all when it is not', (language, want) => {
    const w = new Words(language, 'UTC')
    const cases: Array<[number, number]> = [
      [0, 9],
      [1, 1e6],
      [1, 2000],
      [1, 3],
      [999_999, 1e6],
      [7, 7],
      [0, 0],
    ]
    expect(cases.map(([part, all]) => plain(w.share(part, all)))).toEqual(want)
  })

  test('bytes, lengths of time, moments and days', () => {
    const prague = new Words('cs', 'Europe/Prague')
    expect([0, 999, 1000, 12_345, 999_600, 1.5e9].map((bytes) => plain(prague.bytes(bytes)))).toEqual([
      '0 B',
      '999 B',
      '1 kB',
      '12 kB',
      '1 MB',
      '1,5 GB',
    ])
    expect([5, 60, 61, 3600, 7320, 200_000].map((seconds) => plain(prague.duration(seconds)))).toEqual([
      '5 s',
      '1 min',
      '1 min 1 s',
      '1 h',
      '2 h 2 min',
      '2 d 7 h',
    ])
    // the same hour of the clock twice, as summer time ends
    expect(plain(prague.moment('2026-10-25T00:30:00.000000Z'))).toBe(
      plain(prague.moment('2026-10-25T01:30:00.000000Z')),
    )
    expect(plain(prague.moment('2026-12-31T23:30:00.000000Z'))).toMatch(/^1\. 1\. 2027 0:30:00$/)
    expect(plain(prague.day('2025-07-10'))).toBe('10. 7. 2025')
    expect(prague.day('2025-08')).toBe('2025-08')
  })
})

describe('the answer', () => {
  test.each<[Language, Report['finding'], Partial<Figures>, RegExp]>([
    ['en', 'none', {}, /^No contact with DeepSeek was seen\.$/],
    ['cs', 'none', {}, /^Nebyl zjištěn žádný kontakt se službou DeepSeek\.$/],
    ['en', 'unknown', {}, /^Nothing can be said: /],
    ['cs', 'unknown', {}, /^Nelze nic říci: /],
    ['en', 'exempt', { exempt_alerts: 1, exempt_clients: 1 }, /but exempt ones: 1 alert of 1 client\.$/],
    ['cs', 'exempt', { exempt_alerts: 5, exempt_clients: 2 }, /vztahují výjimky: 5 upozornění u 2 klientů\.$/],
    [
      'en',
      'attempt',
      { clients_attempt_only: 1 },
      /^No contact in which DeepSeek answered was seen; 1 client tried, or/,
    ],
    ['cs', 'attempt', { clients_attempt_only: 1 }, /pokusil se o něj nebo se DNS ptal 1 klient\.$/],
    ['cs', 'attempt', { clients_attempt_only: 3 }, /pokusili se o něj nebo se DNS ptali 3 klienti\.$/],
    ['cs', 'attempt', { clients_attempt_only: 9 }, /pokusilo se o něj nebo se DNS ptalo 9 klientů\.$/],
    [
      'en',
      'contact',
      { clients: 3, contacts: 5, days: 2, clients_high: 1, clients_standing_for_others: 1, clients_attempt_only: 2 },
      /^Contact with DeepSeek was seen: 3 clients, 5 contacts on 2 days, 1 client of them with high confidence\. 1 client of these is a resolver or proxy: others stand behind\. 2 more clients only tried, or asked DNS\.$/,
    ],
    [
      'cs',
      'contact',
      { clients: 3, contacts: 5, days: 2, clients_high: 1, clients_standing_for_others: 1, clients_attempt_only: 2 },
      /^Byl zjištěn kontakt se službou DeepSeek: 3 klienti, 5 kontaktů, 2 dny, z toho 1 klient s vysokou jistotou\. 1 z těchto klientů je překladač DNS nebo proxy server: stojí za ním někdo další\. 2 další klienti se jen pokusili nebo se ptali DNS\.$/,
    ],
    [
      'en',
      'contact',
      { clients: 1, contacts: 1, days: 1 },
      /: 1 client, 1 contact on 1 day, none of the clients with high/,
    ],
  ])('%s, %s, %j', (language, finding, figures, want) => expect(answer(language, finding, figures)).toMatch(want))

  test('of several services, and of none', () => {
    expect(answer('en', 'none', {}, ['A', 'B'])).toBe('No contact with a watched service (A and B) was seen.')
    expect(answer('cs', 'none', {}, ['A', 'B'])).toBe('Nebyl zjištěn žádný kontakt se sledovanou službou (A a B).')
    expect(answer('cs', 'none', {}, [])).toBe('Nebyl zjištěn žádný kontakt se sledovanou službou.')
  })

  test.each<[Language, RegExp]>([
    [
      'en',
      /^Sensors saw packets in 100 of 720 hours, on 5 of 30 days; no loss is on record, and 50 % of the TLS and QUIC/,
    ],
    [
      'cs',
      /^Senzory viděly pakety během 100 z 720 hodin, 5 z 30 dnů; ztráta paketů není zaznamenána, jméno ukázalo 50 % spojení/,
    ],
  ])('and what traffic that was, in %s', (language, want) => {
    const report = reportWith({})
    const seen = { ...report.watched.seen, packets: 10, tls_flows: 4, tls_named: 2 }
    const watched = { ...report.watched, hours: 720, hours_with_packets: 100, days: 30, days_with_packets: 5, seen }
    expect(plain(textsOf(new Words(language, 'UTC')).basis(watched, report.replayed))).toMatch(want)
  })
})
