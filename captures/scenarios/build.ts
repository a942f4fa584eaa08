/**
 * `npm run scenarios`: writes the captures of this suite that are built byte by
 * byte, and asks tshark whether it finds in each of them the names that it is
 * meant to show, and nothing malformed. The same on every run.
 *
 * `npm run scenarios -- names traps` builds those themes alone.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pcapFile, type TestFrame } from '../../test/support/capture-files.ts'
import { BEGIN_US } from '../../test/support/feed.ts'
import { builtCapture, readThemes, type Theme } from '../../test/support/scenarios.ts'
import { addresses } from './build/addresses.ts'
import { attempts } from './build/attempts.ts'
import { certificates } from './build/certificates.ts'
import { contacts } from './build/contacts.ts'
import { dns } from './build/dns.ts'
import { exemptions } from './build/exemptions.ts'
import { hidden } from './build/hidden.ts'
import { innocent } from './build/innocent.ts'
import { names } from './build/names.ts'
import { Scene } from './build/scene.ts'
import { telemetry } from './build/telemetry.ts'
import { traps } from './build/traps.ts'
import { onTheWire } from './build/wire.ts'

const SCENES: Record<string, Record<string, (scene: Scene) => void>> = {
  names,
  attempts,
  dns,
  hidden,
  addresses,
  certificates,
  telemetry,
  traps,
  innocent,
  contacts,
  exemptions,
}
const README = join(import.meta.dirname, 'README.md')
const TABLE = /(?<=<!-- written by npm run scenarios -->\n).*(?=<!-- end -->)/s

const NAME_FIELDS = [
  'dns.qry.name',
  'dns.cname',
  'tls.handshake.extensions_server_name',
  'http.host',
  'http.request.uri',
  'http.request.full_uri',
  'socks.remote_name',
]
const FAULTS = 'ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || _ws.malformed'

function main(wanted: readonly string[]): void {
  let faults = 0
  const themes = readThemes()
  for (const { theme, scenarios } of themes) {
    const scenes = SCENES[theme] ?? {}
    const built = scenarios.filter(({ origin }) => origin === 'built')
    for (const name of Object.keys(scenes)) {
      if (built.every(({ capture }) => capture !== builtCapture(theme, name)))
        faults += fault(`${theme}: ${name} has no case`)
    }
    if (wanted.length > 0 && !wanted.includes(theme)) continue
    for (const { name, capture } of built) {
      const build = scenes[name]
      if (!build) {
        faults += fault(`${theme}: ${name} is not built`)
        continue
      }
      const scene = new Scene()
      build(scene)
      mkdirSync(dirname(capture), { recursive: true })
      writeFileSync(capture, captureOf(scene))
      faults += check(capture, scene.shown)
    }
  }
  writeFileSync(README, readFileSync(README, 'utf8').replace(TABLE, tableOf(themes)))
  if (faults > 0) process.exitCode = 1
}

function fault(text: string): number {
  console.error(text)
  return 1
}

function captureOf(scene: Scene): Buffer {
  const frames = scene.frames.map(({ at, bytes }, i): TestFrame => {
    const timeUs = BEGIN_US + Math.round(at * 1e6)
    return { seconds: Math.floor(timeUs / 1e6), fraction: timeUs % 1e6, data: onTheWire(bytes, i + 1) }
  })
  return pcapFile(frames)
}

/** How many names tshark does not find, or frames that it finds fault with; says which. */
function check(file: string, shown: ReadonlySet<string>): number {
  const found = new Set(tshark(file, [...NAME_FIELDS.flatMap((field) => ['-e', field])]))
  const missing = [...shown].filter((name) => !found.has(withoutDot(name)) && !found.has(name))
  const faulty = tshark(file, ['-e', 'frame.number', '-Y', FAULTS])
  for (const name of missing) fault(`${file}: tshark does not find ${JSON.stringify(name)}`)
  for (const frame of faulty) fault(`${file}: tshark finds fault with frame ${frame}`)
  return missing.length + faulty.length
}

/** DNS names are shown without their final dot. */
function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name
}

function tshark(file: string, options: readonly string[]): string[] {
  const checksums = ['ip.check_checksum', 'tcp.check_checksum', 'udp.check_checksum'].flatMap((key) => [
    '-o',
    `${key}:TRUE`,
  ])
  const { status, stdout, stderr } = spawnSync(
    'tshark',
    ['-n', ...checksums, '-r', file, '-T', 'fields', '-E', 'separator=,', '-E', 'occurrence=a', ...options],
    { encoding: 'latin1', maxBuffer: 1 << 26 },
  )
  if (status !== 0) throw new Error(`tshark on ${file}: ${stderr}`)
  return stdout.split(/[,\n]/).filter((text) => text !== '')
}

/** The cases by theme and kind, in Markdown. */
function tableOf(themes: readonly Theme[]): string {
  const rows = themes.map(({ theme, title, scenarios }) => {
    const of = (test: (scenario: Theme['scenarios'][number]) => boolean) => scenarios.filter(test).length
    return [
      `\`${theme}\``,
      title,
      scenarios.length,
      of(({ kind }) => kind === 'alert'),
      of(({ kind }) => kind === 'weak'),
      of(({ kind }) => kind === 'nothing'),
      of(({ origin }) => origin === 'recorded'),
    ]
  })
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0)
  const total = ['', 'all', sum(2), sum(3), sum(4), sum(5), sum(6)]
  const head = ['theme', 'what', 'cases', 'sure alert', 'weak', 'nothing', 'recorded']
  const lines = [head, head.map((_, i) => (i < 2 ? '---' : '--:')), ...rows, total]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

main(process.argv.slice(2))
