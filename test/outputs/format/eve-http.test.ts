/** HTTP events, with the keys that readers of Suricata's know. */
import { describe, expect, test } from 'vitest'
import type { HttpObservation } from '../../../src/events/observation.ts'
import { writeHttp, writeHttpMore } from '../../../src/outputs/format/eve-http.ts'
import { eveLine, members } from '../../support/json.ts'

const eveHttp = (http: HttpObservation) => members((json) => writeHttp(json, http))
const eveHttpMore = (http: HttpObservation) => members((json) => writeHttpMore(json, http))

const SEEN: HttpObservation = {
  kind: 'http',
  file: 'a.pcap',
  packet: 7,
  timeUs: 1_752_134_400_123_456,
  flow: {
    id: 1,
    protocol: 'TCP',
    clientIp: '192.0.2.1',
    clientPort: 40_000,
    serverIp: '198.51.100.1',
    serverPort: 8080,
    communityId: '1:x',
    vlans: [],
    clientMac: '',
    serverMac: '',
  },
  method: 'GET',
  host: 'chat.example.org',
  port: 0,
  hostHeader: 'chat.example.org',
  moreHosts: [],
  url: '/a?b',
  version: 11,
  streamId: 0,
  userAgent: '',
  referer: '',
  xForwardedFor: '',
  forwarded: '',
  upgrades: [],
  deviations: [],
  isPartial: false,
}

describe('eve http', () => {
  test('a request without an answer', () => {
    expect(eveHttp(SEEN)).toEqual({
      hostname: 'chat.example.org',
      url: '/a?b',
      http_method: 'GET',
      protocol: 'HTTP/1.1',
    })
    expect(eveHttpMore(SEEN)).toEqual({})
  })

  test('a request and its answer', () => {
    const http: HttpObservation = {
      ...SEEN,
      port: 8080,
      hostHeader: 'chat.example.org:8080',
      userAgent: 'x/1',
      referer: 'http://a/',
      xForwardedFor: '192.0.2.9, 192.0.2.8',
      response: { status: 302, contentType: 'text/html; charset=utf-8', length: 0, location: 'http://b/', server: 's' },
    }
    expect(eveHttp(http)).toEqual({
      hostname: 'chat.example.org',
      http_port: 8080,
      url: '/a?b',
      http_user_agent: 'x/1',
      xff: '192.0.2.9, 192.0.2.8',
      http_content_type: 'text/html',
      http_refer: 'http://a/',
      http_method: 'GET',
      protocol: 'HTTP/1.1',
      status: 302,
      redirect: 'http://b/',
      length: 0,
    })
    expect(eveHttpMore(http)).toEqual({ http_server: 's' })
  })

  test('HTTP/2', () => {
    expect(eveHttp({ ...SEEN, version: 20, streamId: 3 })).toMatchObject({
      version: '2',
      http2: { stream_id: 3, request: {}, response: {} },
    })
    expect(eveHttp({ ...SEEN, version: 20, streamId: 3 })).not.toHaveProperty('protocol')
  })

  test.each([
    {
      name: 'no version, no host',
      seen: { version: 9, host: '', hostHeader: '' },
      want: { url: '/a?b', http_method: 'GET' },
      more: {},
    },
    {
      name: 'IPv6',
      seen: { host: 'ff02::c', port: 1900, hostHeader: '[FF02::C]:1900' },
      want: { hostname: '[ff02::c]', http_port: 1900 },
      more: { http_host_header: '[FF02::C]:1900' },
    },
    { name: 'an odd host with colons', seen: { host: 'a:b', hostHeader: 'a:b' }, want: { hostname: 'a:b' }, more: {} },
    {
      name: 'an absolute target that says otherwise',
      seen: { hostHeader: 'other.example' },
      want: { hostname: 'chat.example.org' },
      more: { http_host_header: 'other.example' },
    },
    {
      name: 'a length that was not sent',
      seen: { response: { status: 200, contentType: '', length: -1, location: '', server: '' } },
      want: { status: 200 },
      more: {},
    },
    {
      name: 'what Suricata has no key for',
      seen: {
        moreHosts: ['b'],
        forwarded: 'for=x',
        upgrades: ['websocket'],
        deviations: ['several_hosts'],
        isPartial: true,
      },
      want: {},
      more: {
        http_more_hosts: ['b'],
        http_forwarded: 'for=x',
        http_upgrade: ['websocket'],
        http_deviations: ['several_hosts'],
        http_head_partial: true,
      },
    },
  ])('$name', ({ seen, want, more }) => {
    expect(eveHttp({ ...SEEN, ...seen })).toMatchObject(want)
    expect(eveHttp({ ...SEEN, ...seen })).not.toHaveProperty('length')
    expect(eveHttpMore({ ...SEEN, ...seen })).toEqual(more)
  })

  test('a line: what a stranger sent can break out of nothing', () => {
    const text = eveLine({ ...SEEN, host: 'a"}\n\x1b[2J\xe4\x9f', url: '/__proto__' }, 'sensor')
    expect(text).toMatch(/^[\x20-\x7e]+$/)
    const event = JSON.parse(text)
    expect(event).toMatchObject({
      event_type: 'http',
      src_ip: '192.0.2.1',
      dest_port: 8080,
      pcap_cnt: 7,
      host: 'sensor',
    })
    expect(event.http.hostname).toBe('a"}\n\x1b[2J\xe4\x9f')
    expect(event.seekwatch).toEqual({ http_host_header: 'chat.example.org' })
    expect(JSON.parse(eveLine({ ...SEEN }, 'sensor'))).not.toHaveProperty('seekwatch')
  })
})
