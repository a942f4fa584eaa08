/** Hosts with their ports, as strangers write them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAuthority } from '../../../src/protocol/http/authority.ts'
import { fuzz } from '../../support/random.ts'

const fine = { hasUser: false, odd: false }

describe('authority', () => {
  test.each([
    { text: 'example.org', want: { host: 'example.org', port: 0, ...fine } },
    { text: 'Example.ORG:8080', want: { host: 'example.org', port: 8080, ...fine } },
    { text: 'example.org.', want: { host: 'example.org', port: 0, ...fine } },
    { text: 'example.org.:80', want: { host: 'example.org', port: 80, ...fine } },
    { text: 'example.org:', want: { host: 'example.org', port: 0, ...fine } },
    { text: 'a_b-c.example', want: { host: 'a_b-c.example', port: 0, ...fine } },
    { text: '192.0.2.1:80', want: { host: '192.0.2.1', port: 80, ...fine } },
    { text: '[2001:DB8::1]', want: { host: '2001:db8::1', port: 0, ...fine } },
    { text: '[2001:db8::1]:443', want: { host: '2001:db8::1', port: 443, ...fine } },
    { text: '', want: { host: '', port: 0, ...fine } },
    { text: 'user:p@ss@example.org:81', want: { host: 'example.org', port: 81, hasUser: true, odd: false } },
    { text: '2001:db8::1', want: { host: '2001:db8::1', port: 0, hasUser: false, odd: true } },
    { text: '[2001:db8::1', want: { host: '[2001:db8:', port: 1, hasUser: false, odd: true } },
    { text: '[example.org]:80', want: { host: 'example.org', port: 80, hasUser: false, odd: true } },
    { text: '[::1]x:80', want: { host: '::1', port: 0, hasUser: false, odd: true } },
    { text: 'example.org:0', want: { host: 'example.org', port: 0, hasUser: false, odd: true } },
    { text: 'example.org:65536', want: { host: 'example.org', port: 0, hasUser: false, odd: true } },
    { text: 'example.org:999999999999', want: { host: 'example.org', port: 0, hasUser: false, odd: true } },
    { text: 'example.org:80a', want: { host: 'example.org:80a', port: 0, hasUser: false, odd: true } },
    { text: 'example.org:+80', want: { host: 'example.org:+80', port: 0, hasUser: false, odd: true } },
    { text: 'example..org', want: { host: 'example..org', port: 0, hasUser: false, odd: true } },
    { text: '.example.org', want: { host: '.example.org', port: 0, hasUser: false, odd: true } },
    { text: 'exa mple.org', want: { host: 'exa mple.org', port: 0, hasUser: false, odd: true } },
    { text: '%65xample.org', want: { host: '%65xample.org', port: 0, hasUser: false, odd: true } },
    { text: '<script>', want: { host: '<script>', port: 0, hasUser: false, odd: true } },
    { text: "' OR 1=1 --", want: { host: "' or 1=1 --", port: 0, hasUser: false, odd: true } },
    { text: '../../etc/passwd', want: { host: '../../etc/passwd', port: 0, hasUser: false, odd: true } },
    { text: '\x1b[2J', want: { host: '\x1b[2j', port: 0, hasUser: false, odd: true } },
    { text: '\xe4.example', want: { host: '\xe4.example', port: 0, hasUser: false, odd: true } },
  ])('$text', ({ text, want }) => expect(parseAuthority(text)).toEqual(want))

  test('what the URL parser of browsers takes, is read as it reads it', () => {
    const label = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/)
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
    const host = fc.oneof(
      name,
      fc.ipV4(),
      fc.ipV6().map((ip) => `[${ip}]`),
    )
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), fc.boolean(), (text, port, hasUser) => {
        const url = tryUrl(`x://${text}:${port}/`) // an unknown scheme: no port is dropped
        const got = parseAuthority(`${hasUser ? 'user@' : ''}${text}:${port}`)
        expect(got).toMatchObject({ port, hasUser, odd: false })
        if (url && !text.startsWith('[')) expect(got.host).toBe(url.hostname.toLowerCase())
      }),
      fuzz(500),
    )
  })
})

function tryUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
