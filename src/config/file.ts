/**
 * The file `seekwatch.yaml`: the long options of the commands that stay up and
 * of replay, without their dashes. Checked here; every complaint names the
 * line and what to write instead.
 *
 *   interface: [eth1, eth2]
 *   db: /var/lib/seekwatch/seekwatch.db
 *   listen: 127.0.0.1:8787
 */

import { isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { LOG_LEVELS } from './log-levels.ts'

/** The file cannot be used; the message says where, why and what to write. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const text = z
  .string({ error: 'is no text; write it in quotes' })
  .min(1, { error: 'is empty; leave the line out instead' })
const flag = z.boolean({ error: 'is neither true nor false' })
const list = z.union([text.transform((value) => [value]), z.array(text).min(1)], {
  error: 'is no text and no list of texts; write [one, two]',
})
const joined = z.union([text, z.array(text).transform((values) => values.join(','))], {
  error: 'is no list; write [alert, dns]',
})
/** A URL, or its parts; the settings behind it are checked where destinations are read (forward/destination.ts). */
const destination = z.union([
  text,
  z
    .object({ to: text })
    .catchall(z.union([text, z.number(), z.boolean()]))
    .transform(({ to, ...settings }) => {
      const query = new URLSearchParams()
      for (const [name, value] of Object.entries(settings)) query.append(name, String(value))
      return query.size === 0 ? to : `${to}${to.includes('?') ? '&' : '?'}${query}`
    }),
])
const destinations = z.union(
  [
    destination.transform((one) => [one]),
    z.array(destination).min(1, { error: 'is an empty list; leave it out instead' }),
  ],
  {
    error: 'is no list of destinations; write [{ to: "syslog+tls://siem.example:6514", format: cef }]',
  },
)
const whole = (max: number) =>
  z
    .int({ error: `is no whole number from 1 to ${max}` })
    .min(1, { error: `is no whole number from 1 to ${max}` })
    .max(max, { error: `is no whole number from 1 to ${max}` })
const words = <const T extends readonly string[]>(known: T) =>
  z.enum(known, { error: `is none of ${known.join(', ')}` })

const FILE = z.strictObject({
  interface: list.optional(),
  capture: words(['auto', 'tcpdump', 'dumpcap', 'cap']).optional(),
  filter: z.string({ error: 'is no text; write it in quotes' }).optional(),
  workers: whole(32).optional(),
  ring: whole(16_384).optional(),
  jobs: whole(64).optional(),
  db: text.optional(),
  store: flag.optional(),
  eve: text.optional(),
  events: joined.optional(),
  forward: destinations.optional(),
  rules: text.optional(),
  'site-rules': text.optional(),
  sensor: text.optional(),
  serve: flag.optional(),
  listen: text.optional(),
  'allow-host': list.optional(),
  'allow-writes': flag.optional(),
  'log-level': words(LOG_LEVELS).optional(),
  json: flag.optional(),
  quiet: flag.optional(),
})

export type Settings = z.infer<typeof FILE>

/** What a file says. */
export interface ReadSettings {
  settings: Settings
  /** The line of each setting. */
  lines: ReadonlyMap<string, number>
}

/**
 * The settings in `source`, the text of the file `path`.
 * Throws ConfigError: `seekwatch.yaml:3: workers is no whole number from 1 to 32`.
 */
export function readSettings(path: string, source: string): ReadSettings {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const [broken] = document.errors
  if (broken) throw new ConfigError(`${path}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`)
  visit(document, {
    Alias(_, { range }) {
      throw new ConfigError(`${path}:${lines.linePos(range![0]).line}: an alias; write the value itself`)
    },
  })
  const places = new Map<string, number>()
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.range) places.set(String(key.value), lines.linePos(key.range[0]).line)
    },
  })
  const answer = FILE.safeParse(document.toJS() ?? {})
  if (answer.success) return { settings: answer.data, lines: places }
  const complaints = answer.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, places.get(key) ?? 1, key))
    const [key] = issue.path
    if (key === undefined) return [`${path}:1: is no list of settings; write lines like "db: seekwatch.db"`]
    return [`${path}:${places.get(String(key)) ?? 1}: ${String(key)} ${issue.message}`]
  })
  throw new ConfigError(complaints.join('\n'))
}

function unknownKey(path: string, line: number, key: string): string {
  return `${path}:${line}: there is no setting ${JSON.stringify(key)}; there are ${Object.keys(FILE.shape).join(', ')}`
}
