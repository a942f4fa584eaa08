/**
 * What a machine needs to watch a line, looked at one by one. Each check says
 * what it found and, where that is not good, the command that mends it.
 */

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { systemCode, systemReason } from '../bytes/system-error.ts'

/** `bad`: it will not work. `warn`: it works, and something will be missed or wrong. */
export type Verdict = 'ok' | 'warn' | 'bad'

export interface Finding {
  what: string
  verdict: Verdict
  found: string
  /** A command, or what to do; empty when nothing is to be done. */
  mend: string
}

const CAP_NET_RAW = 13n
const FREE_BYTES_LOW = 1 << 30
const PROMISCUOUS = 0x100
const UP = 0x1
const LOOPBACK = 0x8
/** How long a capture is tried. */
const CAPTURE_MS = 1000

/** All checks; `device` is the interface to look at, empty for none. */
export function examine(device: string, db: string): Finding[] {
  return [node(), database(), ...programs(), rights(), ...(device === '' ? [] : line(device)), clock(), disk(db)]
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNew = major > 20 || (major === 20 && minor >= 19)
  return {
    what: 'Node.js',
    verdict: isNew ? 'ok' : 'bad',
    found: process.version,
    mend: isNew ? '' : 'install Node.js 20.19 or newer',
  }
}

/** The package with native code, which is compiled for one major version of Node and one kind of processor. */
function database(): Finding {
  const what = 'database'
  try {
    const Database = createRequire(import.meta.url)('better-sqlite3') as typeof import('better-sqlite3')
    const db = new Database(':memory:')
    const found = `SQLite ${db.prepare('SELECT sqlite_version()').pluck().get()}`
    db.close()
    return { what, verdict: 'ok', found, mend: '' }
  } catch (error) {
    return {
      what,
      verdict: 'bad',
      found: (error as Error).message.split('\n')[0]!,
      mend: 'npm rebuild better-sqlite3  (of a bundle: run it with the Node.js that its name says)',
    }
  }
}

function programs(): Finding[] {
  const tcpdump = run('tcpdump', ['--version'])
  const dumpcap = run('dumpcap', ['--version'])
  const isOne = tcpdump !== null || dumpcap !== null
  const install = asRoot('apt-get install tcpdump')
  return [
    {
      what: 'tcpdump',
      verdict: tcpdump !== null ? 'ok' : isOne ? 'warn' : 'bad',
      found: tcpdump === null ? 'not installed' : firstLine(tcpdump),
      mend: tcpdump !== null ? '' : install,
    },
    {
      what: 'dumpcap',
      verdict: 'ok',
      found:
        dumpcap === null
          ? `not installed; ${tcpdump === null ? 'it would do in place of tcpdump' : 'not needed beside tcpdump'}`
          : firstLine(dumpcap),
      mend: '',
    },
  ]
}

function rights(): Finding {
  const what = 'right to capture'
  if (process.getuid?.() === 0) return { what, verdict: 'ok', found: 'root', mend: '' }
  const mask = /^CapEff:\s*([0-9a-f]+)/m.exec(read('/proc/self/status'))?.[1] ?? '0'
  if (((BigInt(`0x${mask}`) >> CAP_NET_RAW) & 1n) === 1n) return { what, verdict: 'ok', found: 'CAP_NET_RAW', mend: '' }
  for (const program of ['tcpdump', 'dumpcap']) {
    const path = run('sh', ['-c', `command -v ${program}`])?.trim() ?? ''
    if (path !== '' && /cap_net_raw/.test(run('getcap', [path]) ?? '') && may(path, constants.X_OK))
      return { what, verdict: 'ok', found: `${program} has it`, mend: '' }
  }
  return {
    what,
    verdict: 'bad',
    found: 'neither this user nor tcpdump nor dumpcap has it',
    mend: 'sudo setcap cap_net_raw=eip "$(readlink -f "$(command -v tcpdump)")"  (or run as a service: seekwatch unit)',
  }
}

/** The interface, and what can be asked of it as it is. */
function line(device: string): Finding[] {
  const flags = Number(read(`/sys/class/net/${device}/flags`).trim() || Number.NaN)
  if (Number.isNaN(flags)) {
    const known = names('/sys/class/net')
      .filter((name) => existsSync(`/sys/class/net/${name}/flags`))
      .join(', ')
    return [{ what: `interface ${device}`, verdict: 'bad', found: 'there is none', mend: `choose one of ${known}` }]
  }
  const isUp = (flags & UP) !== 0
  return [
    link(device, flags),
    ...(isUp ? kind(device, flags) : []),
    {
      what: 'promiscuous mode',
      verdict: 'ok',
      found: (flags & PROMISCUOUS) === 0 ? 'off now; the capturing program switches it on while it runs' : 'on',
      mend: '',
    },
    offloading(device),
    ring(device),
    ...(isUp ? [capturing(device)] : []),
  ]
}

function link(device: string, flags: number): Finding {
  const what = `interface ${device}`
  if ((flags & UP) === 0)
    return { what, verdict: 'bad', found: 'switched off', mend: asRoot(`ip link set ${device} up`) }
  const state = read(`/sys/class/net/${device}/operstate`).trim()
  const isDown = state === 'down' || state === 'lowerlayerdown'
  return {
    what,
    verdict: isDown ? 'warn' : 'ok',
    found: `up, link ${state}`,
    mend: isDown ? 'plug in the cable, or check the mirror port' : '',
  }
}

/** Interfaces at which no mirror port can end. */
function kind(device: string, flags: number): Finding[] {
  const what = 'kind of interface'
  if ((flags & LOOPBACK) !== 0)
    return [
      { what, verdict: 'warn', found: 'the loopback: only what this machine tells itself', mend: 'choose another one' },
    ]
  if (existsSync(`/sys/class/net/${device}/wireless`) || existsSync(`/sys/class/net/${device}/phy80211`))
    return [
      {
        what,
        verdict: 'warn',
        found: 'wireless: it sees only what is meant for this machine',
        mend: 'use a wired interface at a mirror port',
      },
    ]
  return []
}

/** What joins packets to giant frames that were never on the wire. */
const JOINS = ['generic-receive-offload', 'large-receive-offload']

function offloading(device: string): Finding {
  const what = 'offloading'
  const said = run('ethtool', ['-k', device])
  if (said === null) return noEthtool(what)
  const on = JOINS.filter((name) => new RegExp(`^${name}: on`, 'm').test(said))
  return {
    what,
    verdict: on.length === 0 ? 'ok' : 'warn',
    found:
      on.length === 0
        ? 'packets come as they were sent'
        : `${on.join(' and ')}: the kernel joins packets to giant frames`,
    mend: on.length === 0 ? '' : asRoot(`ethtool -K ${device} gro off lro off`),
  }
}

function noEthtool(what: string): Finding {
  if (isThere('ethtool')) return { what, verdict: 'ok', found: 'this interface does not tell', mend: '' }
  return { what, verdict: 'warn', found: 'unknown: no ethtool', mend: asRoot('apt-get install ethtool') }
}

function ring(device: string): Finding {
  const what = 'ring of the card'
  const said = run('ethtool', ['-g', device])
  if (said === null) return noEthtool(what)
  const [max, now] = [...said.matchAll(/^RX:\s+(\d+)/gm)].map(([, size]) => Number(size))
  if (max === undefined || now === undefined)
    return { what, verdict: 'ok', found: 'not to be set on this interface', mend: '' }
  return {
    what,
    verdict: now < max ? 'warn' : 'ok',
    found: `${now} of ${max} packets`,
    mend: now < max ? asRoot(`ethtool -G ${device} rx ${max}`) : '',
  }
}

/** Not what the rights say but what happens: a capture that is opened and closed. */
function capturing(device: string): Finding {
  const what = 'a capture'
  const program = ['tcpdump', 'dumpcap'].find(isThere)
  if (program === undefined)
    return { what, verdict: 'warn', found: 'not tried: neither tcpdump nor dumpcap', mend: 'see above' }
  const { stderr = '' } = spawnSync(program, ['-i', device, '-w', '/dev/null'], {
    encoding: 'utf8',
    timeout: CAPTURE_MS,
    killSignal: 'SIGINT',
  })
  const works = /listening on|Capturing on/.test(stderr ?? '')
  return {
    what,
    verdict: works ? 'ok' : 'bad',
    found: works ? `opened and closed by ${program}` : (stderr ?? '').trim().split('\n').join(' '),
    mend: works ? '' : 'see the right to capture',
  }
}

function clock(): Finding {
  const what = 'time'
  const said = run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'])?.trim()
  if (said === 'yes' || existsSync('/run/systemd/timesync/synchronized'))
    return { what, verdict: 'ok', found: 'kept by NTP', mend: '' }
  if (said === undefined)
    return {
      what,
      verdict: 'warn',
      found: 'it cannot be told whether NTP keeps it: no timedatectl',
      mend: asRoot('apt-get install systemd-timesyncd'),
    }
  return {
    what,
    verdict: 'warn',
    found: said === 'no' ? 'not kept by NTP' : 'it cannot be told whether NTP keeps it',
    mend: asRoot('timedatectl set-ntp true'),
  }
}

function disk(db: string): Finding {
  const what = 'disk'
  const folder = dirname(resolve(db))
  const problem = placeProblem(db, folder)
  if (problem !== null) return { what, verdict: 'bad', ...problem }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  return {
    what,
    verdict: free < FREE_BYTES_LOW ? 'warn' : 'ok',
    found: `${(free / 1e9).toFixed(1)} GB free in ${folder}`,
    mend: free < FREE_BYTES_LOW ? 'make room, or name a file on another disk with --db' : '',
  }
}

/** Why there can be no database `db` in `folder`; null when there can. */
function placeProblem(db: string, folder: string): Pick<Finding, 'found' | 'mend'> | null {
  const elsewhere = 'name another file with --db'
  try {
    if (!statSync(folder).isDirectory()) return { found: `${folder} is a file and not a folder`, mend: elsewhere }
    if (statSync(db, { throwIfNoEntry: false })?.isDirectory())
      return { found: `${db} is a folder`, mend: `${elsewhere}, such as ${join(db, 'seekwatch.db')}` }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { found: `${folder} does not exist`, mend: `mkdir -p ${folder}` }
    return { found: `${folder}: ${systemReason(error)}`, mend: elsewhere }
  }
  // SQLite makes files beside it
  const unwritable = [folder, db].find((path) => existsSync(path) && !may(path, constants.W_OK))
  if (unwritable === undefined) return null
  return { found: `${unwritable} may not be written`, mend: `run as its owner, or ${elsewhere}` }
}

/** A command that needs root, as this user has to type it. */
function asRoot(command: string): string {
  return process.getuid?.() === 0 ? command : `sudo ${command}`
}

function isThere(program: string): boolean {
  return (
    (spawnSync(program, ['--version'], { stdio: 'ignore' }).error as NodeJS.ErrnoException | undefined) === undefined
  )
}

/** What a program says, on whichever output; null when it is not there or fails. */
function run(program: string, args: string[]): string | null {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 5000 })
  return error || status !== 0 ? null : stdout || stderr
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** @param mode of node:fs, W_OK or X_OK */
function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]!
}
