import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rfc3339 } from '../../src/bytes/time.ts'
import { coverTest } from '../../src/detect/exemption.ts'
import type { Alert } from '../../src/events/alert.ts'
import type { Exemption, ExemptionScope } from '../../src/events/exemption.ts'
import { makeAlert, NINE_O_CLOCK } from '../support/alerts.ts'
import { makeExemption, minute } from '../support/exemptions.ts'
import { fuzz } from '../support/random.ts'

/** 192.0.2.10 with 00:00:5e:00:53:01 as laptop-7, from 9:10:00 to 9:10:10, to 198.51.100.7 in US, AS64500. */
function alertWith(changes: Partial<Alert> = {}, client: Partial<Alert['client']> = {}): Alert {
  const alert = makeAlert('a', { minute: 10, ...changes })
  return { ...alert, client: { ...alert.client, name: 'laptop-7', ...client } }
}

function isCovered(alert: Alert, scope: ExemptionScope, changes: Partial<Exemption> = {}): boolean {
  return coverTest([makeExemption(scope, changes)])(alert) !== null
}

describe('the client', () => {
  const stories: Array<[name: string, scope: ExemptionScope, client: Partial<Alert['client']>, want: boolean]> = [
    ['its address', { client: '192.0.2.10' }, {}, true],
    ['its address as a range of one', { client: '192.0.2.10/32' }, {}, true],
    ['its network', { client: '192.0.2.0/24' }, {}, true],
    ['the first address of the network', { client: '192.0.2.10/31' }, {}, true],
    ['the last address of the network', { client: '192.0.2.8/30' }, { ip: '192.0.2.11' }, true],
    ['one address after the network', { client: '192.0.2.8/30' }, { ip: '192.0.2.12' }, false],
    ['one address before the network', { client: '192.0.2.8/30' }, { ip: '192.0.2.7' }, false],
    ['an address that begins with the same text', { client: '192.0.2.1' }, {}, false],
    ['an address that ends with more', { client: '192.0.2.10' }, { ip: '192.0.2.101' }, false],
    ['every IPv4 address is not every IPv6 address', { client: '0.0.0.0/1' }, { ip: '2001:db8::1' }, false],
    ['IPv6, written differently', { client: '2001:DB8:0:0::1' }, { ip: '2001:db8::1' }, true],
    ['IPv6 network', { client: '2001:db8::/32' }, { ip: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff' }, true],
    ['IPv6 beside the network', { client: '2001:db8::/32' }, { ip: '2001:db9::' }, false],
    ['IPv4 inside IPv6', { client: '192.0.2.0/24' }, { ip: '::ffff:192.0.2.10' }, true],
    ['an address that is none', { client: '0.0.0.0/1' }, { ip: '192.0.2.10; --' }, false],
    ['its MAC', { mac: '00:00:5e:00:53:01' }, {}, true],
    ['its MAC in capitals', { mac: '00:00:5e:00:53:ab' }, { mac: '00:00:5E:00:53:AB' }, true],
    ['another MAC', { mac: '00:00:5e:00:53:02' }, {}, false],
    ['its name', { name: 'laptop-7' }, {}, true],
    ['its name in other letters, with the final dot', { name: 'laptop-7' }, { name: 'LAPTOP-7.' }, true],
    ['a name that begins with its name', { name: 'laptop-7' }, { name: 'laptop-77' }, false],
    ['a name below its name', { name: 'laptop-7' }, { name: 'x.laptop-7' }, false],
    ['an empty name is not no name', { name: 'laptop-7' }, { name: '' }, false],
    ['address and MAC of the same client', { client: '192.0.2.10', mac: '00:00:5e:00:53:01' }, {}, true],
    ['the address, with another MAC', { client: '192.0.2.10', mac: '00:00:5e:00:53:02' }, {}, false],
    ['the MAC, with another address', { client: '192.0.2.11', mac: '00:00:5e:00:53:01' }, {}, false],
    ['everybody', { everyone: true }, {}, true],
    ['nobody was named', {}, {}, false],
    ['nobody was named, though a rule was', { rule: 'deepseek-service' }, {}, false],
    ['a range with a mistake hides nothing', { client: '192.0.2.0/33' }, {}, false],
    ['host bits that are set hide nothing', { client: '192.0.2.10/24' }, {}, false],
  ]
  for (const [name, scope, client, want] of stories)
    test(name, () => expect(isCovered(alertWith({}, client), scope)).toBe(want))

  test('a client without a MAC and a name is not covered by them', () => {
    const alert = makeAlert('a', { minute: 10, client: { ip: '192.0.2.10', port: 1 } })
    expect(isCovered(alert, { mac: '00:00:5e:00:53:01' })).toBe(false)
    expect(isCovered(alert, { name: 'undefined' })).toBe(false)
  })
})

describe('what it is about', () => {
  const server = { ip: '198.51.100.7', port: 443, country: 'CN', asn: 64500 }
  const stories: Array<[name: string, scope: ExemptionScope, changes: Partial<Alert>, want: boolean]> = [
    ['the rule', { rule: 'deepseek-service' }, {}, true],
    ['another rule', { rule: 'deepseek' }, {}, false],
    ['the category', { category: 'service' }, {}, true],
    ['another category', { category: 'hosting' }, {}, false],
    ['the indicator', { indicator: 'DeepSeek.com' }, {}, true],
    ['a name below the indicator', { indicator: 'chat.deepseek.com' }, {}, false],
    ['the end of the indicator', { indicator: 'seek.com' }, {}, false],
    ['the country of the server', { network: 'CN' }, { server }, true],
    ['another country', { network: 'RU' }, { server }, false],
    ['the system of the server', { network: 'AS64500' }, { server }, true],
    ['the beginning of its number', { network: 'AS6450' }, { server }, false],
    ['the address of the server', { network: '198.51.100.7' }, { server }, true],
    ['the network of the server', { network: '198.51.100.0/24' }, { server }, true],
    ['the network of the client', { network: '192.0.2.0/24' }, { server }, false],
    ['nothing is known of the server', { network: 'CN' }, { server: { ip: '198.51.100.7', port: 443 } }, false],
    [
      'all of it',
      { rule: 'deepseek-service', category: 'service', indicator: 'deepseek.com', network: 'CN' },
      { server },
      true,
    ],
    [
      'all of it but one',
      { rule: 'deepseek-service', category: 'service', indicator: 'deepseek.com', network: 'RU' },
      { server },
      false,
    ],
  ]
  for (const [name, scope, changes, want] of stories)
    test(name, () => expect(isCovered(alertWith(changes), { client: '192.0.2.10', ...scope })).toBe(want))

  test('the right alert of the wrong client is not covered', () =>
    expect(isCovered(alertWith(), { client: '192.0.2.11', rule: 'deepseek-service' })).toBe(false))
})

describe('when', () => {
  const stories: Array<[name: string, first: string, last: string, want: boolean]> = [
    ['inside', minute(10), minute(11), true],
    ['from the first moment', minute(0), minute(1), true],
    ['a microsecond before the first moment', rfc3339(NINE_O_CLOCK - 1), minute(1), false],
    ['until a microsecond before the end', minute(1), rfc3339(NINE_O_CLOCK + 3600e6 - 1), true],
    ['until the end', minute(1), minute(60), false],
    ['on after the end', minute(59), minute(61), false],
    ['all after the end', minute(61), minute(62), false],
    ['all before', minute(-2), minute(-1), false],
    ['all of the time and more', minute(-1), minute(61), false],
    ['a time that is none', 'soon', minute(1), false],
  ]
  for (const [name, first_seen, last_seen, want] of stories)
    test(name, () => expect(isCovered(alertWith({ first_seen, last_seen }), { everyone: true })).toBe(want))

  test('an exemption without a moment in it covers nothing', () => {
    const alert = alertWith({ first_seen: minute(10), last_seen: minute(10) })
    expect(isCovered(alert, { everyone: true }, { start: minute(10), end: minute(10) })).toBe(false)
    expect(isCovered(alert, { everyone: true }, { end: 'never' })).toBe(false)
  })

  test('the same moment in another zone is the same moment', () =>
    expect(isCovered(alertWith(), { everyone: true }, { start: '2026-11-22T10:10:00+01:00' })).toBe(true))
})

describe('several', () => {
  const early = makeExemption({ client: '192.0.2.10' }, { id: 'ex-b', created_at: minute(-50) })
  const late = makeExemption({ everyone: true }, { id: 'ex-a', created_at: minute(-40) })
  const twin = makeExemption({ everyone: true }, { id: 'ex-c', created_at: minute(-50) })
  test('the one made first is named, in whatever order they are given', () => {
    for (const list of [
      [early, late, twin],
      [twin, late, early],
      [late, early, twin],
    ])
      expect(coverTest(list)(alertWith())?.id).toBe('ex-b')
  })
  test('one that does not fit makes room for one that does', () =>
    expect(coverTest([early, late])(alertWith({}, { ip: '192.0.2.99' }))?.id).toBe('ex-a'))
  test('none', () => expect(coverTest([])(alertWith())).toBeNull())
})

test('adding a part to a scope never covers more', () => {
  const part = fc.record(
    {
      client: fc.constantFrom('192.0.2.0/24', '192.0.2.10', '198.51.100.7', 'x'),
      mac: fc.constantFrom('00:00:5e:00:53:01', '00:00:5e:00:53:02'),
      name: fc.constantFrom('laptop-7', 'laptop-8'),
      everyone: fc.constant(true as const),
      rule: fc.constantFrom('deepseek-service', 'other'),
      category: fc.constantFrom('service' as const, 'hosting' as const),
      indicator: fc.constantFrom('deepseek.com', 'other.example'),
      network: fc.constantFrom('US', 'CN', 'AS64500', '198.51.100.0/24', '?'),
    },
    { requiredKeys: [] },
  )
  let covered = 0
  const property = fc.property(part, part, (a, b) => {
    const wide = isCovered(alertWith(), { everyone: true, ...a })
    const narrow = isCovered(alertWith(), { everyone: true, ...b, ...a })
    if (wide) covered++
    if (narrow) expect(wide).toBe(true)
  })
  fc.assert(property, fuzz(3000))
  expect(covered).toBeGreaterThan(20)
})
