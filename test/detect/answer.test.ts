import { describe, expect, test } from 'vitest'
import {
  ANSWERED,
  type Answer,
  answerWords,
  betterAnswer,
  httpAnswer,
  NO_ANSWER,
  namesBlocking,
  tunnelAnswer,
} from '../../src/detect/answer.ts'
import { dnsOutcome } from '../../src/detect/dns-outcome.ts'

const isOurs = (host: string): boolean => host.endsWith('acme.example')

describe('an answer of HTTP', () => {
  const stories: Array<{ status: number; location?: string; proxied?: boolean; want: Answer['kind'] }> = [
    { status: 200, want: 'answered' },
    { status: 404, want: 'answered' },
    { status: 401, want: 'answered' },
    { status: 403, want: 'blocked' },
    { status: 451, want: 'blocked' },
    { status: 407, want: 'proxy_refused' },
    { status: 502, want: 'answered' },
    { status: 502, proxied: true, want: 'proxy_refused' },
    { status: 504, proxied: true, want: 'proxy_refused' },
    { status: 500, proxied: true, want: 'answered' },
    { status: 302, location: '/login', want: 'answered' },
    { status: 302, location: 'https://www.example.org/', want: 'answered' },
    { status: 302, location: 'https://blocked.acme.example/', want: 'answered' },
    { status: 302, location: 'http://blockpage.example.org/?u=x', want: 'blocked' },
    { status: 302, location: 'HTTP://user:pass@Block.example.org:8080/', want: 'blocked' },
    { status: 307, location: 'http://10.0.0.1/denied', want: 'blocked' },
    { status: 302, location: 'http://[fd00::1]/', want: 'blocked' },
    { status: 302, location: 'http://198.51.100.1/', want: 'answered' },
    { status: 302, location: `http://${'a'.repeat(9000)}.block.example/`, want: 'answered' },
    { status: 302, location: 'http://', want: 'answered' },
    { status: 302, location: 'ftp://blockpage.example/', want: 'answered' },
    { status: 200, location: 'http://blockpage.example/', want: 'answered' },
  ]
  test.each(stories)('$status $location', ({ status, location = '', proxied = false, want }) => {
    expect(httpAnswer({ status, location }, proxied, isOurs).kind).toBe(want)
  })

  test('to CONNECT', () => {
    expect([200, 204, 301, 403, 407, 502].map((status) => tunnelAnswer(status).kind)).toEqual([
      'answered',
      'answered',
      ...Array.from({ length: 4 }, () => 'proxy_refused'),
    ])
    expect([403, 407, 503, 301].map((status) => answerWords(tunnelAnswer(status)))).toEqual([
      'The proxy answered HTTP 403, it forbids this target: an attempt.',
      'The proxy answered HTTP 407, it wants to know who asks: an attempt.',
      'The proxy answered HTTP 503, it did not reach the target: an attempt.',
      'The proxy answered HTTP 301, it opened no tunnel: an attempt.',
    ])
  })
})

test('answers: of two flows the one that says more counts, whatever the order', () => {
  const reset: Answer = { kind: 'reset', detail: '' }
  for (const [a, b, want] of [
    [NO_ANSWER, reset, reset],
    [reset, ANSWERED, ANSWERED],
    [NO_ANSWER, ANSWERED, ANSWERED],
  ] as const) {
    expect([betterAnswer(a, b), betterAnswer(b, a)]).toEqual([want, want])
  }
})

test('names of block pages: a whole word of a label, not a part of one', () => {
  const yes = [
    'blockpage.example',
    'Block.corp.example',
    'dns-block.example',
    'sinkhole.paloaltonetworks.com',
    'x.rpz.example',
  ]
  const no = [
    'blockchain.example',
    'unblock.example',
    'sunblock.example',
    'd3bbv8sr76az5s.cloudfront.net',
    'denying.example',
    '',
  ]
  expect(yes.filter((name) => !namesBlocking(name))).toEqual([])
  expect(no.filter((name) => namesBlocking(name))).toEqual([])
})

describe('an answer of DNS', () => {
  const [ANSWER, NXDOMAIN, SERVFAIL, REFUSED] = [0x8180, 0x8183, 0x8182, 0x8185]
  const stories: Array<
    [name: string, flags: number, addresses: string[], aliases: string[], isResolved: boolean, words: RegExp]
  > = [
    ['none', 0x0100, [], [], false, /No answer/],
    ['an address', ANSWER, ['198.51.100.7'], [], true, /given 198.51.100.7\./],
    ['many', ANSWER, ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5'], [], true, /1\.1\.1\.4, \.\.\.\.$/],
    ['0.0.0.0', ANSWER, ['0.0.0.0'], [], false, /0\.0\.0\.0, as a blocking resolver/],
    ['a private address', ANSWER, ['192.168.1.1'], [], false, /192\.168\.1\.1, as a blocking resolver/],
    ['an address that a service publishes', ANSWER, ['146.112.61.106'], [], false, /as a blocking resolver/],
    ['a private one and another', ANSWER, ['10.0.0.1', '198.51.100.7'], [], true, /given 198/],
    ['a CDN', ANSWER, ['198.51.100.7'], ['d1.cdn.example'], true, /given/],
    ['an alias of a block page', ANSWER, ['198.51.100.7'], ['blocked.dns.example'], false, /block pages/],
    ["an alias of the service's own that sounds so", ANSWER, ['198.51.100.7'], ['block.acme.example'], true, /given/],
    ['no such name', NXDOMAIN, [], [], false, /no such name/],
    ['refused', REFUSED, [], [], false, /refused/],
    ['failed', SERVFAIL, [], [], false, /failed/],
    ['nothing', ANSWER, [], [], false, /held no address/],
  ]
  test.each(stories)('%s', (_, flags, addresses, aliases, isResolved, words) => {
    const outcome = dnsOutcome(flags, addresses, aliases, isOurs)
    expect(outcome.isResolved).toBe(isResolved)
    expect(outcome.words).toMatch(words)
  })
})
