import { describe, expect, test } from 'vitest'
import type { PublishedRules } from '../../src/events/rules.ts'
import { feedOf } from '../../src/packs/publish.ts'
import { ask, testServer } from './support.ts'

const RULES: PublishedRules = {
  rules: [],
  policies: [],
  feeds: [feedOf('service-domains.txt', 'example.com\nchat.example.com\n'), feedOf('service-ipv6.txt', '')],
}

describe('/feeds/', () => {
  test('a list is plain text with a tag', async () => {
    const { server } = await testServer({ rules: () => RULES })
    const answer = await ask(server, '/feeds/service-domains.txt')
    expect(answer).toMatchObject({ status: 200, body: 'example.com\nchat.example.com\n' })
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(answer.headers.etag).toMatch(/^"[\w-]{43}"$/)
    expect(answer.headers['cache-control']).toBe('no-cache')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  })

  test('an empty list is an empty answer', async () => {
    const { server } = await testServer({ rules: () => RULES })
    expect(await ask(server, '/feeds/service-ipv6.txt')).toMatchObject({ status: 200, body: '' })
  })

  test.each(['/feeds', '/feeds/'])('the index at %s names all of them', async (path) => {
    const { server } = await testServer({ rules: () => RULES })
    const { body, headers, status } = await ask(server, path)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(body).toContain('/feeds/service-domains.txt  2 entries\n/feeds/service-ipv6.txt     0 entries\n')
  })

  test('who has a list already is told so, until it changes', async () => {
    let rules = RULES
    const { server } = await testServer({ rules: () => rules })
    const { etag } = (await ask(server, '/feeds/service-domains.txt')).headers
    const again = (tag: string) => ask(server, '/feeds/service-domains.txt', { headers: { 'if-none-match': tag } })
    for (const tag of [etag!, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await again(tag)
      expect([answer.status, answer.body, answer.headers.etag]).toEqual([304, '', etag])
    }
    for (const tag of ['"other"', '', etag!.slice(1)]) expect((await again(tag)).status).toBe(200)

    rules = { rules: [], policies: [], feeds: [feedOf('service-domains.txt', 'example.net\n')] }
    expect(await again(etag!)).toMatchObject({ status: 200, body: 'example.net\n' })
  })

  test.each(['/feeds/none.txt', '/feeds/%2e%2e%2findex.html', '/feeds/service-domains.txt/x'])(
    '%s is not there',
    async (path) => {
      const { server } = await testServer({ rules: () => RULES })
      expect((await ask(server, path)).status).toBe(404)
    },
  )

  test('HEAD tells the tag, POST is refused, and a strange Host gets nothing', async () => {
    const { server } = await testServer({ rules: () => RULES })
    const head = await ask(server, '/feeds/service-domains.txt', { method: 'HEAD' })
    expect([head.status, head.body]).toEqual([200, ''])
    expect(head.headers.etag).toBeDefined()
    expect((await ask(server, '/feeds/service-domains.txt', { method: 'POST' })).status).toBe(404)
    expect((await ask(server, '/feeds/', { headers: { host: 'evil.test' } })).status).toBe(421)
  })

  test('without lists there is nothing', async () => {
    const { server } = await testServer()
    expect((await ask(server, '/feeds/')).status).toBe(404)
  })
})
