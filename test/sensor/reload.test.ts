/** Other rules while packets come: nothing is lost, nothing is half. */

import { expect, test } from 'vitest'
import { type CompiledRules, compileRules } from '../../src/detect/compile.ts'
import type { TlsObservation } from '../../src/events/observation.ts'
import type { Pack } from '../../src/packs/pack.ts'
import { ACME, domain, fingerprint, network, packOf, rule } from '../support/acme.ts'
import { feed } from '../support/feed.ts'
import { shortHello } from '../support/hello.ts'
import { Talk } from '../support/talk.ts'
import { lookup } from '../support/visits.ts'

const watching = (...names: string[]): Pack => ({
  ...ACME,
  rules: [rule('acme-service', { indicators: names.map((name) => domain(name)) })],
})
/** The pack and 200,000 entries beside. */
function big(...names: string[]): CompiledRules {
  const [own] = watching(...names).rules
  const indicators = [...own!.indicators]
  for (let i = 0; i < 100_000; i++) {
    indicators.push(domain(`host${i}.zone${i % 977}.example`))
    indicators.push(network(`${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`))
  }
  return compileRules({ packs: [{ ...ACME, rules: [{ ...own!, indicators }] }] })
}

/** Client 1 talks to the first name, client 2 to the second, client 3 to the first again, and so on. */
function talks(count: number, ...names: string[]): Talk[] {
  return Array.from({ length: count }, (_, i) => {
    const client = { ip: `192.0.2.${1 + (i % 250)}`, port: 20_000 + i }
    return new Talk(client, { ip: '198.51.100.7', port: 443 }, i / 10)
      .open()
      .send(shortHello(names[i % names.length]!))
      .answer(Buffer.alloc(100))
      .close()
  })
}

test('reload: from one block on the new rules count, and no packet is lost', () => {
  const count = 200
  const frames = talks(count, 'old.example', 'new.example', 'both.example').flatMap(({ frames }) => frames)
  const perTalk = frames.length / count
  const half = count / 2
  const rules = big('new.example', 'both.example')
  const fed = feed(frames, {
    packs: [watching('old.example', 'both.example')],
    framesPerBlock: perTalk,
    beforeBlock: (sensor, block) => {
      if (block === half) sensor.useRules(rules)
    },
  })
  expect(fed.sensor.coverage.packets).toBe(frames.length)
  expect(fed.sensor.crashes).toEqual([])
  const got = new Map(fed.alerts.map((alert) => [alert.client.port - 20_000, alert.evidence[0]!.value]))
  const want = new Map<number, string>()
  for (let i = 0; i < count; i++) {
    const name = ['old.example', 'new.example', 'both.example'][i % 3]!
    if (name === 'both.example' || (name === 'old.example') === i < half) want.set(i, name)
  }
  expect(got).toEqual(want)
})

test('reload: an alert that is open keeps what raised it and goes on counting', () => {
  const talk = new Talk({ ip: '192.0.2.1', port: 20_000 }, { ip: '198.51.100.7', port: 443 })
    .open()
    .send(shortHello('old.example'))
    .answer(Buffer.alloc(100))
    .answer(Buffer.alloc(1000))
    .close()
  const feedWith = (change: boolean) =>
    feed(talk.frames, {
      packs: [watching('old.example')],
      framesPerBlock: 1,
      beforeBlock: (sensor, block) => {
        if (change && block === 6) sensor.useRules(compileRules({ packs: [watching('new.example')] }))
      },
    })
  const { alerts } = feedWith(true)
  expect(alerts).toEqual(feedWith(false).alerts)
  expect(alerts[0]).toMatchObject({ indicator: { value: 'old.example' }, attempt: false })
})

test('reload: a flow that has named nothing yet is judged by the rules of the moment', () => {
  const talk = new Talk({ ip: '192.0.2.1', port: 20_000 }, { ip: '198.51.100.7', port: 443 })
    .open()
    .send(shortHello('new.example'))
    .answer(Buffer.alloc(100))
    .close()
  const { alerts } = feed(talk.frames, {
    packs: [],
    framesPerBlock: 1,
    beforeBlock: (sensor, block) => {
      if (block === 2) sensor.useRules(compileRules({ packs: [watching('new.example')] }))
    },
  })
  expect(alerts.map((alert) => alert.evidence[0]!.value)).toEqual(['new.example'])
})

test('reload: a name, or a hello, that was of no interest before is', () => {
  const frames = talks(4, 'new.example').flatMap(({ frames }) => frames)
  const [hello] = feed(frames, { events: ['tls'] }).observations
  const { ja4 } = (hello as TlsObservation).client!.fingerprints!
  const print = packOf(rule('acme-program', { indicators: [fingerprint(ja4, 'ja4')] }))
  for (const pack of [watching('new.example'), print]) {
    const { alerts } = feed(frames, {
      packs: [watching('old.example')],
      events: [], // nobody wants to know more of a plain hello than its name
      framesPerBlock: frames.length / 4,
      beforeBlock: (sensor, block) => {
        if (block === 2) sensor.useRules(compileRules({ packs: [pack] }))
      },
    })
    expect(alerts.map(({ client }) => client.port)).toEqual([20_002, 20_003])
  }
})

test('reload: DNS for a name that was of no interest before is', () => {
  const ask = (at: number) => lookup('new.example', ['198.51.100.7'], { at, port: 40_000 + at }).frames
  const { alerts } = feed([...ask(0), ...ask(5)], {
    packs: [watching('old.example')],
    events: [],
    framesPerBlock: 2,
    beforeBlock: (sensor, block) => {
      if (block === 1) sensor.useRules(compileRules({ packs: [watching('new.example')] }))
    },
  })
  expect(alerts.map(({ count }) => count)).toEqual([1])
})
