import { describe, expect, test } from 'vitest'
import { ALERT_FORMATS, alertFormat } from '../../../src/outputs/format/alert-formats.ts'
import { makeAlert } from '../../support/alerts.ts'

const PRODUCT = { version: '1.2.3' }

describe.each(ALERT_FORMATS)('$name', ({ name, what, isJson, write }) => {
  const alert = makeAlert('a1')
  // all that ends a line somewhere, and what steers a terminal
  alert.evidence[0]!.value = 'a\n\r\0\x0b\x0c\x1b[31m\x85\u2028\u2029\u202e\ud800b'
  alert.server.name = alert.evidence[0]!.value
  const line = write(alert, PRODUCT)

  test('is found by its name, and says for what it is', () => {
    expect(alertFormat(name)).toMatchObject({ name, isJson })
    expect(what).toMatch(/^\S.{10,90}$/)
  })

  test('gives one line, whatever a stranger sent, and the same each time', () => {
    expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    expect(write(alert, PRODUCT)).toBe(line)
  })

  test('is what it says: JSON in ASCII, or not', () => {
    if (!isJson) expect(() => JSON.parse(line)).toThrow(SyntaxError)
    else {
      expect(line).toMatch(/^[\x20-\x7e]+$/)
      expect(JSON.stringify(JSON.parse(line))).toContain('"a1"')
    }
  })
})
