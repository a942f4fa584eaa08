import { describe, expect, test } from 'vitest'
import { parseListen } from '../../src/cli/listen.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

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
