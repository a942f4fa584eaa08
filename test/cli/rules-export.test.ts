import { execFile, execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { exportCommand } from '../../src/cli/rules-export.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { FORMAT_NAMES } from '../../src/packs/export/format.ts'
import { PackError } from '../../src/packs/load.ts'
import { temporaryFolder } from '../support/folder.ts'
import { HEAD } from '../support/pack-text.ts'

const PACK = `${HEAD}    domains:
      - { name: example.com, role: web, confidence: high, sources: [a] }
      - { name: rumour.example, role: web, confidence: low, sources: [a] }
`

/** A pcap without packets. */
const PCAP = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')

function rulesFolder(text = PACK): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'example.yaml'), text)
  return folder
}

interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Runs the command as a process of its own. */
async function seekwatch(...args: string[]): Promise<Ran> {
  const main = pathToFileURL(join(import.meta.dirname, '../../src/cli/main.ts')).href
  const script = `const { main } = await import(${JSON.stringify(main)}); await main(process.argv.slice(1))`
  const node = ['--import', 'tsx', '--input-type=module', '-e', script, '--', ...args]
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, node)) }
  } catch (error) {
    const { code, stdout, stderr } = error as Ran
    return { code, stdout, stderr }
  }
}

/** Runs the command in this process, without what it prints. */
async function exported(...args: string[]): Promise<void> {
  const silent = [vi.spyOn(process.stderr, 'write'), vi.spyOn(process.stdout, 'write')]
  for (const one of silent) one.mockReturnValue(true)
  try {
    await exportCommand().exitOverride().parseAsync(args, { from: 'user' })
  } finally {
    for (const one of silent) one.mockRestore()
  }
}

describe('seekwatch rules export', () => {
  test('data on standard output, what was left out on standard error', async () => {
    const { code, stdout, stderr } = await seekwatch('rules', 'export', 'list', '--rules', rulesFolder())
    expect([code, stdout]).toEqual([0, '.example.com\n'])
    expect(stderr).toBe(
      'seekwatch: list: 1 entry in 1 file\n' +
        'seekwatch:   1 left out: of confidence low (--min-confidence low writes them)\n',
    )
  })

  test('several files without a folder are wrong usage, and nothing is written', async () => {
    const refused = await seekwatch('rules', 'export', 'edl', '--rules', rulesFolder())
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toBe('seekwatch: edl: these are 20 files; name a folder for them: --out edl/\n')
  })

  test('the packs that come with the program, to a file', async () => {
    const out = join(temporaryFolder(), 'zone')
    await exported('rpz', '--out', out)
    expect(readFileSync(out, 'utf8')).toContain('\n*.deepseek.com CNAME .\n')
    expect(readdirSync(join(out, '..'))).toEqual(['zone'])
  })

  test('through a link: the file behind it is new, and the link is still one', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'zone'), 'old')
    symlinkSync('zone', join(folder, 'link'))
    await exported('rpz', '--out', join(folder, 'link'))
    expect(readFileSync(join(folder, 'zone'), 'utf8')).toContain('\n*.deepseek.com CNAME .\n')
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['link', 'zone'])
  })

  test('to a pipe: it is written to, and stays one', async () => {
    const pipe = join(temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const reading = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    onTestFinished(() => closeSync(reading))
    await exported('list', '--rules', rulesFolder(), '--out', pipe)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    expect(readFileSync(reading, 'utf8')).toBe('.example.com\n')
  })

  test('several files into a folder, which is made', async () => {
    const out = join(temporaryFolder(), 'a', 'b')
    await exported('edl', '--rules', rulesFolder(), '--out', out, '--category', 'service')
    expect(readdirSync(out).sort()).toEqual(
      ['domains', 'ipv4', 'ipv6', 'wildcard-domains'].map((list) => `service-${list}.txt`),
    )
    expect(readFileSync(join(out, 'service-domains.txt'), 'utf8')).toBe('example.com\n')
  })

  test('one file into a folder that is there, with entries that were asked for', async () => {
    const out = temporaryFolder()
    await exported(
      'list',
      '--rules',
      rulesFolder(),
      '--out',
      out,
      '--min-confidence',
      'low',
      '--rule',
      'example-service',
    )
    expect(readdirSync(out)).toEqual(['seekwatch.txt'])
    expect(readFileSync(join(out, 'seekwatch.txt'), 'utf8')).toBe('.example.com\n.rumour.example\n')
  })

  test.each([
    [
      'no rule of the packs',
      ['list', '--rule', 'x\x1b[2J'],
      /--rule: there is no rule "x\\x1b\[2J"; "seekwatch rules list"/,
    ],
    ['a rule with a typing mistake', ['list', '--rule', 'deepseek-servce'], /did you mean deepseek-service/],
    ['no category', ['list', '--category', 'bad'], /--category: "bad" is none of service, affiliate/],
    [
      'a place that cannot be written, without the name of the file beside it',
      ['list', '--out', '/nowhere/x'],
      /^--out \/nowhere\/x: cannot be written: there is no such file or folder \(ENOENT\); name another place$/,
    ],
    [
      'a folder that cannot be made',
      ['edl', '--out', '/dev/null/x'],
      /^--out \/dev\/null\/x: cannot be written: a part of the path is a file and not a folder \(ENOTDIR\); name/,
    ],
  ])('wrong usage: %s', async (_, args, message) => {
    await expect(exported(...args)).rejects.toThrow(UsageError)
    await expect(exported(...args)).rejects.toThrow(message)
  })

  test.each([
    ['format', ['xml'], /Allowed choices are suricata, zeek/],
    ['confidence', ['list', '--min-confidence', 'sure'], /Allowed choices are low, medium, high/],
  ])('no such %s', async (_, args, message) => {
    await expect(exported(...args)).rejects.toThrow(message)
  })

  test.each<[what: string, head: Buffer, file: string, args: string[]]>([
    ['a capture (pcap)', PCAP, 'x', ['list', '--out']],
    ['a capture (pcap)', gzipSync(PCAP), 'x.gz', ['list', '--out']],
    ['an SQLite database', Buffer.from('SQLite format 3\0...'), 'x.db', ['list', '--out']],
    ['a capture (pcap)', PCAP, 'service-domains.txt', ['edl', '--category', 'service', '--out']],
  ])('%s is not overwritten', async (what, bytes, file, args) => {
    const folder = temporaryFolder()
    const path = join(folder, file)
    writeFileSync(path, bytes)
    const out = args[0] === 'edl' ? folder : path
    const told = `--out ${path}: is left as it is, because it holds ${what}; name another file`
    await expect(exported(...args, out, '--rules', rulesFolder())).rejects.toThrow(told)
    expect(readFileSync(path)).toEqual(bytes)
    expect(readdirSync(folder)).toEqual([file])
  })

  test('no folder with packs', async () => {
    await expect(exported('list', '--rules', '/dev/null/x')).rejects.toThrow(PackError)
  })

  test('the help says what each format can and cannot say', () => {
    let help = ''
    const command = exportCommand().configureOutput({
      writeOut: (text) => {
        help += text
      },
    })
    command.outputHelp()
    for (const format of FORMAT_NAMES) expect(help).toMatch(new RegExp(`^  ${format}: `, 'm'))
    expect(help).toContain('What is left out is said on standard error, with counts.')
  })
})
