import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { compileRules } from '../../src/detect/compile.ts'
import { Matcher } from '../../src/detect/match.ts'
import { changeOf, changeText } from '../../src/detect/rule-change.ts'
import { RuleSource, type RuleSourceOptions } from '../../src/detect/rule-source.ts'
import { loadRules } from '../../src/packs/load.ts'
import { ACME, domain, network, rule } from '../support/acme.ts'
import { temporaryFolder } from '../support/folder.ts'
import { HEAD, SOURCED } from '../support/pack-text.ts'

const pack = (...names: string[]): string =>
  `${HEAD}    domains:\n${names.map((name) => `      - { name: ${name}, ${SOURCED} }\n`).join('')}`

interface Told {
  source: RuleSource
  folder: string
  said: string[]
  /** Of the rules in use. */
  watches(name: string): boolean
}

/** A source over a folder that holds this pack. */
function sourceOf(text: string, more: Partial<RuleSourceOptions> = {}): Told {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'x.yaml'), text)
  const current = compileRules(loadRules(folder))
  let matcher = new Matcher(current)
  const said: string[] = []
  const source = new RuleSource({
    folder,
    current,
    onRules: ({ rules, change }) => {
      matcher = new Matcher(rules)
      said.push(changeText(change))
    },
    onProblem: (message) => said.push(`problem: ${message.replaceAll(`${folder}/`, '')}`),
    onWarning: (message) => said.push(`warning: ${message.replaceAll(`${folder}/`, '')}`),
    worker: new URL('../support/rule-worker.mjs', import.meta.url),
    quietMs: 50,
    ...more,
  })
  onTestFinished(() => source.close())
  return { source, folder, said, watches: (name) => matcher.watches(name) }
}

test('rule source: a changed pack is a new set, and what changed is told', async () => {
  const { source, folder, said, watches } = sourceOf(pack('a.example', 'b.example'))
  writeFileSync(join(folder, 'x.yaml'), pack('b.example', 'c.example', 'd.example'))
  await source.reload()
  expect(said).toEqual([
    '2 added (example-service: c.example, example-service: d.example), 1 removed (example-service: a.example)',
  ])
  expect([watches('a.example'), watches('b.example'), watches('c.example')]).toEqual([false, true, true])
  await source.reload()
  expect(said.at(-1)).toBe('nothing was added or removed')
})

test('rule source: a wrong pack changes nothing, and the next right one does', async () => {
  const { source, folder, said, watches } = sourceOf(pack('a.example'))
  writeFileSync(join(folder, 'x.yaml'), pack('b.example', 'not a name'))
  await source.reload()
  expect(said).toEqual(['problem: x.yaml:13:17: "not a name" is not a domain name (a space in a label)'])
  expect([watches('a.example'), watches('b.example')]).toEqual([true, false])
  writeFileSync(join(folder, 'x.yaml'), pack('b.example'))
  await source.reload()
  expect([watches('a.example'), watches('b.example')]).toEqual([false, true])
})

test('rule source: a folder that is gone changes nothing', async () => {
  const { source, folder, said, watches } = sourceOf(pack('a.example'))
  rmSync(folder, { recursive: true })
  await source.reload()
  expect(said[0]).toMatch(/^problem: .*cannot be read: .*\(ENOENT\)/)
  expect(watches('a.example')).toBe(true)
})

test('rule source: a thread that fails changes nothing', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'worker.mjs'), "throw new Error('out of luck')")
  const { source, said, watches } = sourceOf(pack('a.example'), { worker: new URL(`file://${folder}/worker.mjs`) })
  await source.reload()
  expect(said).toEqual(['problem: the rules could not be read: out of luck'])
  expect(watches('a.example')).toBe(true)
})

test('rule source: a site that changes nothing is warned about', async () => {
  const site = temporaryFolder()
  writeFileSync(join(site, 'o.yaml'), 'overrides:\n  - { rule: gone, why: x, disable: true }\n')
  const { source, said } = sourceOf(pack('a.example'), { site })
  await source.reload()
  expect(said[0]).toMatch(/^warning: .*o\.yaml:2:13: there is no rule "gone"/)
})

test('rule source: who asks while it reads gets what he saw, and one more reading is enough for all', async () => {
  const { source, folder, said, watches } = sourceOf(pack('a.example'))
  const first = source.reload()
  await sleep(20)
  writeFileSync(join(folder, 'x.yaml'), pack('late.example'))
  await Promise.all([first, source.reload(), source.reload(), source.reload()])
  expect(watches('late.example')).toBe(true)
  expect(said.length).toBeLessThanOrEqual(2)
})

test('rule source: files that change are read once they are quiet', async () => {
  const { source, folder, said, watches } = sourceOf(pack('a.example'))
  source.watch()
  for (const name of ['b', 'c', 'd']) writeFileSync(join(folder, 'x.yaml'), pack(`${name}.example`))
  for (let i = 0; i < 400 && said.length === 0; i++) await sleep(25)
  expect(watches('d.example')).toBe(true)
  expect(said).toEqual(['1 added (example-service: d.example), 1 removed (example-service: a.example)'])
})

test.each<[string, (folder: string) => void]>([
  ['is replaced by a rename', (folder) => renameSync(`${folder}.new`, folder)],
  ['is a link that leads elsewhere', (folder) => symlinkSync(`${folder}.new`, folder)],
])('rule source: a folder that %s is read, and watched', async (_, replace) => {
  const parent = temporaryFolder()
  const folder = join(parent, 'rules')
  mkdirSync(folder)
  mkdirSync(`${folder}.new`)
  writeFileSync(join(folder, 'x.yaml'), pack('a.example'))
  writeFileSync(join(`${folder}.new`, 'x.yaml'), pack('b.example'))
  const { source, said, watches } = sourceOf(pack('a.example'), { folder, lookMs: 50 })
  source.watch()
  renameSync(folder, `${folder}.old`)
  replace(folder)
  for (let i = 0; i < 400 && !watches('b.example'); i++) await sleep(25)
  expect(said).toContain('1 added (example-service: b.example), 1 removed (example-service: a.example)')
  await sleep(200) // an event of the old folder may be on its way
  writeFileSync(join(folder, 'x.yaml'), pack('c.example'))
  for (let i = 0; i < 400 && !watches('c.example'); i++) await sleep(25)
  expect(said.at(-1)).toBe('1 added (example-service: c.example), 1 removed (example-service: b.example)')
})

test('rule source: once closed it hands nothing over', async () => {
  const { source, folder, said } = sourceOf(pack('a.example'))
  writeFileSync(join(folder, 'x.yaml'), pack('b.example'))
  const reading = source.reload()
  source.close()
  await reading
  expect(said).toEqual([])
})

test('rule source: a stranger with much to say is refused within its own thread', async () => {
  const { source, folder, said, watches } = sourceOf(pack('a.example'))
  mkdirSync(join(folder, 'sub'))
  writeFileSync(join(folder, 'y.yaml'), `a: [${'x, '.repeat(200_000)}x]\nb: &b [*b]\n`)
  await source.reload()
  expect(said).toEqual([expect.stringContaining('problem: y.yaml:2:4: is not plain YAML from here on')])
  expect(watches('a.example')).toBe(true)
})

test('rule change: rules and entries, with the first few of many', () => {
  const names = (...values: string[]) => values.map((value) => domain(value))
  const before = compileRules({
    packs: [{ ...ACME, rules: [rule('a', { indicators: names('x.example') }), rule('gone', { indicators: [] })] }],
  })
  const after = compileRules({
    packs: [
      {
        ...ACME,
        rules: [
          rule('a', {
            indicators: [
              ...names('x.example', '1.example', '2.example', '3.example', '4.example'),
              network('192.0.2.0/24'),
            ],
          }),
          rule('new', { indicators: names('x.example') }),
        ],
      },
    ],
  })
  expect(changeText(changeOf(before, after))).toBe(
    '7 added (new, a: 1.example, a: 2.example, a: 3.example, a: 4.example, ...), 1 removed (gone)',
  )
})
