import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { coverTest } from '../../src/detect/exemption.ts'
import type { Server, ServerOptions } from '../../src/server/http.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { makeDraft, makeExemption, minute } from '../support/exemptions.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Answer, ask, testServer } from './support.ts'

interface Desk {
  server: Server
  store: Store
  post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>
}

/** A server that lets people change something, over the alerts `a` (9:10) and `b` (10:10) of 192.0.2.10. */
async function desk(options: Partial<ServerOptions> = { covers: coverTest }): Promise<Desk> {
  const { server, store } = await testServer(options)
  store.write(batchOf(makeAlert('a', { minute: 10 }), makeAlert('b', { minute: 70 })))
  const origin = new URL(server.url).origin
  const post: Desk['post'] = (path, body, headers = {}) =>
    ask(server, path, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { server, store, post }
}

const RULES = { rules: ['deepseek-service', 'hosting-cn'], policies: [], feeds: [] }
const EXEMPTION = makeDraft({ client: '192.0.2.10' })
const ADD = { by: 'Eva', exemption: EXEMPTION }

describe('exemptions', () => {
  test('of a rule that no pack has are kept, and it is said', async () => {
    const { post } = await desk({ covers: coverTest, rules: () => RULES })
    const exemption = makeDraft({ client: '192.0.2.10', rule: 'deepsek-service' })
    const warnings = [
      'No rule in force has the id "deepsek-service", so this covers nothing as it is; did you mean deepseek-service?',
    ]
    const preview = await post('/api/exemptions/preview', { exemption, days: 1 })
    expect(JSON.parse(preview.body)).toMatchObject({ total: 0, warnings })
    const { status, body } = await post('/api/exemptions', { by: 'Eva', exemption })
    expect([status, JSON.parse(body).warnings]).toEqual([201, warnings])
    const known = { by: 'Eva', exemption: makeDraft({ client: '192.0.2.10', rule: 'hosting-cn' }) }
    expect(JSON.parse((await post('/api/exemptions', known)).body).warnings).toEqual([])
  })

  test('of which not all could be previewed, and it is said', async () => {
    const { store, post } = await desk()
    const all = store.previewExemption.bind(store)
    store.previewExemption = (draft, sinceUs, make) => all(draft, sinceUs, make, 1)
    const { body } = await post('/api/exemptions/preview', { exemption: EXEMPTION, days: 36_500 })
    expect(JSON.parse(body)).toMatchObject({
      total: 1,
      warnings: ['Only the newest 1 alerts of these days were looked at, so it may be more; ask for fewer days'],
    })
  })

  test('are added, previewed, listed, ended, and written down', async () => {
    const { server, store, post } = await desk()
    const preview = await post('/api/exemptions/preview', { exemption: EXEMPTION, days: 36_500 })
    expect(preview.status).toBe(200)
    expect(JSON.parse(preview.body)).toMatchObject({ total: 2, clients: 1, now: 1, alerts: [{ id: 'b' }, { id: 'a' }] })
    expect(store.exemptions()).toEqual([])

    const added = await post('/api/exemptions', { ...ADD, note: 'asked by phone' })
    expect(added.status).toBe(201)
    const { exemption, covered } = JSON.parse(added.body)
    expect([exemption.created_by, covered]).toEqual(['Eva', 1])
    const listed = JSON.parse((await ask(server, '/api/exemptions')).body)
    expect(listed.exemptions).toMatchObject([{ id: exemption.id, alerts: 1, scope: { client: '192.0.2.10' } }])
    expect(JSON.parse((await ask(server, '/api/alerts?state=exempt')).body)).toMatchObject({
      alerts: [{ id: 'a', exemption: exemption.id }],
    })

    const ended = await post(`/api/exemptions/${exemption.id}/end`, { by: 'Jan', at: minute(5) })
    expect(JSON.parse(ended.body)).toMatchObject({ freed: 1, exemption: { end: minute(5) } })
    expect(store.alert('a')!.state).toBe('new')
    const { entries } = JSON.parse((await ask(server, `/api/audit?subject=${exemption.id}`)).body)
    expect(entries).toMatchObject([
      { action: 'exemption.end', who: 'Jan', via: 'page at 127.0.0.1' },
      { action: 'exemption.add', who: 'Eva', note: 'asked by phone' },
    ])
  })

  test.each<[name: string, path: string, body: unknown, status: number, detail: RegExp]>([
    ['no name', '/api/exemptions', { exemption: EXEMPTION }, 400, /^by: is missing; write your name/],
    ['a name of blanks', '/api/exemptions', { ...ADD, by: '  ' }, 400, /^by: is empty/],
    ['a name with an escape', '/api/exemptions', { ...ADD, by: 'a\x1b' }, 400, /^by: holds control characters/],
    ['no exemption', '/api/exemptions', { by: 'Eva' }, 400, /^exemption: is no exemption|^exemption: /],
    [
      'no end',
      '/api/exemptions',
      { by: 'E', exemption: { ...EXEMPTION, end: undefined } },
      400,
      /exemption\.end: is missing: an exemption always has an end; write 2026-12-24T18:00:00Z/,
    ],
    [
      'a day as end',
      '/api/exemptions',
      { by: 'E', exemption: { ...EXEMPTION, end: '2026-12-24' } },
      400,
      /exemption\.end: .* is no time/,
    ],
    [
      'everybody',
      '/api/exemptions',
      { by: 'E', exemption: { ...EXEMPTION, scope: { rule: 'x' } } },
      400,
      /exemption\.scope: names no client/,
    ],
    [
      'a range with a mistake',
      '/api/exemptions',
      { by: 'E', exemption: { ...EXEMPTION, scope: { client: '10.0.0.1/8' } } },
      400,
      /write 10\.0\.0\.0\/8/,
    ],
    ['more than is known', '/api/exemptions', { ...ADD, admin: true }, 400, /"admin": not known here/],
    ['__proto__', '/api/exemptions', '{"by":"E","__proto__":{"x":1}}', 400, /cannot be read|not known here/],
    ['a list', '/api/exemptions', [], 400, /must be a JSON object/],
    ['null', '/api/exemptions', null, 400, /must be a JSON object/],
    ['half of it', '/api/exemptions', '{"by":', 400, /cannot be read/],
    ['too much', '/api/exemptions', { ...ADD, note: 'x'.repeat(70_000) }, 413, /cannot be read/],
    ['none', '/api/exemptions/ex-0/end', { by: 'E' }, 404, /No exemption has this id/],
    ['no alerts', '/api/alerts/state', { by: 'E', state: 'closed', ids: [] }, 400, /^ids: names no alert/],
    [
      'too many',
      '/api/alerts/state',
      { by: 'E', state: 'closed', ids: Array(1001).fill('a') },
      400,
      /^ids: names more than 1000/,
    ],
    [
      'exempt by hand',
      '/api/alerts/state',
      { by: 'E', state: 'exempt', ids: ['a'] },
      400,
      /^state: is none of new, acknowledged/,
    ],
    [
      'an unknown alert',
      '/api/alerts/state',
      { by: 'E', state: 'closed', ids: ['a', 'z'] },
      400,
      /there is no alert "z"/,
    ],
    ['days without end', '/api/exemptions/preview', { exemption: EXEMPTION, days: 1e9 }, 400, /^days: /],
  ])('%s is refused', async (_name, path, body, status, detail) => {
    const { store, post } = await desk()
    const answer = await post(path, body)
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ])
    expect(JSON.parse(answer.body).detail).toMatch(detail)
    expect([store.auditMark(), store.exemptions().length]).toEqual([0, 0])
  })

  test('one that is over is not made longer by ending it', async () => {
    const { store, post } = await desk()
    store.addExemptions(
      [makeExemption({ client: '192.0.2.10' }, { end: minute(-100), start: minute(-200) })],
      { who: 'x', via: 'x', note: '' },
      coverTest,
    )
    const { status, body } = await post('/api/exemptions/ex-00000001/end', { by: 'E' })
    expect([status, JSON.parse(body).exemption.end]).toEqual([200, minute(-100)])
  })
})

describe('states', () => {
  test('are set, and stay under exemptions', async () => {
    const { store, post } = await desk()
    const { status, body } = await post('/api/alerts/state', {
      by: 'Eva',
      state: 'closed',
      ids: ['a', 'b', 'a'],
      note: 'known',
    })
    expect([status, JSON.parse(body)]).toEqual([200, { changed: 2 }])
    expect([store.alert('a')!.state, store.alert('b')!.state]).toEqual(['closed', 'closed'])
    expect(store.auditEntries({ subject: 'a' }).entries).toMatchObject([{ who: 'Eva', note: 'known' }])
  })

  test('of a whole contact', async () => {
    const { store, post } = await desk()
    store.write(batchOf(makeAlert('c', { minute: 10 })))
    const body = { by: 'Eva', state: 'acknowledged', ids: ['a'] }
    expect(JSON.parse((await post('/api/alerts/state', { ...body, whole_contacts: true })).body)).toEqual({
      changed: 2,
    })
    expect(['b', 'c'].map((id) => store.alert(id)!.state)).toEqual(['new', 'acknowledged'])
    expect((await post('/api/alerts/state', { ...body, whole_contacts: 'yes' })).status).toBe(400)
  })

  test('open pages are told to look again', async () => {
    const { server, post } = await desk()
    const page = new WebSocket(`${server.url.replace('http', 'ws')}api/live`)
    const types: string[] = []
    page.on('message', (data) => types.push(JSON.parse(String(data)).type))
    await new Promise((resolve) => page.on('open', resolve))
    await post('/api/alerts/state', { by: 'Eva', state: 'closed', ids: ['a'] })
    await expect.poll(() => types).toContain('reload')
    page.close()
  })
})

describe('who may change something', () => {
  test.each<[name: string, headers: Record<string, string>, status: number]>([
    ['the page of this server', {}, 201],
    ['the page of this server, as its browser says', { 'sec-fetch-site': 'same-origin' }, 201],
    ['another page', { origin: 'http://attacker.example' }, 403],
    ['another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['an origin that is none', { origin: '' }, 403],
    ['another site with a stolen origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page that rebinds its name', { host: 'attacker.example', origin: 'http://attacker.example' }, 421],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text', { 'content-type': 'text/plain' }, 415],
    ['JSON that says it is text', { 'content-type': 'text/plain; application/json' }, 415],
    ['JSON with a charset', { 'content-type': 'application/json; charset=utf-8' }, 201],
  ])('%s', async (_name, headers, status) => {
    const { store, post } = await desk()
    expect((await post('/api/exemptions', ADD, headers)).status).toBe(status)
    expect(store.exemptions()).toHaveLength(status === 201 ? 1 : 0)
  })

  test('nobody without an Origin', async () => {
    const { server } = await desk()
    const { status, body } = await ask(server, '/api/exemptions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ADD),
    })
    expect([status, JSON.parse(body).detail]).toEqual([403, expect.stringContaining('Send the header Origin')])
  })

  test.each(['/api/exemptions', '/api/exemptions/preview', '/api/exemptions/x/end', '/api/alerts/state'])(
    'nobody at %s where it is not allowed, and the page is told',
    async (path) => {
      const { server, post } = await desk({})
      const { status, body } = await post(path, ADD)
      expect([status, JSON.parse(body).detail]).toEqual([403, expect.stringContaining('--allow-writes')])
      expect(JSON.parse((await ask(server, '/api/overview')).body).writable).toBe(false)
    },
  )

  test('not more often than 120 times a minute', async () => {
    const { post } = await desk()
    const statuses = new Set<number>()
    for (let i = 0; i < 125; i++)
      statuses.add((await post('/api/alerts/state', { by: 'E', state: 'new', ids: ['a'] })).status)
    expect([...statuses]).toEqual([200, 429])
  })

  test.each(['PUT', 'DELETE', 'PATCH'])('%s does nothing', async (method) => {
    const { server, store } = await desk()
    store.addExemptions([makeExemption({ client: '192.0.2.10' })], { who: 'x', via: 'x', note: '' }, coverTest)
    expect((await ask(server, '/api/exemptions/ex-00000001', { method })).status).toBe(404)
    expect(store.exemptions()).toHaveLength(1)
  })

  test('a database that cannot be written is said, not crashed on', async () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    openStore(path).close()
    const store = openStore(path, { readonly: true })
    onTestFinished(() => store.close())
    const { server } = await testServer({ store, covers: coverTest })
    const { status } = await ask(server, '/api/exemptions', {
      method: 'POST',
      headers: { origin: new URL(server.url).origin, 'content-type': 'application/json' },
      body: JSON.stringify(ADD),
    })
    expect(status).toBe(503)
  })
})
