import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { latin1 } from '../../src/bytes/text.ts'
import { TextCache } from '../../src/bytes/text-cache.ts'
import { parseTwice } from '../support/arena.ts'
import { random } from '../support/random.ts'

const bytesOf = (text: string) => Buffer.from(text, 'latin1')

test('text cache: a text that is there is the same one again', () => {
  const cache = new TextCache(16)
  const bytes = bytesOf('xx chat.example xx')
  const place = cache.place(bytes, 3, 15)
  expect(cache.isNew).toBe(true)
  expect(cache.texts[place]).toBe('chat.example')
  expect(cache.place(bytesOf('chat.example'), 0, 12)).toBe(place)
  expect(cache.isNew).toBe(false)
})

test('text cache: texts that share a place take it from each other', () => {
  const cache = new TextCache(2)
  for (const text of ['a', 'b', 'b', 'ab', 'a', '', 'é', 'é\0']) {
    const bytes = bytesOf(text)
    expect(cache.texts[cache.place(bytes, 0, bytes.length)]).toBe(text)
  }
})

test('text cache: of two that share their places with a third, the one used last stays', () => {
  const cache = new TextCache(2)
  const isMade = (text: string): boolean => {
    cache.place(bytesOf(text), 0, text.length)
    return cache.isNew
  }
  expect(['a', 'b', 'a', 'b', 'a'].map(isMade)).toEqual([true, true, false, false, false])
  expect(['c', 'a', 'c', 'b', 'c', 'a'].map(isMade)).toEqual([true, false, false, true, false, true])
})

test('text cache: any bytes, in few places, give their text', () => {
  const next = random(1)
  const cache = new TextCache(8)
  let made = 0
  for (let step = 0; step < 20_000; step++) {
    const bytes = Uint8Array.from({ length: next(4) }, () => next(3) * 127)
    const text = parseTwice(bytes, (arena, start, end) => {
      const place = cache.place(arena, start, end)
      if (cache.isNew) made++
      return cache.texts[place]
    })
    assert.equal(text, latin1(bytes, 0, bytes.length))
  }
  assert.ok(made > 2000 && made < 18_000, `${made} of 20,000 were made`)
})
