/** Alerts for the tests of what comes after the sensor: made up by name, with documentation addresses. */

import { rfc3339 } from '../../src/bytes/time.ts'
import type { Alert } from '../../src/events/alert.ts'
import type { AlertUpdate, Batch, RunSummary } from '../../src/events/batch.ts'

/** 2026-11-22T09:00:00Z, in microseconds. */
export const NINE_O_CLOCK = Date.UTC(2026, 10, 22, 9) * 1000

/** An alert for a TLS flow; `minute` is when it began, after nine o'clock, and it lasts 10 seconds. */
export function makeAlert(id: string, changes: Partial<Alert> & { minute?: number } = {}): Alert {
  const { minute = 0, ...rest } = changes
  const firstUs = NINE_O_CLOCK + Math.round(minute * 60e6)
  return {
    id,
    rule: 'deepseek-service',
    title: 'DeepSeek service contacted',
    pack: 'deepseek',
    pack_version: '2026.11.22',
    service: 'DeepSeek',
    category: 'service',
    severity: 'high',
    confidence: 'high',
    state: 'new',
    attempt: false,
    count: 1,
    evidence: [
      { kind: 'tls_sni', value: 'chat.deepseek.com', packet: 4, file: 'office.pcap', time: rfc3339(firstUs + 20e3) },
    ],
    indicator: {
      kind: 'domain',
      value: 'deepseek.com',
      role: 'web chat',
      confidence: 'high',
      sources: ['https://chat.deepseek.com/'],
    },
    reasons: ['The client named chat.deepseek.com in its TLS hello.', 'The server answered.'],
    use: null,
    use_reason: '',
    client: { ip: '192.0.2.10', port: 51000, mac: '00:00:5e:00:53:01' },
    client_role: 'host',
    server: { ip: '198.51.100.7', port: 443, name: 'chat.deepseek.com', country: 'US', asn: 64500, as_name: 'Example' },
    protocol: 'TCP',
    bytes_out: 1200,
    bytes_in: 5400,
    packets_out: 9,
    packets_in: 11,
    first_seen: rfc3339(firstUs),
    last_seen: rfc3339(firstUs + 10e6),
    contact: `contact-${id}`,
    run: 'run-1',
    sensor: 'sensor-1',
    community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    flow_id: 1234567890123,
    lossy: false,
    policy: ['nukib-2025-07-10'],
    attack: ['T1567'],
    ...rest,
  }
}

/** A batch of final alerts. */
export function batchOf(...alerts: Alert[]): Batch {
  return { observations: [], alerts: alerts.map((alert): AlertUpdate => ({ alert, final: true })) }
}

export const SUMMARY: RunSummary = {
  files: 1,
  files_failed: 0,
  packets: 100,
  bytes: 64000,
  flows: 12,
  alerts: 2,
  alerts_new: 2,
  alerts_exempt: 0,
  contacts: 1,
  seconds: 0.5,
  not_decoded: {},
  counters: {},
  faults: [],
}
