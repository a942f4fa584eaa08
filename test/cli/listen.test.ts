import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mayWrite, parseListen } from '../../src/cli/listen.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
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
