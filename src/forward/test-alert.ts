/** The alert of a test message: it says in every form what it is, and has the addresses of documentation. */

import { rfc3339 } from '../bytes/time.ts'
import type { Alert } from '../events/alert.ts'

/** What stands in MSGID in place of a category. */
export const TEST_KIND = 'test'

export function testAlert(sensor: string, nowUs: number): Alert {
  const time = rfc3339(nowUs)
  const text = 'TEST of the way from Seekwatch to this system: nobody contacted anything'
  return {
    id: `test-${nowUs}`,
    rule: 'seekwatch-test',
    title: text,
    pack: 'test',
    pack_version: '0',
    service: 'Test',
    category: 'service',
    severity: 'info',
    confidence: 'low',
    state: 'new',
    attempt: true,
    count: 1,
    evidence: [{ kind: 'tls_sni', value: 'test.seekwatch.example', packet: 1, file: 'test', time }],
    indicator: { kind: 'domain', value: 'test.seekwatch.example', role: 'test', confidence: 'low', sources: [] },
    reasons: [`${text}. "seekwatch forward --test" sent this message.`],
    use: null,
    use_reason: '',
    client: { ip: '192.0.2.1', port: 50_000 },
    client_role: 'host',
    server: { ip: '198.51.100.1', port: 443, name: 'test.seekwatch.example' },
    protocol: 'TCP',
    bytes_out: 0,
    bytes_in: 0,
    packets_out: 0,
    packets_in: 0,
    first_seen: time,
    last_seen: time,
    contact: 'test',
    run: 'test',
    sensor,
    community_id: '',
    flow_id: 0,
    lossy: false,
    policy: [],
    attack: [],
  }
}
