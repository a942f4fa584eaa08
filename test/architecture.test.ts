/**
 * The direction of imports. A folder of src/ may import only what lies below
 * it: what is drawn in ARCHITECTURE.md, checked.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

/** Folder -> folders it may import besides itself. `name (types)`: only with `import type`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  events: [],
  config: [],
  capture: ['bytes'],
  packet: ['bytes'],
  protocol: ['bytes', 'events (types)'],
  flow: ['bytes', 'packet'],
  packs: ['bytes', 'events'],
  enrich: ['bytes', 'events', 'packs'],
  detect: ['bytes', 'events', 'packs', 'enrich'],
  sensor: ['bytes', 'events', 'config', 'capture', 'packet', 'protocol', 'flow', 'packs', 'enrich', 'detect'],
  store: ['bytes', 'events', 'config'],
  evidence: ['bytes', 'events', 'capture', 'packet', 'flow', 'packs', 'detect'],
  outputs: ['bytes', 'events', 'config'],
  forward: ['bytes', 'events', 'config', 'store', 'outputs'],
  server: ['bytes', 'events', 'config', 'store'],
  report: ['bytes', 'events', 'store'],
  cli: [
    'bytes',
    'events',
    'config',
    'capture',
    'packet',
    'protocol',
    'flow',
    'packs',
    'enrich',
    'detect',
    'sensor',
    'store',
    'evidence',
    'outputs',
    'forward',
    'server',
    'report',
  ],
}

interface Import {
  /** As written. */
  path: string
  typesOnly: boolean
}

const IMPORTS = /(?:^|\n)\s*(import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s*)?'(\.[^']+)'|\bimport\('(\.[^']+)'\)/g

/** What a file imports or exports of other files of ours. */
function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORTS)].map(([, , type, path, dynamic]) => ({
    path: path ?? dynamic!,
    typesOnly: type !== undefined,
  }))
}

/** Why a file of src/ may not import this, or empty. */
function complaint(file: string, { path, typesOnly }: Import): string {
  const folder = file.split(sep)[0]!
  const target = relative(SRC, resolve(SRC, dirname(file), path)).split(sep)[0]!
  const allowed = MAY_IMPORT[folder]
  if (allowed === undefined) return `src/${file} lies in ${folder}, which is no layer: give it its place in this test`
  if (target === folder || allowed.includes(target) || (typesOnly && allowed.includes(`${target} (types)`))) return ''
  return `src/${file} imports ${target}; ${folder} may import: ${allowed.join(', ') || 'nothing'}`
}

/** Why a file of the dashboard may not import this, or empty. */
function dashboardComplaint(file: string, { path }: Import): string {
  const target = relative(ROOT, resolve(ROOT, dirname(file), path))
  if (['dashboard', join('src', 'events')].some((folder) => target.startsWith(folder + sep))) return ''
  return `${file} imports ${target}; the dashboard may import: src/events (types and their lists)`
}

function filesUnder(folder: string, endings: readonly string[]): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return all.filter((file) => endings.some((ending) => file.endsWith(ending)))
}

test('every file imports only what its layer allows', () => {
  const files = filesUnder(SRC, ['.ts'])
  const complaints = files.flatMap((file) =>
    importsOf(readFileSync(join(SRC, file), 'utf8')).map((one) => complaint(file, one)),
  )
  expect(complaints.length, 'imports were found').toBeGreaterThan(100)
  expect(complaints.filter(Boolean)).toEqual([])
})

test('the dashboard imports nothing of the program but src/events', () => {
  const files = filesUnder(join(ROOT, 'dashboard/src'), ['.ts', '.svelte']).map((file) => join('dashboard/src', file))
  const complaints = files.flatMap((file) =>
    importsOf(readFileSync(join(ROOT, file), 'utf8')).map((one) => dashboardComplaint(file, one)),
  )
  expect(complaints.length, 'imports were found').toBeGreaterThan(20)
  expect(complaints.filter(Boolean)).toEqual([])
})

test('nobody below imports anything above: the layers have no circle', () => {
  const above = (folder: string, seen: readonly string[]): void => {
    expect(seen, [...seen, folder].join(' imports ')).not.toContain(folder)
    for (const target of MAY_IMPORT[folder]!) above(target.replace(' (types)', ''), [...seen, folder])
  }
  for (const folder of Object.keys(MAY_IMPORT)) above(folder, [])
})

describe('the check itself', () => {
  const stories: Array<{ name: string; file: string; text: string; want: string }> = [
    {
      name: 'a look upwards',
      file: 'protocol/dns/name.ts',
      text: "import { FlowTable } from '../../flow/table.ts'\n",
      want: 'src/protocol/dns/name.ts imports flow; protocol may import: bytes, events (types)',
    },
    {
      name: 'more than types',
      file: 'protocol/dns/name.ts',
      text: "import { STATES } from '../../events/alert.ts'\n",
      want: 'src/protocol/dns/name.ts imports events; protocol may import: bytes, events (types)',
    },
    {
      name: 'types',
      file: 'protocol/dns/name.ts',
      text: "import type { Alert } from '../../events/alert.ts'\n",
      want: '',
    },
    {
      name: 'over several lines',
      file: 'bytes/read.ts',
      text: "import {\n  A,\n  B,\n} from '../cli/main.ts'\n",
      want: 'src/bytes/read.ts imports cli; bytes may import: nothing',
    },
    {
      name: 'handed on',
      file: 'server/http.ts',
      text: "export { A } from '../cli/main.ts'\n",
      want: 'src/server/http.ts imports cli; server may import: bytes, events, config, store',
    },
    {
      name: 'for its effect',
      file: 'store/open.ts',
      text: "import '../server/http.ts'\n",
      want: 'src/store/open.ts imports server; store may import: bytes, events, config',
    },
    {
      name: 'when it runs',
      file: 'store/open.ts',
      text: "const a = await import('../sensor/sensor.ts')\n",
      want: 'src/store/open.ts imports sensor; store may import: bytes, events, config',
    },
    {
      name: 'a folder that has no place',
      file: 'misc/all.ts',
      text: "import { A } from '../bytes/read.ts'\n",
      want: 'src/misc/all.ts lies in misc, which is no layer: give it its place in this test',
    },
    { name: 'its own folder', file: 'packet/ipv4.ts', text: "import { A } from './packet.ts'\n", want: '' },
  ]

  for (const { name, file, text, want } of stories) {
    test(name, () => expect(importsOf(text).map((one) => complaint(file, one))).toEqual([want]))
  }

  test('a look from the dashboard into the program', () => {
    const [one] = importsOf("import type { Store } from '../../src/store/store.ts'\n")
    expect(dashboardComplaint('dashboard/src/page.ts', one!)).toBe(
      'dashboard/src/page.ts imports src/store/store.ts; the dashboard may import: src/events (types and their lists)',
    )
  })
})
