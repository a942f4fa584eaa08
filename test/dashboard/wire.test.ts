/** Hostile names on the page: whatever a stranger sends must be seen for what it is. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asciiJson, cut, visible } from '../../dashboard/src/wire.ts'
import { fuzz } from '../support/random.ts'

describe('visible', () => {
  const stories: Array<[story: string, text: string, shown: string]> = [
    ['a plain name', 'chat.deepseek.com', 'chat.deepseek.com'],
    ['letters of other scripts', 'пример.čs.例え', 'пример.čs.例え'],
    [
      'markup is left to the page, which shows it as text',
      '<img src=x onerror=alert(1)>',
      '<img src=x onerror=alert(1)>',
    ],
    ['a right-to-left override', 'moc.\u202eelpmaxe', 'moc.\\u{202e}elpmaxe'],
    ['bidi isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['an escape sequence', '\x1b[31mred', '\\u{1b}[31mred'],
    ['line break, tab, NUL, DEL', 'a\r\n\t\0\x7f', 'a\\u{d}\\u{a}\\u{9}\\u{0}\\u{7f}'],
    ['C1 controls', '\x85\x9b', '\\u{85}\\u{9b}'],
    ['zero-width space, joiner, byte order mark', 'a\u200bb\u200dc\ufeff', 'a\\u{200b}b\\u{200d}c\\u{feff}'],
    ['line and paragraph separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['spaces that are not the space', 'a\u00a0b\u3000c d', 'a\\u{a0}b\\u{3000}c d'],
    ['stacked accents', 'e\u0301\u0301', 'e\\u{301}\\u{301}'],
    ['fillers that are letters by name', '\u3164\u115f', '\\u{3164}\\u{115f}'],
    ['tag characters outside the first plane', '\u{e0041}', '\\u{e0041}'],
    ['half a surrogate pair', '\ud800x', '\\u{d800}x'],
    ['private use', '\ue000', '\\u{e000}'],
    ['what the server has escaped stays', '\\u{202e}', '\\u{202e}'],
  ]
  test.each(stories)('%s', (_story, text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  test('never leaves a character that cannot be seen, and says nothing new when asked twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const shown = visible(text)
        expect(shown.replaceAll(' ', '')).not.toMatch(/[\p{C}\p{M}\p{Z}]/u)
        expect(visible(shown)).toBe(shown)
      }),
      fuzz(300),
    )
  })
})

describe('cut', () => {
  const stories: Array<[story: string, text: string, length: number, shown: string]> = [
    ['short text stays', 'chat.deepseek.com', 20, 'chat.deepseek.com'],
    ['exactly as long as allowed', 'abcdef', 6, 'abcdef'],
    ['the end, which says whose name it is, stays', `${'a'.repeat(200)}.deepseek.com`, 21, 'aaaaaaa….deepseek.com'],
    ['characters outside the first plane are not halved', '😀😀😀😀😀😀', 4, '😀…😀😀'],
    ['nothing', '', 4, ''],
  ]
  test.each(stories)('%s', (_story, text, length, shown) => {
    expect(cut(text, length)).toBe(shown)
  })

  test('is never longer than asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 4, max: 120 }), (text, length) => {
        expect([...cut(text, length)].length).toBeLessThanOrEqual(length)
      }),
      fuzz(200),
    )
  })
})

describe('asciiJson', () => {
  test('gives the same value back, in printable ASCII', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
        const text = asciiJson(value)
        expect(text).toMatch(/^[\n\x20-\x7e]*$/)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      fuzz(200),
    )
  })

  test('holds nothing that a terminal obeys', () => {
    expect(asciiJson({ name: '\u202e\x1b\x9b\x7f' })).toBe('{\n  "name": "\\u202e\\u001b\\u009b\\u007f"\n}')
  })
})
