/** Rule sets made for tests of exports, friendly and hostile, and the programs that read what is exported. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExportFile } from '../../../src/packs/export/entry.ts'
import { loadRules } from '../../../src/packs/load.ts'
import type {
  CertificateIndicator,
  DomainIndicator,
  FingerprintIndicator,
  FrontedIndicator,
  HostingIndicator,
  Indicator,
  NetworkIndicator,
  Pack,
  Rule,
  RuleSet,
  UserAgentIndicator,
} from '../../../src/packs/pack.ts'
import { temporaryFolder } from '../../support/folder.ts'

const SOURCED = {
  role: 'web chat',
  confidence: 'high' as const,
  seen: '',
  sources: ['a source'],
  use: null,
}

export function domain(value: string, changes: Partial<DomainIndicator> = {}): DomainIndicator {
  return { kind: 'domain', value, match: 'suffix', ...SOURCED, ...changes }
}

export function exact(value: string, changes: Partial<DomainIndicator> = {}): DomainIndicator {
  return domain(value, { match: 'exact', ...changes })
}

export function network(value: string, changes: Partial<NetworkIndicator> = {}): NetworkIndicator {
  return { kind: 'network', value, shared: false, ...SOURCED, ...changes }
}

export function hosting(country: string, asn: number): HostingIndicator {
  return { kind: 'hosting', value: `${country} AS${asn}`, country, asn, ...SOURCED }
}

export function userAgent(value: string): UserAgentIndicator {
  return { kind: 'user_agent', value, ...SOURCED }
}

export function fingerprint(method: 'ja3' | 'ja4', value: string): FingerprintIndicator {
  return { kind: 'fingerprint', method, value, ...SOURCED }
}

export function certificate(value: string): CertificateIndicator {
  return { kind: 'certificate', value, match: 'suffix', ...SOURCED }
}

export function fronted(name: string, cdn: string, labelsBetween = 0): FrontedIndicator {
  return { kind: 'fronted', value: `${name} in front of ${cdn}`, name, cdn, labelsBetween, ...SOURCED }
}

export function rule(id: string, indicators: Indicator[], changes: Partial<Rule> = {}): Rule {
  return {
    id,
    title: `${id} contacted`,
    service: 'Example',
    category: 'service',
    severity: 'high',
    policy: [],
    attack: [],
    indicators,
    strengthens: null,
    needs: null,
    unless: { domains: [], networks: [], clients: [] },
    ...changes,
  }
}

export function pack(id: string, rules: Rule[], changes: Partial<Pack> = {}): Pack {
  return { id, title: `Pack ${id}`, version: '2026.11.22', licence: 'CC0-1.0', rules, ...changes }
}

export function ruleSet(...rules: Rule[]): RuleSet {
  return { packs: [pack('example', rules)], policies: [], never: [] }
}

/** The packs that come with the program. */
export function shippedRules(): RuleSet {
  const folder = fileURLToPath(new URL('../../../rules', import.meta.url))
  return loadRules(folder)
}

/** Texts that try to get out of where they stand. No loader lets the line breaks through; an export must not care. */
export const HOSTILE_TEXTS = [
  '"; sid:1;) alert ip any any -> any any (msg:"x',
  "'; DROP TABLE alerts; --",
  "' OR domain-name:value LIKE '%",
  'a\\',
  '\\"; \\\\"',
  'tab\there',
  'line\nbreak CNAME .',
  'carriage\r\nreturn',
  '=HYPERLINK("http://x","y")',
  '\u202egnp.exe\u2028\u0000\u001b[2J',
  'Příliš žluťoučký kůň, 深度求索',
  '# comment ; comment // comment',
  '{ } [ ] ( ) | , $HOME_NET `id` $(id)',
  '-',
  '(empty)',
  'x'.repeat(1000),
]

/** Values that are no names; nothing of them may stand in a list of names. */
export const HOSTILE_NAMES = [
  ...HOSTILE_TEXTS,
  '',
  '.',
  '*.example.com',
  'a..example.com',
  'evil.example"; content:"x',
  'evil.example CNAME rpz-passthru.',
  'a b.example',
  'exämple.example',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(130)}example`,
  'com',
  'example.com.',
  'EXAMPLE.com/x',
]

/** Every text hostile: 16 rules whose indicators, titles, ids and roles are. One good name and one good network. */
export function hostileRules(): RuleSet {
  const rules = HOSTILE_TEXTS.map((text, i) =>
    rule(
      text,
      [
        ...HOSTILE_NAMES.map((name) => domain(name, { role: text, seen: text, sources: [text] })),
        ...HOSTILE_TEXTS.map((value) => network(value, { role: text, sources: [text] })),
        ...HOSTILE_TEXTS.map((value) => fingerprint(i % 2 === 0 ? 'ja3' : 'ja4', value)),
        ...HOSTILE_TEXTS.map((value) => fronted('example.com', value)),
        ...HOSTILE_TEXTS.map((value) => fronted(value, 'cdn*.example', 1)),
        userAgent(text),
        userAgent(`${text}*${text}`),
        certificate(text),
        exact(`good-${i}.example`, { role: text, sources: [text] }),
        network(`192.0.2.${i}/32`, { role: text }),
      ],
      {
        title: text,
        service: text,
        policy: [text],
        attack: [text],
        unless: { domains: [{ value: text, match: 'suffix' }], networks: [text], clients: [text] },
      },
    ),
  )
  return { packs: [pack(HOSTILE_TEXTS[0]!, rules, { title: HOSTILE_TEXTS[1]! })], policies: [], never: [] }
}

/** What a program printed and how it ended. */
export interface Ran {
  code: number | null
  output: string
}

/** Runs a program; also one that lies where only administrators look. */
export function run(program: string, ...args: string[]): Ran {
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8', timeout: 60_000 })
  return { code: status, output: `${stdout}${stderr}` }
}

/** A folder with the files in it, that goes away with the test. */
export function folderWith(files: readonly ExportFile[]): string {
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  for (const { name, text } of files) writeFileSync(join(folder, name), text)
  return folder
}
