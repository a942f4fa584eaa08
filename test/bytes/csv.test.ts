import { describe, expect, test } from 'vitest'
import { csvLine } from '../../src/bytes/csv.ts'

describe('csvLine', () => {
  test.each([
    ['plain', ['a', 1, ''], 'a,1,'],
    ['a comma', ['a,b'], '"a,b"'],
    ['quotes', ['say "x"'], '"say ""x"""'],
    ['a formula', ['=1+1'], "'=1+1"],
    ['a formula in quotes', ['=HYPERLINK("http://x","y")'], `"'=HYPERLINK(""http://x"",""y"")"`],
    ['plus', ['+1'], "'+1"],
    ['minus', ['-1'], "'-1"],
    ['at', ['@SUM(A1)'], "'@SUM(A1)"],
    ['a tab', ['\t=1'], "'\\x09=1"],
    ['a carriage return', ['\r=1'], "'\\x0d=1"],
    ['a formula in the middle', ['a=1'], 'a=1'],
    ['a line break', ['a\r\nb'], 'a\\x0d\\x0ab'],
    ['escape sequences of a terminal', ['\x1b[2J\x9b2J'], '\\x1b[2J\\x9b2J'],
    ['a right-to-left mark', ['\u202ecod.exe'], '\\u{202e}cod.exe'],
    ['a line separator', ['a\u2028b'], 'a\\u{2028}b'],
    ['letters', ['Příliš žluťoučký'], 'Příliš žluťoučký'],
    ['numbers are numbers', [-1], '-1'],
  ])('%s', (_, cells, expected) => expect(csvLine(cells)).toBe(`${expected}\r\n`))
})
