import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startServer } from '../../src/server/http.ts'
import { ListenError } from '../../src/server/listen-error.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert, NINE_O_CLOCK } from '../support/alerts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ask, testServer } from './support.ts'

describe('the API', () => {
  test.each<[path: string, expected: object]>([
    ['/api/alerts', { total: 2 }],
    ['/api/alerts?limit=1', { total: 2, alerts: [{ id: 'b' }] }],
    ['/api/alerts?limit=1&offset=1', { alerts: [{ id: 'a' }] }],
    ['/api/alerts?client=192.0.2.0%2F24&severity=high', { total: 2 }],
    ['/api/alerts?from=2026-11-22T09:30:00Z', { total: 1, alerts: [{ id: 'b' }] }],
    ['/api/alerts?from=2026-11-22T10:30:00%2B01:00', { total: 1 }],
    ['/api/alerts?text=%25', { total: 0 }],
    ['/api/alerts?text=%27%20OR%201=1%20--', { total: 0 }],
    ['/api/alerts?text=%00', { total: 0 }],
    ['/api/alerts/a', { id: 'a', contact: 'contact-a' }],
    ['/api/contacts', { total: 2, contacts: [{ id: 'contact-b', alerts: 1 }, { id: 'contact-a' }] }],
    ['/api/contacts?text=nobody', { total: 0, contacts: [] }],
    ['/api/timeline', { step: 10, high: expect.arrayContaining([1]) }],
    ['/api/timeline?step=3600', { step: 3600, high: [1, 1] }],
    ['/api/overview', { version: '1.2.3', alerts: 2, contacts: 2, clients: 1 }],
    ['/healthz', { status: 'ok', version: '1.2.3', live_clients: 0, live_dropped: 0 }],
  ])('answers %s', async (path, expected) => {
    const { server, store } = await testServer()
    store.write(batchOf(makeAlert('a'), makeAlert('b', { minute: 60 })))
    const { status, headers, body } = await ask(server, path)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(body)).toMatchObject(expected)
  })

  test('coverage of the newest day shows the gap that goes on since', async () => {
    const { server, store } = await testServer()
    const gap = {
      interface: 'eth0',
      kind: 'capture',
      toUs: null,
      reason: 'the interface is down',
      alertsLost: 0,
    } as const
    store.addGap('s', { ...gap, fromUs: NINE_O_CLOCK })
    store.addGap('s', { ...gap, fromUs: NINE_O_CLOCK - 86_400e6, toUs: NINE_O_CLOCK - 86_399e6 })
    const day = JSON.parse((await ask(server, '/api/coverage')).body)
    expect(day).toMatchObject({
      sentence: 'no packets were seen',
      hours: [],
      gaps: [{ to: null }, { reason: gap.reason }],
    })
    const after = JSON.parse((await ask(server, '/api/coverage?from=2026-11-22T09:00:01Z&to=2026-11-23')).body)
    expect(after.gaps).toMatchObject([{ to: null }])
  })

  test.each<[path: string, status: number, detail: RegExp]>([
    ['/api/alerts?severity=huge', 400, /^severity: "huge" is none of info, low, medium, high$/],
    ['/api/alerts?confidence=High', 400, /^confidence: "High" is none of low, medium, high$/],
    ['/api/alerts?category=', 400, /^category: "" is none of service/],
    ['/api/alerts?state=open', 400, /^state: "open" is none of new, /],
    ['/api/alerts?state=new,', 400, /^state: "" is none of new, /],
    ['/api/alerts?client=office', 400, /^client: "office" is no address or CIDR; write 192\.0\.2\.7/],
    ['/api/alerts?client=10.0.0.0/33', 400, /^client: /],
    ['/api/alerts?from=now', 400, /^from: "now" is no time; write 2025-07-10T12:00:00Z/],
    ['/api/alerts?from=2025-02-30', 400, /^from: /],
    ['/api/alerts?from=2025-07-11&to=2025-07-10', 400, /^from: is not before to/],
    ['/api/alerts?limit=0', 400, /^limit: "0" is no whole number from 1 to 1000$/],
    ['/api/alerts?limit=1001', 400, /^limit: /],
    ['/api/alerts?limit=1e2', 400, /^limit: /],
    ['/api/alerts?limit=', 400, /^limit: /],
    ['/api/alerts?limit=-1', 400, /^limit: /],
    ['/api/alerts?offset=99999999999', 400, /^offset: /],
    ['/api/alerts?limit=1&limit=2', 400, /^limit: \["1","2"\] is no whole number/],
    ['/api/alerts?text=a&text=b', 400, /^text: given more than once; write it once$/],
    [`/api/alerts?text=${'x'.repeat(257)}`, 400, /^text: longer than 256 characters/],
    ['/api/alerts?sort=id', 400, /^"sort": unknown parameter; known are client, text,/],
    ['/api/alerts?__proto__=1', 400, /^"__proto__": unknown parameter/],
    ['/api/alerts?constructor=1', 400, /^"constructor": unknown parameter/],
    ['/api/alerts?severity=huge&limit=0', 400, /severity: .*; limit: /],
    ['/api/contacts?severity=%3Cscript%3E', 400, /^severity: "<script>"/],
    ['/api/timeline?step=0', 400, /^step: /],
    ['/api/timeline?step=1', 400, /^step: 1 s makes more than 500 buckets of this time; write 10$/],
    ['/api/timeline?limit=1', 400, /^"limit": unknown parameter; known are from, to, step$/],
    ['/api/overview?x=1', 400, /^"x": unknown parameter; there are none here$/],
    ['/api/alerts/a?x=1', 400, /^"x": unknown parameter/],
    ['/api/alerts/none', 404, /^No alert has this id/],
    ["/api/alerts/a'%20OR%201=1", 404, /^No alert has this id/],
    [`/api/alerts/${'x'.repeat(5000)}`, 404, /./],
    ['/api/live', 426, /WebSocket/],
    ['/api/nothing', 404, /the page is at \//],
    ['/%', 400, /cannot be read/],
    ['/api/alerts/%ff', 400, /cannot be read/],
    ['/..%2f..%2fetc%2fpasswd', 404, /./],
    ['/.secret', 404, /./],
  ])('refuses %s', async (path, expectedStatus, detail) => {
    const { server, store } = await testServer()
    store.write(batchOf(makeAlert('a'), makeAlert('b', { minute: 60 })))
    const { status, headers, body } = await ask(server, path)
    expect(headers['content-type']).toContain('application/problem+json')
    const problem = JSON.parse(body)
    expect(Object.keys(problem)).toEqual(['status', 'title', 'detail'])
    expect(problem.detail).toMatch(detail)
    expect([status, problem.status]).toEqual([expectedStatus, expectedStatus])
    expect(body).not.toMatch(/\.ts|\.js|node_modules|at .*:\d+/)
  })

  test.each(['POST', 'PUT', 'DELETE'])('changes nothing on %s', async (method) => {
    const { server, store } = await testServer()
    store.write(batchOf(makeAlert('a')))
    const { status, headers } = await ask(server, '/api/alerts/a', { method })
    expect(status).toBe(404)
    expect(headers['content-type']).toContain('application/problem+json')
    expect(store.alerts({}).total).toBe(1)
  })

  test('a long body is refused', async () => {
    const { server } = await testServer()
    const headers = { 'content-type': 'application/json' }
    expect((await ask(server, '/api/alerts', { method: 'POST', body: 'x'.repeat(4096), headers })).status).toBe(413)
  })

  test('a failure says nothing of the inside', async () => {
    const store = openStore(':memory:')
    const { server } = await testServer({ store })
    store.close()
    const { status, body } = await ask(server, '/api/alerts')
    expect(status).toBe(500)
    expect(JSON.parse(body)).toEqual({
      status: 500,
      title: 'Internal Server Error',
      detail: 'A fault of the program; the log of the server says more.',
    })
  })

  test('a visitor who asks too often is told to wait; the supervisor is not', async () => {
    const { server } = await testServer()
    let status = 0
    for (let i = 0; i < 1300 && status !== 429; i++) status = (await ask(server, '/assets/index-abc123.js')).status
    const { headers, body } = await ask(server, '/api/overview')
    expect(headers['content-type']).toContain('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ status: 429, detail: expect.stringMatching(/wait/) })
    expect((await ask(server, '/healthz')).status).toBe(200)
  })
})

describe('the page', () => {
  test('comes with strict headers', async () => {
    const { server } = await testServer()
    const { status, headers, body } = await ask(server, '/')
    expect(status).toBe(200)
    expect(body).toContain('<title>Seekwatch</title>')
    expect(headers['content-security-policy']).toBe(
      "default-src 'self';object-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    })
    expect(headers).not.toHaveProperty('strict-transport-security')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('has parts that a browser may keep, and answers that it may not', async () => {
    const { server } = await testServer()
    expect((await ask(server, '/assets/index-abc123.js')).headers['cache-control']).toContain('immutable')
    expect((await ask(server, '/api/overview')).headers['cache-control']).toBe('no-store')
  })

  test('that is not built is said as such, and the API works', async () => {
    const { server } = await testServer({ dashboardDir: join(temporaryFolder(), 'none') })
    expect(JSON.parse((await ask(server, '/')).body)).toMatchObject({
      status: 503,
      detail: expect.stringContaining('npm run build'),
    })
    expect((await ask(server, '/api/overview')).status).toBe(200)
  })
})

describe('another name in Host', () => {
  test.each(['/', '/api/alerts', '/api/overview', '/healthz', '/nothing', '/assets/index-abc123.js'])(
    'gets nothing of %s',
    async (path) => {
      const { server } = await testServer()
      const { status, body } = await ask(server, path, { headers: { host: 'attacker.example' } })
      expect(status).toBe(421)
      expect(JSON.parse(body).detail).toContain(`Open ${server.url}, or start it with --allow-host`)
    },
  )

  test('is answered when it is allowed', async () => {
    const { server } = await testServer({ allowedHosts: ['seekwatch.example'] })
    expect((await ask(server, '/', { headers: { host: 'seekwatch.example' } })).status).toBe(200)
  })
})

describe('connections', () => {
  test('a port in use is said with another one to choose', async () => {
    const { server, store } = await testServer()
    const port = Number(new URL(server.url).port)
    const second = startServer({ store, host: '127.0.0.1', port, dashboardDir: 'x', version: '1' })
    await expect(second).rejects.toThrow(ListenError)
    await expect(second).rejects.toThrow(`127.0.0.1:${port}: in use, perhaps by another Seekwatch: end it, or choose`)
  })

  test('an address of another machine is said as such', async () => {
    const { store } = await testServer()
    const server = startServer({ store, host: '192.0.2.1', port: 0, dashboardDir: 'x', version: '1' })
    await expect(server).rejects.toThrow(/192\.0\.2\.1:0: not an address of this machine/)
  })

  test.each([
    ['rubbish', 'EHLO there\r\n\r\n', 400, 'This is not HTTP.'],
    ['a header without end', `GET / HTTP/1.1\r\nX: ${'y'.repeat(100_000)}`, 431, 'The head of the request is too long'],
  ])('%s is answered and cut off', async (_, bytes, status, detail) => {
    const { server } = await testServer()
    const text = await rawAnswer(server.url, bytes)
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n')))
    expect(body).toMatchObject({ status, detail: expect.stringContaining(detail) })
    expect(text).not.toContain('node')
  })

  test.each([
    ['a head', 'GET / HTTP/1.1\r\nHost: localhost\r\n'],
    ['a first line', 'GET /'],
  ])('%s that does not come to its end is answered and cut off in time', async (_, bytes) => {
    const { server } = await testServer({ requestMs: 500 })
    const began = performance.now()
    const text = await rawAnswer(server.url, bytes)
    expect(performance.now() - began).toBeLessThan(3000)
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n')))
    expect(body).toMatchObject({
      status: 408,
      detail: 'The request was not whole within 0.5 seconds; send it at once.',
    })
  })

  test('close ends idle and open connections within a second', async () => {
    const store = openStore(':memory:')
    onTestFinished(() => store.close())
    const { server } = await testServer({ store })
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const began = performance.now()
    await server.close()
    await closed
    expect(performance.now() - began).toBeLessThan(1000)
  })
})

function rawAnswer(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}
