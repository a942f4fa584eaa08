import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { SCHEMA_FILE, schemaText } from '../../src/packs/json-schema.ts'

const folder = join(import.meta.dirname, '../../rules')
const published = readFileSync(SCHEMA_FILE, 'utf8')
const check = new Ajv2020({ allErrors: true }).compile(JSON.parse(published))

/** Where the validator finds something wrong, and what kind of thing. */
function faults(form: unknown): string[] {
  check(form)
  return (check.errors ?? []).filter(({ keyword }) => keyword !== 'if').map((e) => `${e.instancePath} ${e.keyword}`)
}

test('pack schema: what is published is what the program checks with (npm run schema writes it)', () => {
  expect(published).toBe(schemaText())
})

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  test(`pack schema: ${file} is right, and names the schema for editors`, () => {
    const text = readFileSync(join(folder, file), 'utf8')
    expect(faults(parse(text))).toEqual([])
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=pack.schema.json')
  })
}

const SOURCED = { role: 'web', confidence: 'high', sources: ['a page'] }
const pack = (rule: object) => ({
  pack: 'x',
  title: 'X',
  version: '2026.11.22',
  licence: 'CC0-1.0',
  rules: [{ id: 'x', title: 'X', service: 'X', category: 'service', severity: 'high', ...rule }],
})
const broken: Array<{ name: string; form: unknown; want: string[] }> = [
  { name: 'a key that there is not', form: { ...pack({}), license: 'x' }, want: [' additionalProperties'] },
  { name: 'no version', form: { ...pack({}), version: undefined }, want: [' required'] },
  { name: 'a word of its own', form: pack({ severity: 'critical' }), want: ['/rules/0/severity enum'] },
  { name: 'no rules', form: { ...pack({}), rules: [] }, want: ['/rules minItems'] },
  {
    name: 'an entry without a source, and one with a key too many',
    form: pack({
      domains: [
        { name: 'a.example', role: 'web', confidence: 'high' },
        { name: 'a.example', colour: 'red', ...SOURCED },
      ],
    }),
    want: ['/rules/0/domains/0 required', '/rules/0/domains/1 additionalProperties'],
  },
  {
    name: 'names and networks that are none',
    form: pack({
      domains: [{ names: ['a b.example', 'https://x.example', 'com'], ...SOURCED }],
      networks: [{ cidr: 'x', shared: 'no', ...SOURCED }],
    }),
    want: [
      '/rules/0/domains/0/names/0 pattern',
      '/rules/0/domains/0/names/1 pattern',
      '/rules/0/domains/0/names/2 pattern',
      '/rules/0/networks/0/cidr pattern',
      '/rules/0/networks/0/shared type',
    ],
  },
  {
    name: 'a span of days',
    form: pack({ needs: { rules: ['a'], within: '5d' } }),
    want: ['/rules/0/needs/within pattern'],
  },
  {
    name: 'a policy without authority',
    form: { policies: [{ id: 'x', title: 'x' }] },
    want: Array(6).fill('/policies/0 required'),
  },
  {
    name: 'a never-name of no category',
    form: { never: [{ name: 'a.example', why: 'x', categories: [] }] },
    want: ['/never/0/categories minItems'],
  },
  {
    name: 'an override that enables',
    form: { overrides: [{ rule: 'x', why: 'x', disable: false }] },
    want: ['/overrides/0/disable const'],
  },
]
for (const { name, form, want } of broken) {
  test(`pack schema: ${name}`, () => expect(faults(form).sort()).toEqual(want.sort()))
}
