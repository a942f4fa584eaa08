/** Views in the address: shared links are input from strangers, and a filter must mean the same everywhere. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Filter, matches, NO_FILTER, readView, toQuery, writeView } from '../../dashboard/src/view.ts'
import type { Alert } from '../../src/events/alert.ts'
import { makeAlert } from '../support/alerts.ts'
import { fuzz } from '../support/random.ts'

describe('readView', () => {
  const plain = { tab: 'alerts', alert: '', filter: NO_FILTER }

  test.each([
    '',
    '#',
    '#tab=nowhere',
    '#tab=__proto__&category=constructor&confidence=toString&state=valueOf',
    '#category=hosting%27--&confidence=HIGH&info=true',
    '#from=yesterday&to=%3Cscript%3E',
    '#%',
    '#=&&==',
  ])('%j is the plain view', (hash) => {
    expect(readView(hash)).toEqual(plain)
  })

  test('a full address', () => {
    expect(
      readView(
        '#tab=contacts&text=a%26b%3D%C4%8D&category=lookalike&confidence=medium&state=exempt&info=1&contact=c1' +
          '&from=2025-07-10T00%3A00%3A00Z&to=2025-07-11&alert=a1',
      ),
    ).toEqual({
      tab: 'contacts',
      alert: 'a1',
      filter: {
        text: 'a&b=č',
        category: 'lookalike',
        confidence: 'medium',
        state: 'exempt',
        info: true,
        contact: 'c1',
        from: '2025-07-10T00:00:00.000Z',
        to: '2025-07-11T00:00:00.000Z',
      },
    })
  })

  test('an endless text is cut', () => {
    expect(readView(`#text=${'x'.repeat(100_000)}`).filter.text).toHaveLength(256)
  })

  test('what is written is read back, for any address a stranger may send', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ maxLength: 40 }), (text, noise) => {
        const view = readView(`#${new URLSearchParams({ text })}&${noise}`)
        expect(readView(writeView(view))).toEqual(view)
      }),
      fuzz(300),
    )
  })

  test('the plain view needs no address', () => {
    expect(writeView(readView(''))).toBe('#')
  })
})

const INBOX = ['new', 'acknowledged', 'escalated', 'closed']

describe('toQuery', () => {
  const stories: Array<[story: string, change: Partial<Filter>, query: object]> = [
    ['by default, info and what is exempt are hidden', {}, { severity: 'low', state: INBOX }],
    ['info shown', { info: true }, { state: INBOX }],
    ['who asks for hosting gets it, though it is info', { category: 'hosting' }, { category: 'hosting', state: INBOX }],
    ['a contact is shown whole', { contact: 'c1' }, { contact: 'c1', state: INBOX }],
    ['any confidence needs no filter', { confidence: 'low', info: true }, { state: INBOX }],
    [
      'all together',
      { text: 'chat', confidence: 'high', state: 'new', from: 'F', to: 'T' },
      { text: 'chat', confidence: 'high', state: ['new'], from: 'F', to: 'T', severity: 'low' },
    ],
  ]
  test.each(stories)('%s', (_story, change, query) => {
    expect(toQuery({ ...NO_FILTER, ...change })).toEqual(query)
  })
})

describe('matches', () => {
  const alert = makeAlert('a1', {
    confidence: 'medium',
    evidence: [
      { kind: 'tls_sni', value: 'Chat.DeepSeek.com', packet: 4, file: 'a.pcap', time: '2025-07-10T10:00:00.000000Z' },
    ],
    client: { ip: '192.0.2.7', port: 40000 },
    server: { ip: '3.173.21.63', port: 443 },
    first_seen: '2025-07-10T10:00:00.000000Z',
    last_seen: '2025-07-10T10:05:00.000000Z',
    contact: 'c1',
  })
  const stories: Array<[story: string, change: Partial<Filter>, alert: Partial<Alert>, answer: boolean]> = [
    ['the plain view', {}, {}, true],
    ['info is hidden', {}, { severity: 'info' }, false],
    ['info is shown', { info: true }, { severity: 'info' }, true],
    ['info of the category asked for', { category: 'hosting' }, { severity: 'info', category: 'hosting' }, true],
    ['another category', { category: 'lookalike' }, {}, false],
    ['exactly as sure as asked', { confidence: 'medium' }, {}, true],
    ['not sure enough', { confidence: 'high' }, {}, false],
    ['another state', { state: 'exempt' }, {}, false],
    ['another contact', { contact: 'c2' }, {}, false],
    ['a name without case', { text: 'cHAT.deep' }, {}, true],
    ['an address of the client', { text: '192.0.2.7' }, {}, true],
    [
      'an address behind a proxy',
      { text: '10.9.8.7' },
      { client: { ip: '192.0.2.7', port: 1, forwarded_for: ['10.9.8.7'] } },
      true,
    ],
    ['no name joins with the next', { text: '7\n3' }, { client: { ip: '192.0.2.7', port: 1, name: '' } }, false],
    ['a pattern is only text', { text: 'chat.*com' }, {}, false],
    ['ends as the range begins', { from: '2025-07-10T10:05:00.000Z' }, {}, true],
    ['ended before the range', { from: '2025-07-10T10:05:00.001Z' }, {}, false],
    ['begins as the range ends', { to: '2025-07-10T10:00:00.000Z' }, {}, false],
    ['begins within the range', { to: '2025-07-10T10:00:00.001Z' }, {}, true],
  ]
  test.each(stories)('%s', (_story, change, different, answer) => {
    expect(matches({ ...alert, ...different }, { ...NO_FILTER, ...change })).toBe(answer)
  })
})
