/** JSON written member by member, against JSON.stringify. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asciiJson, JsonWriter } from '../../src/bytes/json-writer.ts'
import { fuzz } from '../support/random.ts'

function written(write: (json: JsonWriter) => void): string {
  const json = new JsonWriter()
  write(json)
  return Buffer.from(json.bytes).toString('latin1')
}

/** Writes anything of texts, whole numbers, true, lists and objects, as a person would with the writer's calls. */
function put(json: JsonWriter, key: string, value: unknown): void {
  if (typeof value === 'string') json.text(key, value)
  else if (typeof value === 'number') json.number(key, value)
  else if (value === true) json.flag(key)
  else if (Array.isArray(value)) {
    json.array(key)
    for (const element of value) put(json, '', element)
    json.endArray()
  } else {
    json.object(key)
    for (const [name, member] of Object.entries(value as object)) put(json, name, member)
    json.endObject()
  }
}

const key = fc.stringMatching(/^[a-z_0-9]{1,40}$/)
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'binary', maxLength: 3000 }),
    fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.constant(true),
    fc.array(tie('tree'), { maxLength: 6 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 6 }),
  ),
}))

describe('json writer', () => {
  test('writes what JSON.stringify writes, in ASCII', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = written((json) => put(json, '', value))
        expect(text).toBe(asciiJson(value))
        expect(text).toMatch(/^[ -~]*$/)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      fuzz(500),
    )
  })

  test('numbers at every border of their length', () => {
    const numbers = Array.from({ length: 16 }, (_, digits) => [10 ** digits - 1, 10 ** digits, 10 ** digits + 1]).flat()
    const rare = [-0, 0.5, -1, 1e21, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, 2 ** 31, 2 ** 32, 2 ** 53]
    expect(written((json) => json.numbers('', [...numbers, ...rare]))).toBe(JSON.stringify([...numbers, ...rare]))
  })

  test('every UTF-16 unit, halves of pairs among them', () => {
    const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit))
    expect(written((json) => json.texts('', units))).toBe(asciiJson(units))
  })

  test.each([
    ['the only member', (json: JsonWriter) => json.endObjectUnlessEmpty(json.object('a')), '{}'],
    [
      'between members',
      (json: JsonWriter) => {
        json.number('a', 1)
        json.endArrayUnlessEmpty(json.array('b'))
        json.number('c', 2)
      },
      '{"a":1,"c":2}',
    ],
    [
      'inside of an empty list',
      (json: JsonWriter) => {
        const list = json.array('a')
        json.endObjectUnlessEmpty(json.object())
        json.endArrayUnlessEmpty(list)
        json.endObjectUnlessEmpty(json.object('b'))
      },
      '{}',
    ],
    [
      'not when something is in it',
      (json: JsonWriter) => {
        const object = json.object('a')
        json.someText('b', '')
        json.someText('c', undefined)
        json.someTexts('d', [])
        json.someNumbers('e', [0])
        json.endObjectUnlessEmpty(object)
        json.flag('f')
      },
      '{"a":{"e":[0]},"f":true}',
    ],
  ])('an empty member is taken back: %s', (_, write, want) => {
    expect(
      written((json) => {
        json.object()
        write(json)
        json.endObject()
      }),
    ).toBe(want)
  })

  test('is used again, after something that was longer than its room', () => {
    const json = new JsonWriter()
    json.text('', 'x'.repeat(100_000))
    expect(json.bytes.length).toBe(100_002)
    json.clear()
    json.number('', 1)
    expect(Buffer.from(json.bytes).toString()).toBe('1')
  })
})
