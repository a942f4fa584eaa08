import { expect, test } from 'vitest'
import type { Policy, PublishedRules } from '../../src/events/rules.ts'
import { ask, testServer } from './support.ts'

const POLICY: Policy = {
  id: 'xx-1',
  title: 'A title',
  country: 'CZ',
  authority: 'NÚKIB',
  date: '2025-07-10',
  reference: 'No. 1',
  scope: 'All of it.',
  sources: ['https://authority.example/act (a remark)'],
}

test('/api/policies: what the rules in force say, at the time of the question', async () => {
  let rules: PublishedRules = { rules: [], policies: [POLICY], feeds: [] }
  const { server } = await testServer({ rules: () => rules })
  const answer = await ask(server, '/api/policies')
  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.body)).toEqual({ policies: [POLICY] })
  rules = { rules: [], policies: [{ ...POLICY, title: 'Another one' }], feeds: [] }
  expect(JSON.parse((await ask(server, '/api/policies')).body)).toMatchObject({ policies: [{ title: 'Another one' }] })
})

test('/api/policies: a server without rules has none, and a filter that there is not is told', async () => {
  const { server } = await testServer()
  expect(JSON.parse((await ask(server, '/api/policies')).body)).toEqual({ policies: [] })
  expect((await ask(server, '/api/policies?id=xx-1')).status).toBe(400)
})
