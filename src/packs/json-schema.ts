/**
 * The forms of schema.ts as one JSON Schema (draft 2020-12), which editors
 * complete and check YAML with: rules/pack.schema.json. It knows the keys,
 * words and patterns; what takes two values to see only the loader tells.
 *
 * Run as a program it writes that file: `npm run schema`.
 */

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { LIST_ITEMS } from './form.ts'
import { FORMS } from './schema.ts'

export const SCHEMA_FILE = fileURLToPath(new URL('../../rules/pack.schema.json', import.meta.url))

type Json = Record<string, unknown>

/** The schema as the text of its file. */
export function schemaText(): string {
  const { pack, policies, never, overrides } = Object.fromEntries(
    Object.entries(FORMS).map(([kind, form]) => [kind, toJson(form)]),
  )
  const chosenBy = (key: string, form: Json | undefined, otherwise: Json): Json => {
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nobody awaits it
    return { if: { required: [key] }, then: form, else: otherwise }
  }
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A file of a Seekwatch rule folder',
    description: 'A rule pack, policies, names that must raise no alert, or the overrides of a site; see README.md',
    type: 'object',
    ...chosenBy('policies', policies, chosenBy('never', never, chosenBy('overrides', overrides, pack!))),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

function toJson(form: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(form, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const schema: unknown = zodSchema
      const list = schema instanceof z.ZodPipe ? LIST_ITEMS.get(schema.def.out) : undefined
      if (list !== undefined) Object.assign(jsonSchema, listJson(list))
      // A list is of any type to zod, which therefore takes it for a key that may be left out.
      if (schema instanceof z.ZodObject) {
        const required = Object.keys(schema.shape).filter((key) => !(schema.shape[key] instanceof z.ZodOptional))
        if (required.length > 0) jsonSchema.required = required
      }
    },
  }) as Json
  return json
}

function listJson({ item, least }: { item: z.ZodType; least: number }): Json {
  return { type: 'array', items: toJson(item), ...(least > 0 ? { minItems: least } : {}) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(SCHEMA_FILE, schemaText())
