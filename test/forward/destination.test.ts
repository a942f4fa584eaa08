/** A destination as people write it: what it means, and what is said about a wrong one. */

import { describe, expect, test } from 'vitest'
import { readDestination, withSettings } from '../../src/forward/destination.ts'

test('what is not said has a default', () => {
  expect(readDestination('syslog+tls://siem.example')).toEqual({
    name: 'syslog+tls://siem.example:6514',
    url: 'syslog+tls://siem.example:6514',
    transport: 'tls',
    host: 'siem.example',
    port: 6514,
    format: 'eve',
    style: { facility: 16, enterprise: 32473, bom: false, bytesMax: 8192 },
    framing: 'octets',
    confirm: 'close',
    fromStart: false,
    files: {},
    serverName: undefined,
    insecure: false,
  })
})

test('what is said', () => {
  const settings = 'name=siem&format=jsonl&facility=authpriv&enterprise=9&bom=true&max-bytes=65536&framing=lf'
  const tls = 'confirm=written&from-start=true&ca=/etc/a%20b.pem&cert=c.pem&server-name=x&insecure=true'
  expect(readDestination(`syslog+tls://SIEM.example:7000/?${settings}&${tls}`)).toMatchObject({
    name: 'siem',
    url: 'syslog+tls://siem.example:7000',
    format: 'jsonl',
    style: { facility: 10, enterprise: 9, bom: true, bytesMax: 65_536 },
    framing: 'lf',
    confirm: 'written',
    fromStart: true,
    files: { ca: '/etc/a b.pem', cert: 'c.pem', key: 'c.pem' },
    serverName: 'x',
    insecure: true,
  })
})

test.each([
  ['syslog+udp://192.0.2.7', '192.0.2.7', 514, 'syslog+udp://192.0.2.7:514'],
  ['syslog+tcp://[2001:DB8::7]:601', '2001:db8::7', 601, 'syslog+tcp://[2001:db8::7]:601'],
  ['SYSLOG+TCP://siem_1.example.:1', 'siem_1.example.', 1, 'syslog+tcp://siem_1.example.:1'],
])('%s', (text, host, port, url) => expect(readDestination(text)).toMatchObject({ host, port, url, name: url }))

describe('a wrong one', () => {
  test.each([
    ['', '"" is no destination; write for example syslog+tls://siem.example:6514'],
    ['siem.example:514', 'is no destination'],
    ['syslog://siem.example', 'is no destination'],
    ['syslog+tcp://', '"" is no name or address of a machine'],
    ['syslog+tcp://siem.example/alerts', 'is no destination'],
    ['syslog+tcp://user@siem.example', 'is no destination'],
    ['syslog+tcp://2001:db8::7', 'is no destination'],
    ['syslog+tcp://[192.0.2.7]', '"[192.0.2.7]" is no name or address of a machine'],
    ['syslog+tcp://10.0.1', '"10.0.1" is no name or address of a machine'],
    ['syslog+tcp://a b', '"a b" is no name or address of a machine'],
    ['syslog+tcp://a\u202eb', '"a\\u{202e}b" is no name'],
    [`syslog+tcp://${'a'.repeat(300)}`, 'is no name or address of a machine'],
    ['syslog+tcp://a:0', '0 is no port; write one from 1 to 65535'],
    ['syslog+tcp://a:65536', '65536 is no port'],
    ['syslog+tcp://a?constructor=eve', 'syslog+tcp://a:514: there is no setting "constructor"; there are name, '],
    ['syslog+tcp://a?formt=eve', 'syslog+tcp://a:514: there is no setting "formt"; there are name, format, '],
    ['syslog+tcp://a?format=eve&format=eve', 'format is given twice'],
    ['syslog+tcp://a?format=', 'format is empty'],
    ['syslog+tcp://a?format=xml', 'format: "xml" is none of '],
    ['syslog+tcp://a?facility=local8', 'facility: "local8" is none of kern, '],
    ['syslog+tcp://a?facility=24', 'no number from 0 to 23'],
    ['syslog+tcp://a?max-bytes=100', 'max-bytes: "100" is no whole number from 2048 to 1048576'],
    ['syslog+udp://a?max-bytes=70000', 'from 2048 to 65507'],
    ['syslog+tcp://a?enterprise=0', 'enterprise: "0" is no whole number from 1 to 4294967295'],
    ['syslog+tcp://a?bom=yes', 'bom: "yes" is neither true nor false'],
    ['syslog+udp://a?framing=lf', 'framing is for syslog+tcp and syslog+tls only'],
    ['syslog+tcp://a?ca=x', 'ca is for syslog+tls only'],
    ['syslog+tls://a?key=x', 'key is there and cert is not'],
    ['syslog+tcp://a?name=%20a', 'has characters that cannot be seen'],
    [`syslog+tcp://a?name=${'a'.repeat(101)}`, 'name has more than 100 characters'],
    ['syslog+tcp://a?confirm=maybe', 'confirm: "maybe" is none of close, written'],
  ])('%s', (text, complaint) => {
    expect(() => readDestination(text)).toThrow(complaint)
    expect(() => readDestination(text)).toThrow(expect.objectContaining({ name: 'DestinationError' }))
  })
})

test('settings from elsewhere win over those of the URL', () => {
  expect(withSettings('syslog+tcp://a', {})).toBe('syslog+tcp://a')
  expect(withSettings('syslog+tcp://a?format=eve&bom=true', { format: 'jsonl', name: 'a&b' })).toBe(
    'syslog+tcp://a?format=jsonl&bom=true&name=a%26b',
  )
})
