/**
 * Rules for Suricata: read back by Suricata itself, and compared with what our
 * own sensor says about the same captures.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Address6 } from 'ip-address'
import { describe, expect, test } from 'vitest'
import { NO_WISHES } from '../../../src/packs/export/entry.ts'
import { exportRules } from '../../../src/packs/export/export.ts'
import { SID_FIRST, SID_LAST } from '../../../src/packs/export/identity.ts'
import type { RuleSet } from '../../../src/packs/pack.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { isInstalled } from '../../support/setup.ts'
import {
  domain,
  exact,
  fingerprint,
  folderWith,
  fronted,
  HOSTILE_TEXTS,
  hostileRules,
  network,
  rule,
  ruleSet,
  run,
  shippedRules,
  userAgent,
} from './support.ts'

const CAPTURES = join(import.meta.dirname, '../../../captures')
const CONFIGURATION = '/etc/suricata/suricata.yaml'

function linesOf(rules: RuleSet): string[] {
  const [file] = exportRules(rules, 'suricata', NO_WISHES).files
  return file!.text.split('\n').filter((line) => line.startsWith('alert '))
}

function sidOf(line: string): number {
  return Number(/ sid:(\d+);/.exec(line)![1])
}

describe('lines', () => {
  test('a suffix in each place where a name can stand', () => {
    const lines = linesOf(ruleSet(rule('r', [domain('example.com')], { severity: 'medium' })))
    expect(lines.map((line) => line.replace(/sid:\d+/, 'sid:N'))).toEqual(
      [
        'tls any any -> any any (msg:"r contacted"; tls.sni; to_lowercase; dotprefix; content:".example.com"; endswith;',
        'quic any any -> any any (msg:"r contacted"; quic.sni; to_lowercase; dotprefix; content:".example.com"; endswith;',
        'dns any any -> any any (msg:"r contacted"; dns.query; to_lowercase; dotprefix; content:".example.com"; endswith;',
        'http any any -> any any (msg:"r contacted"; http.host; to_lowercase; dotprefix; content:".example.com"; endswith;',
      ].map(
        (start) =>
          `alert ${start} classtype:policy-violation; priority:2; sid:N; rev:2026112200; metadata:seekwatch_rule r, ` +
          'seekwatch_indicator example.com, category service, confidence high, pack example, pack_version 2026.11.22;)',
      ),
    )
  })

  test('numbers are in our range, apart, and do not depend on what else is exported', () => {
    const lines = linesOf(shippedRules())
    const sids = lines.map(sidOf)
    expect(sids.length).toBeGreaterThan(50)
    expect(new Set(sids).size).toBe(sids.length)
    for (const sid of sids) expect(sid >= SID_FIRST && sid <= SID_LAST).toBe(true)

    const less = shippedRules()
    less.packs = less.packs.reverse().slice(0, 2)
    for (const line of linesOf(less)) expect(lines).toContain(line)
  })

  test('a name below a suffix of its rule is no second alert', () => {
    expect(linesOf(ruleSet(rule('r', [exact('chat.example.com'), domain('example.com')])))).toHaveLength(4)
  })

  test('what the rule excepts: names, servers, clients', () => {
    const unless = {
      domains: [
        { value: 'status.example.com', match: 'suffix' as const },
        { value: 'www.example.com', match: 'exact' as const },
      ],
      networks: ['192.0.2.0/24'],
      clients: ['10.0.0.0/8', '2001:db8::/32'],
    }
    const [tls, , dns] = linesOf(ruleSet(rule('r', [domain('example.com')], { unless })))
    expect(tls).toContain('alert tls ![10.0.0.0/8,2001:db8::/32] any -> ![192.0.2.0/24] any ')
    expect(tls).toContain(
      'content:".example.com"; endswith; content:!".status.example.com"; endswith; ' +
        'content:!".www.example.com"; startswith; endswith;',
    )
    expect(dns).toContain('alert dns ![10.0.0.0/8,2001:db8::/32] any -> any any ')
  })

  test('many exact names are a list', () => {
    const names = Array.from({ length: 600 }, (_, i) => exact(`n${i}.example`))
    const { files } = exportRules(ruleSet(rule('r', [domain('wide.example'), ...names])), 'suricata', NO_WISHES)
    expect(files.map(({ name }) => name)).toEqual(['seekwatch.rules', 'seekwatch-r.lst'])
    const listed = files[1]!.text
      .trimEnd()
      .split('\n')
      .map((line) => atob(line))
    expect(new Set(listed)).toEqual(new Set(names.map(({ value }) => value)))
    expect(files[0]!.text.match(/^alert /gm)).toHaveLength(8)
  })
})

describe.skipIf(!isInstalled('suricata'))('Suricata itself', () => {
  function load(rules: RuleSet): { ran: ReturnType<typeof run>; count: number } {
    const { files } = exportRules(rules, 'suricata', NO_WISHES)
    const folder = folderWith(files)
    const ran = run('suricata', '-T', '-v', '-c', CONFIGURATION, '-l', folder, '-S', join(folder, 'seekwatch.rules'))
    return { ran, count: files[0]!.text.match(/^alert /gm)?.length ?? 0 }
  }

  /** Runs our rules over each capture alone: in one run flows of different files would be taken for one. */
  function alertsOf(rules: RuleSet, captures: readonly string[]) {
    const { files } = exportRules(rules, 'suricata', NO_WISHES)
    const folder = folderWith(files)
    const settings = ['--set', 'packet-alert-max=100', '--runmode', 'single', '-k', 'none', '-c', CONFIGURATION]
    return captures.flatMap((capture) => {
      const log = temporaryFolder()
      const input = join(CAPTURES, capture)
      const ran = run('suricata', '-r', input, '-S', join(folder, 'seekwatch.rules'), '-l', log, ...settings)
      expect(ran.code, ran.output.slice(-1000)).toBe(0)
      const lines = readFileSync(join(log, 'eve.json'), 'utf8').trimEnd().split('\n')
      const events = lines.map((line) => JSON.parse(line)).filter(({ event_type }) => event_type === 'alert')
      return events.map((event) => ({ ...event, capture: capture.split('/')[0] }))
    })
  }

  test('loads what comes with the program', () => {
    const { ran, count } = load(shippedRules())
    expect(ran.code, ran.output.slice(-1000)).toBe(0)
    expect(ran.output).toContain(`${count} rules successfully loaded, 0 rules failed`)
  })

  test('loads every kind of entry and exception', () => {
    const unless = {
      domains: [{ value: 'a.example.com', match: 'exact' as const }],
      networks: ['192.0.2.1/32'],
      clients: ['10.0.0.0/8'],
    }
    const every = [
      domain('example.com'),
      fronted('example.com', 'eo.cdn.test'),
      fronted('example.com', 'cdn*.test', 2),
      network('192.0.2.0/24'),
      network('2001:db8::/32'),
      userAgent('harness/*'),
      userAgent('a;"b\\c|*:d*ě'),
      fingerprint('ja3', 'f146948b4a599d4d7ddf071b74696983'),
      fingerprint('ja4', 't13d041000_16476d049b0b_78f1d400d464'),
      ...Array.from({ length: 501 }, (_, i) => exact(`n${i}.test`)),
    ]
    const { ran, count } = load(ruleSet(rule('r'.repeat(64), every, { unless })))
    expect(ran.code, ran.output.slice(-1000)).toBe(0)
    expect(ran.output).toContain(`${count} rules successfully loaded, 0 rules failed`)
    expect(count).toBe(26)
  })

  test('loads what tries to break out, as the rules that are there', () => {
    const { ran, count } = load(hostileRules())
    expect(ran.code, ran.output.slice(-1000)).toBe(0)
    expect(ran.output).toContain(`${count} rules successfully loaded, 0 rules failed`)
  })

  test('hostile titles reach the alert as they are, but for what no line may hold', () => {
    const rules = ruleSet(...HOSTILE_TEXTS.map((title, i) => rule(`r-${i}`, [domain('deepseek.com')], { title })))
    const alerts = alertsOf(rules, ['dns-only/input.pcap'])
    const seen = new Set(alerts.map(({ alert }) => alert.signature))
    expect(seen).toEqual(new Set(HOSTILE_TEXTS.map((title) => title.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?'))))
  })

  test('label borders, exceptions and lists', () => {
    const unless = { domains: [{ value: 'chat.deepseek.com', match: 'exact' as const }], networks: [], clients: [] }
    const rules = ruleSet(
      rule('suffix', [domain('deepseek.com')]),
      rule('excepted', [domain('deepseek.com')], { unless }),
      rule('exact', [exact('chat.deepseek.com')]),
      rule('apex', [exact('deepseek.com')]),
      rule('in-list', [exact('chat.deepseek.com'), ...Array.from({ length: 600 }, (_, i) => exact(`n${i}.test`))]),
      rule(
        'other-list',
        Array.from({ length: 600 }, (_, i) => exact(`n${i}.chat.deepseek.com`)),
      ),
      rule('substring', [domain('seek.com'), domain('hat.deepseek.com'), exact('hat.deepseek.com')]),
    )
    const captures = ['tls13-openssl/input.pcap', 'trap-substring/input.pcap', 'trap-suffix/input.pcap']
    const found = alertsOf(rules, captures).map(({ capture, app_proto, alert }) => {
      return `${capture} ${app_proto} ${alert.metadata.seekwatch_rule[0]}`
    })
    expect([...new Set(found)].sort()).toEqual(
      ['dns', 'tls'].flatMap((where) => ['exact', 'in-list', 'suffix'].map((id) => `tls13-openssl ${where} ${id}`)),
    )
  })

  test('a Host in capital letters, with a port', () => {
    const alerts = alertsOf(ruleSet(rule('r', [domain('deepseek.com')])), ['scenarios/pcap/names-host-with-port.pcap'])
    expect(alerts.map(({ app_proto }) => app_proto)).toContain('http')
  })

  test('finds in our captures the names that we find', () => {
    const ours = new Set<string>()
    for (const name of COMPARED) {
      const lines = readFileSync(join(CAPTURES, name, 'expected.ndjson'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      for (const { event_type, seekwatch } of lines) {
        if (event_type !== 'alert') continue
        for (const { kind, value } of seekwatch.evidence) {
          const where = KINDS[kind]
          if (where !== undefined) ours.add(`${name} ${seekwatch.client.ip} ${where} ${value.toLowerCase()}`)
        }
      }
    }
    const paths = COMPARED.map((name) => {
      return join(name, readdirSync(join(CAPTURES, name)).find((one) => one.startsWith('input.'))!)
    })
    const theirs = alertsOf(shippedRules(), paths).map(theirKey)
    expect(ours.size).toBeGreaterThan(40)
    expect([...new Set(theirs)].sort()).toEqual([...ours].sort())
  }, 180_000)
})

/** Our kinds of evidence that an exported rule looks for, and what Suricata calls the place. */
const KINDS: Readonly<Record<string, string>> = {
  tls_sni: 'tls',
  quic_sni: 'quic',
  dns_question: 'dns',
  http_host: 'http',
  address: 'ip',
}

/**
 * Not among them: `connect-curl`, where Suricata finds the name in the tunnelled hello as well and we count one contact,
 * and `h2c-curl`, where Suricata's EVE line has no field for the name.
 */
const COMPARED = (
  'affiliate attempt-no-answer cdn-name-as-sni chromium-split-hello cname-chain cn-with-other-name ' +
  'dedicated-address deepseeksvc dns-tcp dns-then-no-sni gre hosting-cn http-host ip-fragments ipv6 lookalike lossy-link ' +
  'many-clients mixed-case model-download nxdomain port-8443 qinq quic-chromium starttls-smtp tls12-curl trap-substring ' +
  'trap-suffix two-interfaces-pcapng vxlan'
).split(' ')

// biome-ignore lint/suspicious/noExplicitAny: a line of EVE as JSON.parse gives it
function theirKey({ capture, src_ip, dest_ip, app_proto, tls, quic, dns, http, alert }: any): string {
  const isAddress = alert.metadata.seekwatch_indicator[0].includes('/')
  const name = { tls: tls?.sni, quic: quic?.sni, dns: dns?.query?.[0].rrname, http: http?.hostname }[
    app_proto as string
  ]
  const ip = src_ip.includes(':') ? new Address6(src_ip).correctForm() : src_ip
  return `${capture} ${ip} ${isAddress ? `ip ${dest_ip}` : `${app_proto} ${name.toLowerCase()}`}`
}
