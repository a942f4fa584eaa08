import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { mayWrite, parseHost, parseListen } from '../../src/cli/listen.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { hostCheck } from '../../src/server/host-check.ts'
import { seekwatch } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('parseListen', () => {
  test.each([
    ['127.0.0.1:8787', '127.0.0.1', 8787],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:8787', '::1', 8787],
    ['[2001:db8::7]:1', '2001:db8::7', 1],
    ['localhost:9000', 'localhost', 9000],
    [':9000', '127.0.0.1', 9000],
    ['9000', '127.0.0.1', 9000],
    ['0', '127.0.0.1', 0],
    ['127.0.0.1:65535', '127.0.0.1', 65535],
  ])('%s', (text, host, port) => expect(parseListen(text)).toEqual({ host, port }))

  test.each([
    '',
    ':',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:http',
    '127.0.0.1:-1',
    '127.0.0.1:80 ',
    '::1:8787',
    '[::1]8787',
    '[127.0.0.1]:80',
    '[]:80',
    '[::1%eth0; rm]:80',
    '1.2.3:80',
    '256.0.0.1:80',
    'a b:80',
    'http://127.0.0.1:80',
    '\x1b[2J:80',
  ])('refuses %j and says what to write', (text) => {
    expect(() => parseListen(text)).toThrow(UsageError)
    expect(() => parseListen(text)).toThrow(/^--listen: .*; write 127\.0\.0\.1:8787, \[::1\]:8787 or 8787$/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may come through
    expect(() => parseListen(text)).not.toThrow(/[\x00-\x1f]/)
  })
})

describe('parseHost', () => {
  test.each([
    ['seekwatch.office.example', 'seekwatch.office.example'],
    ['Seekwatch', 'Seekwatch'],
    ['sensor_1.office.example.', 'sensor_1.office.example'],
    ['xn--bro-hoa.example', 'xn--bro-hoa.example'],
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:DB8:0::0007', '2001:db8::7'],
    ['::ffff:192.0.2.7', '::ffff:c000:207'],
  ])('%s', (text, host) => {
    expect(parseHost(text)).toBe(host)
    const header = host.includes(':') ? `[${host}]:8787` : `${host}:8787`
    expect(hostCheck('127.0.0.1', [host])(header)).toBe(true)
  })

  test.each<[text: string, cause: RegExp]>([
    ['', /is empty; write the name alone: seekwatch\.office\.example$/],
    ['.', /is empty/],
    ['a b.example', /has a space in it/],
    [' a.example', /has a space in it/],
    ['https://a.example', /is the address of a page/],
    ['a.example/', /is the address of a page/],
    ['user@a.example', /is the address of a page/],
    ['a.example:8787', /has a port, or is no address/],
    ['[2001:db8::7]:8787', /has a port, or is no address/],
    ['2001:db8::7::', /has a port, or is no address/],
    ['fe80::7%eth0', /has a zone/],
    ['a..example', /has nothing between two dots/],
    ['.example', /has nothing between two dots, or before the first/],
    ['a.example..', /has nothing between two dots/],
    ['*.example', /is no name that a machine can have/],
    ['-a.example', /is no name that a machine can have/],
    [`${'a'.repeat(64)}.example`, /is no name that a machine can have/],
    ['a,b.example', /is no name that a machine can have/],
    ['büro.example', /is no name that a machine can have; write the name alone: xn--bro-hoa\.example$/],
    ['192.0.2', /is no IPv4 address/],
    ['192.0.2.256', /is no IPv4 address/],
    ['a.'.repeat(128), /^--allow-host: .* characters, and a name 253 at most/],
    ['\x1b[2J', /is no name that a machine can have/],
  ])('refuses %j and says why', (text, cause) => {
    expect(() => parseHost(text)).toThrow(UsageError)
    expect(() => parseHost(text)).toThrow(cause)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may come through
    expect(() => parseHost(text)).not.toThrow(/[\x00-\x1f]/)
  })

  const TWO = ['--allow-host', 'a.example', '--allow-host', 'b..example']
  test.each<[what: string, args: string[], environment: string]>([
    ['serve', ['serve', ...TWO], ''],
    ['watch', ['watch', '.', ...TWO], ''],
    ['watch, from the environment', ['watch', '.'], 'a.example, b..example'],
  ])('%s refuses it', async (_what, args, environment) => {
    vi.stubEnv('SEEKWATCH_ALLOW_HOST', environment)
    onTestFinished(() => void vi.unstubAllEnvs())
    const place = environment === '' ? '--allow-host' : 'SEEKWATCH_ALLOW_HOST'
    const { code, err } = await seekwatch(...args, '--db', join(temporaryFolder(), 'x.db'))
    expect([code, err]).toEqual([2, expect.stringContaining(`${place}: "b..example" has nothing between two dots`)])
  })
})

describe('mayWrite', () => {
  test.each<[host: string, allowHost: string[], allowWrites: boolean, expected: boolean]>([
    ['127.0.0.1', [], false, true],
    ['::1', [], false, true],
    ['localhost', [], false, true],
    ['0.0.0.0', [], false, false],
    ['::', [], false, false],
    ['192.0.2.1', [], false, false],
    ['127.0.0.1.example', [], false, false],
    ['127.0.0.1', ['seekwatch.office.example'], false, false],
    ['127.0.0.1', ['seekwatch.office.example'], true, true],
    ['0.0.0.0', [], true, true],
  ])('on %s for %j, allowed: %s', (host, allowHost, allowWrites, expected) => {
    const db = join(temporaryFolder(), 'seekwatch.db')
    writeFileSync(db, '')
    expect(mayWrite({ db, host, allowHost, allowWrites })).toBe(expected)
    expect(mayWrite({ db: `${db}.none`, host, allowHost, allowWrites })).toBe(false)
  })
})
