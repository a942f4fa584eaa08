import { describe, expect, test } from 'vitest'
import { hostCheck } from '../../src/server/host-check.ts'

describe('the Host header', () => {
  test.each<[listen: string, allowed: string[], header: string | undefined, expected: boolean]>([
    ['127.0.0.1', [], '127.0.0.1:8787', true],
    ['127.0.0.1', [], 'localhost:8787', true],
    ['127.0.0.1', [], 'LOCALHOST', true],
    ['127.0.0.1', [], '[::1]:8787', true],
    ['127.0.0.1', [], 'localhost.:8787', true],
    ['127.0.0.1', [], 'localhost..:8787', false],
    ['127.0.0.1', [], '.', false],
    ['127.0.0.1', [], undefined, false],
    ['127.0.0.1', [], '', false],
    ['127.0.0.1', [], 'attacker.example', false],
    ['127.0.0.1', [], 'attacker.example:8787', false],
    ['127.0.0.1', [], 'localhost.attacker.example', false],
    ['127.0.0.1', [], '127.0.0.1.attacker.example', false],
    ['127.0.0.1', [], '127.0.0.1@attacker.example', false],
    ['127.0.0.1', [], 'localhost:8787, attacker.example', false],
    ['127.0.0.1', [], 'localhost/attacker', false],
    ['127.0.0.1', [], '192.0.2.1', false],
    ['192.0.2.1', [], '192.0.2.1:80', true],
    ['192.0.2.1', [], '192.0.2.2', false],
    ['2001:db8::1', [], '[2001:db8::1]:80', true],
    ['2001:db8::1', [], '2001:db8::1', false],
    ['0.0.0.0', [], '192.0.2.77:8787', true],
    ['::', [], '[2001:db8::7]', true],
    ['0.0.0.0', [], 'attacker.example', false],
    ['127.0.0.1', ['Seekwatch.office.example'], 'seekwatch.OFFICE.example', true],
    ['127.0.0.1', ['seekwatch.office.example'], 'office.example', false],
    ['127.0.0.1', ['seekwatch.office.example.'], 'seekwatch.office.example:80', true],
    ['127.0.0.1', ['seekwatch.office.example'], 'seekwatch.office.example.', true],
  ])('listening on %s, allowing %j: %s', (listen, allowed, header, expected) => {
    expect(hostCheck(listen, allowed)(header)).toBe(expected)
  })
})
