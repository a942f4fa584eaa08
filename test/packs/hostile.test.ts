/**
 * Packs from strangers, and from people in a hurry. Each is read within a bound of time, by a thread whose memory has
 * a bound as well, and what is told names file, line, column and what to write.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { DOMAIN, HEAD, SOURCED } from '../support/pack-text.ts'

/** Of a busy machine; alone the slowest takes a third of it. */
const MS_MAX = 15_000
const MEMORY_MB = 1024

const PACK = HEAD + DOMAIN
const rule = (lists: string): string => HEAD + lists
const listed = (key: 'names_file' | 'cidrs_file', file: string): string =>
  key === 'names_file'
    ? rule(`    domains:\n      - { names_file: ${file}, ${SOURCED} }\n`)
    : rule(`    networks:\n      - { cidrs_file: ${file}, shared: true, ${SOURCED} }\n`)

type Files = Record<string, string | Uint8Array>

interface Story {
  name: string
  /** Files of the folder; those below `site/` are of the site's. */
  files: Files | ((folder: string) => Files)
  /** How the first line begins, without the folder; nothing when all is right. */
  want: string
  /** How many lines are told, when it matters. */
  lines?: number
}

let thread: Worker
beforeAll(async () => {
  thread = new Worker(new URL('../support/pack-reader.mjs', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  })
  await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject))
})
afterAll(async () => {
  await thread.terminate()
})

interface Answer {
  id: string
  told: string[]
  ms: number
}

/** What is told of these files, without the folder. */
async function told(files: Story['files']): Promise<{ lines: string[]; ms: number }> {
  const folder = temporaryFolder()
  const [rules, site] = [join(folder, 'rules'), join(folder, 'site')]
  mkdirSync(rules)
  const all = typeof files === 'function' ? files(rules) : files
  for (const [name, content] of Object.entries(all)) {
    const file = join(folder, name.startsWith('site/') ? name : `rules/${name}`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  const hasSite = Object.keys(all).some((name) => name.startsWith('site/'))
  const answer = new Promise<Answer>((resolve, reject) => {
    const hear = (said: Answer): void => {
      if (said.id !== folder) return
      thread.off('message', hear)
      resolve(said)
    }
    thread.on('message', hear).once('error', reject)
  })
  thread.postMessage({ id: folder, rules, site: hasSite ? site : undefined })
  const { told, ms } = await answer
  return { lines: told.map((line) => line.replaceAll(`${rules}/`, '').replaceAll(`${folder}/`, '')), ms }
}

/** A file with line and column, a file or folder as a whole, or a count. */
const PLACED = /^(?:[^\n]*:\d+:\d+: |(?:rules|\w+\.yaml|\w+\.txt): |and \d+ more$)/

function tell(stories: readonly Story[]): void {
  for (const { name, files, want, lines: count } of stories)
    test(name, async () => {
      const { lines, ms } = await told(files)
      expect((lines[0] ?? '').slice(0, want === '' ? undefined : want.length)).toBe(want)
      if (count !== undefined) expect(lines).toHaveLength(count)
      for (const line of lines) expect(line, 'a place, or a count').toMatch(PLACED)
      expect(Math.max(...lines.map((line) => line.length), 0)).toBeLessThan(1000)
      expect(ms).toBeLessThan(MS_MAX)
    })
}

const repeat = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('')

describe('packs: huge', () => {
  tell([
    {
      name: 'a file of 100 MB',
      files: (folder) => {
        const file = openSync(join(folder, 'x.yaml'), 'w')
        ftruncateSync(file, 100e6)
        closeSync(file)
        return {}
      },
      want: 'x.yaml: has 100000000 bytes; 16777216 are the most, so split the pack',
    },
    {
      name: 'a list of 100 MB',
      files: (folder) => {
        const file = openSync(join(folder, 'n.txt'), 'w')
        ftruncateSync(file, 100e6)
        closeSync(file)
        return { 'x.yaml': listed('names_file', 'n.txt') }
      },
      want: 'n.txt: has 100000000 bytes; 16777216 are the most',
    },
    {
      name: 'five files that are 70 MB together',
      files: Object.fromEntries(
        Array.from({ length: 5 }, (_, i) => [
          `${i}.yaml`,
          `# ${'x'.repeat(14_000_000)}\n${PACK.replaceAll('example', `e${i}`)}`,
        ]),
      ),
      want: '4.yaml: with this file the files have 70001',
      lines: 1,
    },
    {
      name: 'a list of 16 MB with more names than there may be',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': repeat(1_200_000, (i) => `${i.toString(36)}.xn\n`) },
      want: 'x.yaml:6:5: with this file there are more than 1000000 entries, which are the most; remove some',
      lines: 1,
    },
    {
      name: 'a list of 16 MB, all of it wrong',
      files: { 'x.yaml': listed('cidrs_file', 'n.txt'), 'n.txt': 'x\n'.repeat(8_000_000) },
      want: 'n.txt:1:1: "x" is not a network; write it like 192.0.2.0/24',
      lines: 51,
    },
    {
      name: 'a list of 16 MB, the same name in each line',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': 'a.example\n'.repeat(1_600_000) },
      want: 'n.txt:2:1: "a.example" stands in line 1 already; remove one of the two',
      lines: 51,
    },
    {
      name: 'a long list of names that must raise no alert',
      files: {
        'x.yaml': PACK,
        'never.yaml': 'never:\n  - { names_file: n.txt, why: x, categories: [service] }\n',
        'n.txt': repeat(300_000, (i) => `h${i}.example\n`),
      },
      want: '',
    },
    {
      name: 'a list with one line of 16 MB',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': 'a'.repeat(16_000_000) },
      want: `n.txt:1:1: "${'a'.repeat(80)}..." is not a domain name (16000000 characters; 253 is the most)`,
      lines: 1,
    },
    {
      name: 'one line of 16 MB',
      files: { 'x.yaml': `title: ${'x'.repeat(16_000_000)}` },
      want: 'x.yaml:1:1: pack is missing; write it',
    },
    {
      name: '16 MB of blanks and then something',
      files: { 'x.yaml': `title:${' '.repeat(16_000_000)}- x` },
      want: 'x.yaml:1:',
    },
    {
      name: '400,000 names in one line',
      files: { 'x.yaml': rule(`    domains:\n      - { names: [${'a.b, '.repeat(400_000)}a.b], ${SOURCED} }\n`) },
      want: 'x.yaml:12:24: "a.b" stands twice in this pack; remove one',
      lines: 51,
    },
    {
      name: '40,000 entries of their own in a pack',
      files: {
        'x.yaml': `${HEAD}    domains:\n${repeat(40_000, (i) => `      - { name: h${i}.example, role: web, confidence: high, sources: [x] }\n`)}`,
      },
      want: '',
    },
    {
      name: 'the same key again and again',
      files: { 'x.yaml': 'a: b\n'.repeat(1_000_000) },
      want: 'x.yaml:2:1: is not plain YAML from here on',
      lines: 1,
    },
    {
      name: 'many keys',
      files: { 'x.yaml': repeat(300_000, (i) => `k${i}: 1\n`) },
      want: 'x.yaml:1:1: pack is missing; write it',
      lines: 51,
    },
    {
      name: 'more rules than a pack may have',
      files: {
        'x.yaml':
          HEAD.split('  - id')[0] +
          repeat(
            1001,
            (i) =>
              `  - { id: r${i}, title: x, service: x, category: service, severity: low, hosting: [{ asn: ${i + 1}, ${SOURCED} }] }\n`,
          ),
      },
      want: 'x.yaml:6:3: the pack has more than 1000 rules; split it',
    },
    {
      name: 'more files than there may be',
      files: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}.yaml`, PACK])),
      want: 'rules: holds 300 files; 256 are the most',
    },
    {
      name: 'a title of 1 MB',
      files: { 'x.yaml': PACK.replace('title: Example', `title: ${'x'.repeat(1_000_000)}`) },
      want: 'x.yaml:2:8: title is longer than 1000 characters; shorten it',
      lines: 1,
    },
    {
      name: 'more policies of a rule than there may be',
      files: { 'x.yaml': rule(`    policies: [${repeat(101, (i) => `p-${i}, `)}]\n${DOMAIN}`) },
      want: 'x.yaml:11:15: there are more than 100 ids here; keep those that matter',
    },
  ])
})

describe('packs: what is compared one by one', () => {
  tell([
    {
      name: 'more user agents than there may be',
      files: {
        'x.yaml': rule(
          `    user_agents:\n      - { agents: [${repeat(257, (i) => `"agent ${i}/*", `)}], ${SOURCED} }\n`,
        ),
      },
      want: 'x.yaml:6:5: has more user agents than there may be in all packs (256): each request is compared',
      lines: 1,
    },
    {
      name: 'more user agents than there may be, of a pack and of the site',
      files: {
        'x.yaml': rule(
          `    user_agents:\n      - { agents: [${repeat(200, (i) => `"agent ${i}/*", `)}], ${SOURCED} }\n`,
        ),
        'site/o.yaml': `overrides:\n  - rule: example-service\n    why: x\n    user_agents:\n      - { agents: [${repeat(57, (i) => `"other ${i}/*", `)}], ${SOURCED} }\n`,
      },
      want: 'site/o.yaml:2:5: has more user agents than there may be in all packs (256)',
      lines: 1,
    },
    {
      name: 'more pairs of names and CDNs than there may be',
      files: {
        'x.yaml': rule(
          `    fronted:\n      - { names: [${repeat(33, (i) => `h${i}.example, `)}], cdns: [${repeat(32, (i) => `c${i}.example.net, `)}], ${SOURCED} }\n`,
        ),
      },
      want: 'x.yaml:6:5: has more pairs of a name and a CDN than there may be in all packs (1024)',
      lines: 1,
    },
    {
      name: 'more fingerprints than there may be',
      files: {
        'x.yaml': `${HEAD}    fingerprints:\n${repeat(10_001, (i) => `      - { ja3: ${(0xabcdef00000 + i).toString(16).padStart(32, 'f')}, ${SOURCED} }\n`)}`,
      },
      want: 'x.yaml:6:5: has more fingerprints than there may be in all packs (10000)',
      lines: 1,
    },
    {
      name: 'a regular expression that explodes is no pattern but text',
      files: { 'x.yaml': rule(`    user_agents:\n      - { agent: "python (a+)+$ (.*)*x", ${SOURCED} }\n`) },
      want: '',
    },
    {
      name: 'a pattern of nothing but stars',
      files: { 'x.yaml': rule(`    user_agents:\n      - { agent: "${'*'.repeat(200)}", ${SOURCED} }\n`) },
      want: `x.yaml:12:18: "${'*'.repeat(80)}..." would match nearly any user agent`,
    },
    {
      name: 'an id that would make a careless pattern go back and forth',
      files: { 'x.yaml': PACK.replace('pack: example', `pack: ${'a-'.repeat(50_000)}!`) },
      want: 'x.yaml:1:7: pack is not an id',
    },
    {
      name: 'a name that would',
      files: { 'x.yaml': rule(`    domains:\n      - { name: ${'a-'.repeat(100)}.${'a'.repeat(50)}!, ${SOURCED} }\n`) },
      want: 'x.yaml:12:17: "',
    },
  ])
})

describe('packs: deep and cyclic', () => {
  const bomb = (width: number): string =>
    `a0: &a0 [x]\n${repeat(12, (i) => `a${i + 1}: &a${i + 1} [${Array(width).fill(`*a${i}`).join(', ')}]\n`)}`
  tell([
    {
      name: 'lists in lists',
      files: { 'x.yaml': '['.repeat(100_000) },
      want: 'x.yaml:1:',
    },
    {
      name: 'maps in maps',
      files: { 'x.yaml': 'a: {'.repeat(100_000) },
      want: 'x.yaml:1:',
    },
    {
      name: 'maps below maps',
      files: { 'x.yaml': repeat(900, (i) => `${' '.repeat(i)}a:\n`) },
      want: 'x.yaml:',
    },
    {
      name: 'dashes behind dashes',
      files: { 'x.yaml': '- '.repeat(200_000) },
      want: 'x.yaml:1:',
    },
    { name: 'an anchor that holds itself', files: { 'x.yaml': 'rules: &a [*a]\n' }, want: 'x.yaml:1:1: ' },
    {
      name: 'two anchors that hold each other',
      files: { 'x.yaml': 'pack: &a { b: &b { c: *a } }\nrules: [*a, *b]\n' },
      want: 'x.yaml:1:1: ',
    },
    {
      name: 'an alias bomb',
      files: { 'x.yaml': bomb(10) },
      want: 'x.yaml: is not YAML that can be read (Excessive alias count',
    },
    { name: 'a narrow alias bomb', files: { 'x.yaml': bomb(2) }, want: 'x.yaml: is not YAML that can be read (' },
    {
      name: 'a hundred thousand anchors',
      files: { 'x.yaml': repeat(30_000, (i) => `a${i}: &a${i} x\n`) },
      want: 'x.yaml: has more than 1000 anchors',
    },
    {
      name: 'an alias to a rule that is its own entry',
      files: { 'x.yaml': `${PACK.replace('  - id', '  - &r\n    id')}    strengthens: *r\n` },
      want: 'x.yaml:',
    },
  ])
})

describe('packs: files that are none', () => {
  tell([
    {
      name: 'a pipe, for which nobody writes',
      files: (folder) => {
        execFileSync('mkfifo', [join(folder, 'x.yaml')])
        return {}
      },
      want: 'x.yaml: is not a regular file',
    },
    {
      name: 'a link to itself',
      files: (folder) => {
        symlinkSync('x.yaml', join(folder, 'x.yaml'))
        return {}
      },
      want: 'x.yaml: cannot be read: its symbolic links lead in a circle (ELOOP)',
    },
    {
      name: 'a link to nothing',
      files: (folder) => {
        symlinkSync('gone.yaml', join(folder, 'x.yaml'))
        return {}
      },
      want: 'x.yaml: cannot be read: there is no such file or folder (ENOENT)',
    },
    {
      name: 'a link to a device without an end',
      files: (folder) => {
        symlinkSync('/dev/zero', join(folder, 'x.yaml'))
        return {}
      },
      want: 'x.yaml: is not a regular file',
    },
    ...['../../etc/passwd', '/etc/passwd', '..', 'sub/n.txt', '.hidden', 'n.txt/', '"n.txt\\0"'].map((file) => ({
      name: `a list that is named ${file}`,
      files: { 'x.yaml': listed('names_file', file) },
      want: 'x.yaml:12:23: names_file is not the name of a file beside the pack; write it without a path, names.txt',
    })),
    {
      name: 'a list that is a link out of the folder',
      files: (folder) => {
        symlinkSync('/etc/passwd', join(folder, 'n.txt'))
        return { 'x.yaml': listed('names_file', 'n.txt') }
      },
      want: 'x.yaml:12:23: the list n.txt is a link that leads out of the folder; put the list itself beside x.yaml',
      lines: 1,
    },
    {
      name: 'a list that is a link within the folder',
      files: (folder) => {
        mkdirSync(join(folder, '..data'))
        writeFileSync(join(folder, '..data/n.txt'), 'a.example\n')
        symlinkSync('..data/n.txt', join(folder, 'n.txt'))
        return { 'x.yaml': listed('names_file', 'n.txt') }
      },
      want: '',
    },
    {
      name: 'a list that is a pipe',
      files: (folder) => {
        execFileSync('mkfifo', [join(folder, 'n.txt')])
        return { 'x.yaml': listed('names_file', 'n.txt') }
      },
      want: 'n.txt: is not a regular file',
    },
    {
      name: 'a list that is a folder',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt/x': '' },
      want: 'n.txt: is not a regular file',
    },
    {
      name: 'a list that is a link to itself',
      files: (folder) => {
        symlinkSync('n.txt', join(folder, 'n.txt'))
        return { 'x.yaml': listed('names_file', 'n.txt') }
      },
      want: 'x.yaml:12:23: the list n.txt cannot be read; put it beside x.yaml',
    },
    {
      name: 'a list that is the pack',
      files: { 'x.yaml': listed('names_file', 'x.yaml') },
      want: 'x.yaml:1:1: "pack: example" is not a domain name',
    },
    {
      name: 'a list of the site that is not there',
      files: {
        'x.yaml': PACK,
        'site/o.yaml': `overrides:\n  - rule: example-service\n    why: x\n    domains:\n      - { names_file: gone.txt, ${SOURCED} }\n`,
      },
      want: 'site/o.yaml:5:23: the list gone.txt cannot be read; put it beside site/o.yaml',
      lines: 1,
    },
  ])
})

describe('packs: bytes and characters', () => {
  const withBom = new Uint8Array(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(PACK)]))
  tell([
    { name: 'a byte order mark', files: { 'x.yaml': withBom }, want: '' },
    {
      name: 'a byte order mark before a list',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': '\ufeffa.example\n' },
      want: '',
    },
    { name: 'lines of Windows', files: { 'x.yaml': PACK.replaceAll('\n', '\r\n') }, want: '' },
    {
      name: 'UTF-16',
      files: { 'x.yaml': new Uint8Array(Buffer.from(`\ufeff${PACK}`, 'utf16le')) },
      want: 'x.yaml:1:1: is not UTF-8 text; save it as UTF-8',
    },
    {
      name: 'Latin 1',
      files: { 'x.yaml': new Uint8Array(Buffer.from(PACK.replace('Example', 'P\u0159\xedklad'), 'latin1')) },
      want: 'x.yaml:2:1: is not UTF-8 text; save it as UTF-8',
    },
    {
      name: 'a program',
      files: { 'x.yaml': new Uint8Array(Buffer.from('7f454c4602010100', 'hex')) },
      want: 'x.yaml:1:1: ',
    },
    {
      name: 'nothing but zeros',
      files: { 'x.yaml': new Uint8Array(1_000_000) },
      want: 'x.yaml:1:1: is not plain YAML from here on',
    },
    {
      name: 'gzip',
      files: { 'x.yaml': new Uint8Array(Buffer.from('1f8b0800000000000003', 'hex')) },
      want: 'x.yaml:1:1: is not UTF-8 text',
    },
    {
      name: 'tabs',
      files: { 'x.yaml': PACK.replaceAll('    ', '\t') },
      want: 'x.yaml:7:1: is not YAML that can be read: Tabs are not allowed as indentation',
    },
    {
      name: 'a list with tabs',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': 'a.example\t# one\n\tb.example\n' },
      want: '',
    },
    {
      name: 'two names in a line of a list',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': 'a.example b.example\n' },
      want: 'n.txt:1:1: "a.example b.example" is not a domain name (a space in a label)',
    },
    {
      name: 'a list of a hosts file',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': '0.0.0.0 a.example\n' },
      want: 'n.txt:1:1: "0.0.0.0 a.example" is not a domain name (a space in a label)',
    },
    {
      name: 'a list of addresses',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': '192.0.2.1\n' },
      want: 'n.txt:1:1: "192.0.2.1" is not a domain name (it ends in a number)',
    },
    {
      name: 'a list of pages',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': 'https://a.example/x\n' },
      want: 'n.txt:1:1: "https://a.example/x" is not a domain name; write only the host name',
    },
    {
      name: 'a list with a letter that is none of ours',
      files: { 'x.yaml': listed('names_file', 'n.txt'), 'n.txt': 'd\u0435epseek.com\n' },
      want: 'n.txt:1:1: "d\\u{435}epseek.com" is not in punycode; write xn--',
    },
  ])
})

describe('packs: keys and numbers', () => {
  const hosting = (entry: string): string => rule(`    hosting:\n      - { ${entry}, ${SOURCED} }\n`)
  tell([
    {
      name: '__proto__',
      files: { 'x.yaml': `${PACK}__proto__: { polluted: true }\n` },
      want: 'x.yaml:13:12: "__proto__" is not a key of this place',
    },
    {
      name: '__proto__ in an entry',
      files: {
        'x.yaml': rule(`    domains:\n      - { name: example.com, __proto__: { shared: true }, ${SOURCED} }\n`),
      },
      want: 'x.yaml:12:41: "__proto__" is not a key of this place',
    },
    {
      name: 'constructor',
      files: { 'x.yaml': `${PACK}constructor: { prototype: { polluted: true } }\n` },
      want: 'x.yaml:13:14: "constructor" is not a key of this place',
    },
    { name: 'a file with nothing but toString', files: { 'x.yaml': 'toString: x\n' }, want: 'x.yaml:1:' },
    {
      name: 'ids that every object has',
      files: {
        'x.yaml': PACK.replace('pack: example', 'pack: constructor').replace('id: example-service', 'id: tostring'),
      },
      want: '',
    },
    {
      name: 'a key twice',
      files: { 'x.yaml': PACK.replace('title: Example\n', 'title: Example\ntitle: Other\n') },
      want: 'x.yaml:3:1: is not YAML that can be read: Map keys must be unique',
    },
    {
      name: 'a key twice in an entry',
      files: { 'x.yaml': rule(`    domains:\n      - { name: a.example, name: b.example, ${SOURCED} }\n`) },
      want: 'x.yaml:12:28: is not YAML that can be read: Map keys must be unique',
    },
    {
      name: 'a system that is negative',
      files: { 'x.yaml': hosting('asn: -1') },
      want: 'x.yaml:12:16: asn is not the number of an autonomous system; write 1 or more',
    },
    {
      name: 'a system beyond 32 bits',
      files: { 'x.yaml': hosting('asn: 4294967296') },
      want: 'x.yaml:12:16: asn is not the number of an autonomous system; it has more than 32 bits',
    },
    {
      name: 'a system with an exponent',
      files: { 'x.yaml': hosting('asn: 1e99') },
      want: 'x.yaml:12:16: asn is not the number of an autonomous system',
    },
    {
      name: 'a system without an end',
      files: { 'x.yaml': hosting('asn: .inf') },
      want: 'x.yaml:12:16: asn is not the number of an autonomous system',
    },
    {
      name: 'a system with a point',
      files: { 'x.yaml': hosting('asn: 1.5') },
      want: 'x.yaml:12:16: asn is not the number of an autonomous system',
    },
    {
      name: 'a system of 400 digits',
      files: { 'x.yaml': hosting(`asn: ${'9'.repeat(400)}`) },
      want: 'x.yaml:12:16: asn is not the number of an autonomous system',
    },
    { name: 'Norway', files: { 'x.yaml': hosting('country: NO') }, want: '' },
    {
      name: 'a country that YAML takes for a word',
      files: { 'x.yaml': hosting('country: true') },
      want: 'x.yaml:12:20: country must be text',
    },
    {
      name: 'a span that is longer than a day',
      files: { 'x.yaml': `${PACK}    needs: { rules: [a], within: 99999h }\n` },
      want: 'x.yaml:13:34: within is longer than a day',
    },
    {
      name: 'a span without a unit',
      files: { 'x.yaml': `${PACK}    needs: { rules: [a], within: 300 }\n` },
      want: 'x.yaml:13:34: within must be text like 5m',
    },
    {
      name: 'more labels than there may be',
      files: {
        'x.yaml': rule(
          `    fronted:\n      - { name: a.example, cdn: cdn.example.net, labels_between: 1000000000, ${SOURCED} }\n`,
        ),
      },
      want: 'x.yaml:12:66: labels_between must be 4 or less',
    },
    {
      name: 'a prefix that is too long',
      files: { 'x.yaml': rule(`    networks:\n      - { cidr: 192.0.2.0/33, shared: true, ${SOURCED} }\n`) },
      want: 'x.yaml:12:17: "192.0.2.0/33" is not a network',
    },
    {
      name: 'a day that there is not',
      files: { 'x.yaml': rule(`    domains:\n      - { name: a.example, seen: '2026-02-30', ${SOURCED} }\n`) },
      want: 'x.yaml:12:34: seen is not a day',
    },
    {
      name: 'a time that ends before it begins',
      files: { 'x.yaml': rule(`    domains:\n      - { name: a.example, seen: '2026-05/2026-04-30', ${SOURCED} }\n`) },
      want: 'x.yaml:12:34: seen ends before it begins',
    },
    {
      name: 'a version that is no day',
      files: { 'x.yaml': PACK.replace('2026.11.22', '2026.13.41') },
      want: 'x.yaml:3:10: version is not a day that there is',
    },
  ])
})
