import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seekwatch as here } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'
import { HEAD, SOURCED } from '../support/pack-text.ts'

/** Runs the program with these arguments in a process of its own, from its sources. */
function seekwatch(...args: string[]): { code: number | null; out: string; err: string } {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const script = `import('${main}').then(({ main }) => main(${JSON.stringify(args)}))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

test('rules check: the shipped packs are right', () => {
  const { code, out, err } = seekwatch('rules', 'check')
  expect(err).toMatch(/^seekwatch: \d+ packs with \d+ rules and \d+ entries, all right\n$/)
  expect({ code, out }).toEqual({ code: 0, out: '' })
})

test('rules check: a wrong pack is told with its place, and the exit code is that of wrong configuration', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'x.yaml'), 'pack: X\n')
  const { code, err } = seekwatch('rules', 'check', '--rules', folder)
  expect(err).toContain(`${folder}/x.yaml:1:7: pack is not an id`)
  expect(code).toBe(2)
})

test('rules: a subcommand that there is not is wrong usage', () => {
  expect(seekwatch('rules', 'chekc').code).toBe(2)
  expect(seekwatch('rules', 'check', '--nothing').code).toBe(2)
})

test('rules check: what would alert on a never-name is wrong; what can never answer and what is old is told', () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'x.yaml'),
    `${HEAD}    policies: [gone-policy]
    needs: { rules: [gone-rule], within: 5m }
    domains:
      - { name: hub.example, ${SOURCED} }
      - { name: old.example, seen: '2019-05', ${SOURCED} }
      - { name: twice.example, ${SOURCED} }
      - { name: twice.example, match: exact, ${SOURCED} }
      - { name: a.quiet.example, ${SOURCED} }
    networks:
      - { cidr: 192.0.2.8/32, shared: false, ${SOURCED} }
    unless: { domains: [{ name: quiet.example }], networks: [192.0.2.0/24] }
`,
  )
  writeFileSync(
    join(folder, 'never.yaml'),
    'never:\n  - { name: models.hub.example, why: third parties, categories: [service] }\n  - { name: old.example, why: x, categories: [hosting] }\n',
  )
  const { code, out, err } = seekwatch('rules', 'check', '--rules', folder, '--json')
  const { findings } = JSON.parse(out) as { findings: Array<{ kind: string; entry: string; message: string }> }
  expect(findings.map(({ kind, entry }) => `${kind} ${entry}`)).toEqual([
    'unknown ',
    'unknown ',
    'never hub.example',
    'shadowed twice.example',
    'dead a.quiet.example',
    'dead 192.0.2.8/32',
    'old old.example',
  ])
  expect(findings[2]!.message).toContain('models.hub.example')
  expect({ code, err }).toEqual({ code: 2, err: '' })
})

test('rules list and test: as text and as JSON', () => {
  const list = seekwatch('rules', 'list')
  expect(list.code).toBe(0)
  expect(list.out).toMatch(/^pack +rule +service/)
  expect(list.out).toContain('strengthens deepseek-service')
  expect(list.out).toMatch(/^policy +since +authority/m)
  expect(list.out).toMatch(
    /^cz-nukib-2025-07-10 +2025-07-10 +NÚKIB \(CZ\) .* deepseek-service .*Products, applications/m,
  )
  const asked = (what: string) =>
    (JSON.parse(seekwatch('rules', 'test', what, '--json').out) as { matches: Array<{ rule: string; alerts: string }> })
      .matches
  expect(asked('Chat.DeepSeek.com')).toMatchObject([
    { rule: 'deepseek-service', alerts: expect.stringContaining('confidence high') },
  ])
  expect(asked('116.205.40.113')).toMatchObject([
    { rule: 'deepseek-service', alerts: expect.stringContaining('never alone') },
    { rule: 'hosting-cn', alerts: expect.stringContaining('confidence low') },
  ])
  expect(asked('gator.volces.com')).toMatchObject([{ alerts: expect.stringContaining('never alone') }])
  expect(asked('notdeepseek.com')).toEqual([])
  expect(asked('hxxps://chat[.]deepseek[.]com/x')).toMatchObject([{ rule: 'deepseek-service' }])
  for (const wrong of ['a b', '1.2.3.4.5', 'fe80::1%eth0', ''])
    expect(seekwatch('rules', 'test', wrong), wrong).toMatchObject({ code: 2, out: '' })
})

test('rules test: networks, countries, fingerprints and user agents, each said as what it is', async () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'x.yaml'),
    `${HEAD}    hosting:
      - { country: CN, asn: 64500, ${SOURCED} }
      - { country: RU, ${SOURCED} }
      - { asn: 64501, ${SOURCED} }
    fingerprints:
      - { ja3: 773906b0efdefa24a7f2b8eb6985bf37, ${SOURCED} }
      - { ja4: t13d1516h2_8daaf6152771_02713d6af862, ${SOURCED} }
    user_agents: [{ agent: Example/* Android/*, ${SOURCED} }]
    certificates: [{ name: cert.example, ${SOURCED} }]
`,
  )
  const alerts = async (...asked: string[]) => {
    const { out, err, code } = await here('rules', 'test', '--rules', folder, '--json', ...asked)
    expect({ err, code }).toEqual({ err: '', code: 0 })
    const { matches } = JSON.parse(out) as { matches: Array<{ indicator: { value: string }; alerts: string }> }
    return matches.map(({ indicator, alerts }) => `${indicator.value}: ${alerts}`)
  }
  const low = 'yes, confidence low at most'
  const there = `${low}: an address there without a visible name`
  expect(await alerts('AS64500')).toEqual([
    `CN AS64500: ${there}, as far as it is in CN`,
    `RU: ${there}, as far as it is in RU`,
  ])
  expect(await alerts('64501')).toEqual([`RU: ${there}, as far as it is in RU`, `AS64501: ${there}`])
  expect(await alerts('RU')).toEqual([`RU: ${there}`, `AS64501: ${there}, as far as it is in AS64501`])
  expect(await alerts('CN AS64500')).toEqual([`CN AS64500: ${there}`])
  expect(await alerts('RU AS64500')).toEqual([`RU: ${there}`])
  expect(await alerts('773906B0EFDEFA24A7F2B8EB6985BF37')).toEqual([
    `773906b0efdefa24a7f2b8eb6985bf37: ${low}: in the hello of a client; other programs may have it, too`,
  ])
  expect(await alerts('t13d1516h2_8daaf6152771_02713d6af862')).toHaveLength(1)
  expect(await alerts('t13d1516h2_8daaf6152771_02713d6af863')).toEqual([])
  expect(await alerts('--user-agent', 'Example/1.2 Android/34')).toEqual([
    'Example/* Android/*: yes, confidence medium at most: in a request that can be read, or in a QUIC hello; any program can say so',
  ])
  expect(await alerts('www.cert.example')).toEqual([
    'cert.example: yes, confidence high at most: the name in a certificate that names nothing else',
  ])
})

test('rules test: an answer is safe to read, and exactly one thing is asked', async () => {
  expect(await here('rules', 'test', '--user-agent', 'x\u001b[2J')).toMatchObject({
    code: 0,
    out: 'x\\x1b[2J meets no rule\n',
    err: '',
  })
  expect(await here('rules', 'test', 'as37963')).toMatchObject({
    out: expect.stringMatching(/^hosting-cn \(hosting [\d.]+\): .*\n {2}entry {7}hosting CN AS37963: /),
    err: 'seekwatch: tested AS37963\n',
  })
  for (const nothing of [[], ['--user-agent', '']])
    expect(await here('rules', 'test', ...nothing)).toEqual({
      code: 2,
      out: '',
      err: 'seekwatch: rules test: write what to test: a name, an address, AS55990, a fingerprint, or --user-agent TEXT\n',
    })
  expect(await here('rules', 'test', 'CN', '--user-agent', 'x')).toEqual({
    code: 2,
    out: '',
    err: 'seekwatch: rules test: "CN" and --user-agent are two questions; ask one at a time\n',
  })
})

test('rules: a reader that goes away is no failure, and a full disk is told', () => {
  const program = join(import.meta.dirname, '../../bin/seekwatch')
  const run = (command: string) => {
    const { stderr, status } = spawnSync('bash', ['-c', `set -o pipefail; ${program} ${command}`], { encoding: 'utf8' })
    return [status, stderr]
  }
  expect(run('rules list --json | head -c 10 > /dev/null')).toEqual([0, ''])
  expect(run('rules export csv 2>&1 > /dev/null | true')).toEqual([0, ''])
  expect(run('rules list --json > /dev/full')).toEqual([
    2,
    'seekwatch: standard output cannot be written: the disk is full (ENOSPC)\n',
  ])
  expect(run('rules export csv > /dev/full')).toEqual([
    2,
    'seekwatch: standard output cannot be written: the disk is full (ENOSPC)\n',
  ])
})

test('rules: a folder without its option is told where it goes', async () => {
  for (const command of ['check', 'list'])
    expect(await here('rules', command, 'my\u001bpacks')).toEqual({
      code: 2,
      out: '',
      err: `seekwatch: rules ${command}: "my\\x1bpacks" has no place; write --site-rules my\\x1bpacks for packs beside ours, --rules my\\x1bpacks for those of this folder alone\n`,
    })
})

test('rules: errors of any command say where its options are told', async () => {
  expect((await here('rules', 'export')).err).toBe(
    "error: missing required argument 'format'\n(add --help for all options)\n",
  )
})

test('rules: a file instead of its folder is told as that', () => {
  const file = join(temporaryFolder(), 'x.yaml')
  writeFileSync(file, HEAD)
  expect(seekwatch('rules', 'list', '--rules', file)).toMatchObject({
    code: 2,
    err: expect.stringContaining('x.yaml: is no folder; give the one in which the rule packs lie'),
  })
})
