import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextHashes } from '../../src/bytes/text-hashes.ts'
import { fuzz } from '../support/random.ts'

const hashOf = (text: string): string => `hash of ${text}`

test('text hashes: those of the text, whatever came before and was forgotten', () => {
  const texts = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 3 }), { maxLength: 60 })
  fc.assert(
    fc.property(texts, fc.constantFrom(2, 4, 64), (texts, places) => {
      const known = new TextHashes(places, hashOf)
      for (const text of texts) {
        known.take(Buffer.from(`${text}rest`, 'latin1'), text.length)
        expect([known.text, known.hash]).toEqual([text, hashOf(text)])
      }
    }),
    fuzz(100),
  )
})

test('text hashes: a text that is known is not hashed again', () => {
  let hashed = 0
  const known = new TextHashes(64, (text) => {
    hashed++
    return text
  })
  const before = hashed
  for (let i = 0; i < 5; i++) known.take(Buffer.from('771,4865,0,29,0'), 15)
  expect(hashed - before).toBe(1)
})

test('text hashes: a long text is hashed each time, and nothing known goes for it', () => {
  const long = Buffer.alloc(1025, 'x')
  let hashed = 0
  const known = new TextHashes(2, (text) => {
    hashed++
    return hashOf(text)
  })
  known.take(Buffer.from('a'), 1)
  hashed = 0
  for (let i = 0; i < 3; i++) {
    known.take(long, long.length)
    expect([known.text, known.hash]).toEqual([long.toString(), hashOf(long.toString())])
    known.take(Buffer.from('a'), 1)
    expect(known.hash).toBe(hashOf('a'))
  }
  expect(hashed).toBe(3)
})
