/**
 * A pack for another vendor, TikTok, of which NÚKIB warned in 2023: data only.
 * Nothing of the program knows the vendor, and its alerts are as good as any.
 */

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadRules } from '../../src/packs/load.ts'
import { feed } from '../support/feed.ts'
import { shortHello } from '../support/hello.ts'
import { Talk } from '../support/talk.ts'

const { packs, policies } = loadRules(join(import.meta.dirname, 'tiktok'))

const talkTo = (name: string, port: number, at: number): Talk =>
  new Talk({ ip: '192.0.2.10', port }, { ip: '198.51.100.7', port: 443 }, at)
    .open()
    .send(shortHello(name))
    .answer(Buffer.alloc(200))
    .close()

test('another vendor: its names raise its alerts, with its policy', () => {
  const { alerts } = feed(talkTo('www.tiktok.com', 50_000, 0).frames, { packs })
  expect(alerts).toMatchObject([
    {
      rule: 'tiktok-service',
      service: 'TikTok',
      pack: 'tiktok',
      severity: 'high',
      confidence: 'high',
      policy: ['cz-nukib-2023-03-08'],
      indicator: { value: 'tiktok.com' },
    },
  ])
  expect(policies.map(({ id }) => id)).toEqual(['cz-nukib-2023-03-08'])
})

test('another vendor: shared names strengthen and raise nothing alone; other names are nothing', () => {
  const shared = talkTo('sf16-static.ibytedtos.com', 50_001, 1).frames
  expect(feed(shared, { packs }).alerts).toEqual([])
  const both = feed([...talkTo('www.tiktok.com', 50_000, 0).frames, ...shared], { packs }).alerts
  expect(both).toHaveLength(1)
  expect(both[0]!.evidence.map(({ kind }) => kind)).toContain('telemetry')
  for (const name of ['nottiktok.com', 'tiktok.com.evil.example', 'chat.deepseek.com'])
    expect(feed(talkTo(name, 50_002, 0).frames, { packs }).alerts, name).toEqual([])
})
