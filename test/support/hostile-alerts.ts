/** Alerts whose every text a stranger could have thought of, for the forms in which alerts leave. */

import fc from 'fast-check'
import { rfc3339 } from '../../src/bytes/time.ts'
import {
  type Alert,
  type AlertEndpoint,
  CATEGORIES,
  CONFIDENCES,
  EVIDENCE_KINDS,
  type IndicatorRef,
  SEVERITIES,
  STATES,
  USES,
} from '../../src/events/alert.ts'
import { makeAlert, NINE_O_CLOCK } from './alerts.ts'

/** What separates, ends, escapes, hides or turns something somewhere, and what looks like the next field. */
const PIECES = [
  '|',
  '^',
  '=',
  '\\',
  '\\\\',
  '\\n',
  '\\x1b',
  '"',
  "'",
  ';',
  ' ',
  '  ',
  ' src=203.0.113.66',
  '^src=203.0.113.66',
  ' cs1Label=x ',
  'CEF:0|a|b|',
  'LEEF:2.0|',
  '","id":"x',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\x0b',
  '\x1b[2J',
  '\x7f',
  '\x85',
  '\x9b',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\ufffe',
  '\ud800',
  '\udc00',
  '\u{1f600}',
  'č',
  'Ã©',
  '…',
  '__proto__',
  'chat.example',
]

const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
const short = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PIECES) }, { weight: 1, arbitrary: unit }), {
    maxLength: 12,
  })
  .map((pieces) => pieces.join(''))

/** Any text, now and then one that is far too long. */
export const hostileText = fc.oneof(
  { weight: 9, arbitrary: short },
  {
    weight: 1,
    arbitrary: fc.tuple(short, fc.integer({ min: 100, max: 3000 })).map(([text, times]) => text.repeat(times)),
  },
)

const address = fc.constantFrom('192.0.2.10', '10.1.2.3', '198.51.100.7', '2001:db8::1', 'fd00::5')
const figure = fc.nat(2 ** 31 - 1)
const someTexts = fc.array(hostileText, { maxLength: 20 })
const time = fc.nat(86_400_000_000).map((us) => rfc3339(NINE_O_CLOCK + us))

const endpoint: fc.Arbitrary<AlertEndpoint> = fc.record(
  {
    ip: address,
    port: fc.nat(65_535),
    mac: fc.constant('00:00:5e:00:53:01'),
    name: hostileText,
    country: fc.constantFrom('CN', 'US'),
    asn: figure,
    as_name: hostileText,
    forwarded_for: fc.array(address, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ['ip', 'port'] },
)

const indicator: fc.Arbitrary<IndicatorRef> = fc.record({
  kind: fc.constantFrom('domain', 'fronted', 'network', 'hosting', 'user_agent', 'fingerprint', 'certificate'),
  value: fc.oneof(hostileText, fc.constantFrom('192.0.2.1/32', '10.0.0.0/8', '2001:db8::/32', '2001:db8::7/128')),
  role: hostileText,
  confidence: fc.constantFrom(...CONFIDENCES),
  sources: someTexts,
})

const evidence = fc.record({
  kind: fc.constantFrom(...EVIDENCE_KINDS),
  value: hostileText,
  packet: figure,
  file: hostileText,
  time,
})

/** Ids are hashes and rules have ids of a strict form; all else is anything. */
export const hostileAlert: fc.Arbitrary<Alert> = fc
  .record({
    title: hostileText,
    service: hostileText,
    category: fc.constantFrom(...CATEGORIES),
    severity: fc.constantFrom(...SEVERITIES),
    confidence: fc.constantFrom(...CONFIDENCES),
    state: fc.constantFrom(...STATES),
    attempt: fc.boolean(),
    count: figure,
    evidence: fc.array(evidence, { maxLength: 16 }),
    indicator,
    reasons: someTexts,
    use: fc.constantFrom(null, ...USES),
    use_reason: hostileText,
    client: endpoint,
    client_role: fc.constantFrom('host', 'resolver', 'proxy'),
    server: endpoint,
    protocol: fc.constantFrom('TCP', 'UDP'),
    bytes_out: figure,
    bytes_in: figure,
    packets_out: figure,
    packets_in: figure,
    first_seen: time,
    last_seen: time,
    sensor: short,
    lossy: fc.boolean(),
    policy: fc.array(fc.constantFrom('cz-nukib-2025-07-10', 'cz-act-264-2025'), { maxLength: 4 }),
    attack: fc.array(fc.constantFrom('T1567', 'T1071.001', 'T1102'), { maxLength: 4 }),
  })
  .map((fields) => makeAlert('5f2a', { ...fields, contact: 'c0ffee', run: 'run-1' }))
