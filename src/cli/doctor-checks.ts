/**
 * What a machine needs to watch a line, looked at one by one. Each check says
 * what it found and, where that is not good, the command that mends it.
 */

import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'

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

/** All checks; `device` is the interface to look at, empty for none. */
export function examine(device: string, db: string): Finding[] {
  return [
    node(),
    database(),
    ...programs(),
    rights(),
    ...(device === '' ? [] : [...link(device), offloading(device), ring(device), capturing(device)]),
    clock(),
    disk(db),
  ]
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
  const install = 'apt-get install tcpdump'
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
      found: dumpcap === null ? 'not installed; not needed beside tcpdump' : firstLine(dumpcap),
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
    if (path !== '' && /cap_net_raw/.test(run('getcap', [path]) ?? '') && mayRun(path))
      return { what, verdict: 'ok', found: `${program} has it`, mend: '' }
  }
  return {
    what,
    verdict: 'bad',
    found: 'neither this user nor tcpdump nor dumpcap has it',
    mend: 'sudo setcap cap_net_raw=eip "$(readlink -f "$(command -v tcpdump)")"  (or run as a service: seekwatch unit)',
  }
}

function link(device: string): Finding[] {
  const flags = Number(read(`/sys/class/net/${device}/flags`).trim() || Number.NaN)
  if (Number.isNaN(flags)) {
    const known = run('ls', ['/sys/class/net'])?.trim().split(/\s+/).join(', ') ?? ''
    return [{ what: `interface ${device}`, verdict: 'bad', found: 'there is none', mend: `choose one of ${known}` }]
  }
  const isUp = (flags & UP) !== 0
  const state = read(`/sys/class/net/${device}/operstate`).trim()
  return [
    {
      what: `interface ${device}`,
      verdict: !isUp ? 'bad' : state === 'down' ? 'warn' : 'ok',
      found: isUp ? `up, link ${state}` : 'switched off',
      mend: !isUp ? `ip link set ${device} up` : state === 'down' ? 'plug in the cable, or check the mirror port' : '',
    },
    {
      what: 'promiscuous mode',
      verdict: 'ok',
      found: (flags & PROMISCUOUS) === 0 ? 'off now; the capturing program switches it on while it runs' : 'on',
      mend: '',
    },
  ]
}

/** What joins packets to giant frames that were never on the wire. */
const JOINS = ['generic-receive-offload', 'large-receive-offload', 'rx-vlan-offload']

function offloading(device: string): Finding {
  const what = 'offloading'
  const said = run('ethtool', ['-k', device])
  if (said === null) return { what, verdict: 'warn', found: 'unknown: no ethtool', mend: 'apt-get install ethtool' }
  const on = JOINS.slice(0, 2).filter((name) => new RegExp(`^${name}: on`, 'm').test(said))
  return {
    what,
    verdict: on.length === 0 ? 'ok' : 'warn',
    found:
      on.length === 0
        ? 'packets come as they were sent'
        : `${on.join(' and ')}: the kernel joins packets to giant frames`,
    mend: on.length === 0 ? '' : `ethtool -K ${device} gro off lro off`,
  }
}

function ring(device: string): Finding {
  const what = 'ring of the card'
  const said = run('ethtool', ['-g', device])
  const [max, now] = [...(said ?? '').matchAll(/^RX:\s+(\d+)/gm)].map(([, size]) => Number(size))
  if (max === undefined || now === undefined)
    return { what, verdict: 'ok', found: 'not to be set on this interface, or unknown', mend: '' }
  return {
    what,
    verdict: now < max ? 'warn' : 'ok',
    found: `${now} of ${max} packets`,
    mend: now < max ? `ethtool -G ${device} rx ${max}` : '',
  }
}

/** Not what the rights say but what happens: a capture that is opened and closed. */
function capturing(device: string): Finding {
  const what = 'a capture'
  const tried = spawnSync('timeout', ['-s', 'INT', '1', 'tcpdump', '-i', device, '-n', '-w', '/dev/null'], {
    encoding: 'utf8',
  })
  if (tried.error) return { what, verdict: 'warn', found: 'not tried: no tcpdump', mend: '' }
  const works = /listening on/.test(tried.stderr)
  const said = tried.stderr.trim().split('\n').join(' ')
  return {
    what,
    verdict: works ? 'ok' : 'bad',
    found: works ? 'opened and closed' : said,
    mend: works ? '' : 'see the right to capture',
  }
}

function clock(): Finding {
  const what = 'time'
  const said = run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'])?.trim()
  if (said === 'yes' || existsSync('/run/systemd/timesync/synchronized'))
    return { what, verdict: 'ok', found: 'kept by NTP', mend: '' }
  return {
    what,
    verdict: 'warn',
    found: said === 'no' ? 'not kept by NTP' : 'it cannot be told whether NTP keeps it',
    mend: 'timedatectl set-ntp true',
  }
}

function disk(db: string): Finding {
  const what = 'disk'
  const folder = dirname(resolve(db))
  if (!existsSync(folder))
    return { what, verdict: 'bad', found: `${folder} does not exist`, mend: `mkdir -p ${folder}` }
  try {
    accessSync(existsSync(db) ? db : folder, constants.W_OK)
  } catch {
    return {
      what,
      verdict: 'bad',
      found: `${db} may not be written`,
      mend: 'run as its owner, or name another file with --db',
    }
  }
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  return {
    what,
    verdict: free < FREE_BYTES_LOW ? 'warn' : 'ok',
    found: `${(free / 1e9).toFixed(1)} GB free in ${folder}`,
    mend: free < FREE_BYTES_LOW ? 'make room, or name a file on another disk with --db' : '',
  }
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

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]!
}
