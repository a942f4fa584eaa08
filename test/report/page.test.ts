/** The page of the report: nothing of a stranger is markup, and in a browser it asks for nothing and runs nothing. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { coverTest } from '../../src/detect/exemption.ts'
import type { Alert } from '../../src/events/alert.ts'
import { REASON_NAMES } from '../../src/packet/reason.ts'
import { html } from '../../src/report/html.ts'
import type { ReportOptions } from '../../src/report/model.ts'
import { page } from '../../src/report/page.ts'
import { textsOf } from '../../src/report/text.ts'
import { REASONS } from '../../src/report/texts.ts'
import { LANGUAGES, type Language, Words } from '../../src/report/words.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { batchOf, makeAlert, NINE_O_CLOCK } from '../support/alerts.ts'
import { makeExemption, minute } from '../support/exemptions.ts'
import { temporaryFolder } from '../support/folder.ts'
import { isInstalled } from '../support/setup.ts'
import { reportOf } from './support.ts'

const EVIL = '<script>alert(1)</script>"\'><img src=http://evil.example/x onerror=alert(2)>\u202egnp\x1b[31m\u0000'
const BROKEN = { first_seen: '-271821-04-20T00:00:00.000000Z', last_seen: '+275760-09-13T00:00:00.000000Z' }
const AUTHOR = { who: `Jana ${EVIL}`, via: EVIL, note: EVIL }

function storeOf(...alerts: Alert[]): Store {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  store.write(batchOf(...alerts))
  return store
}

/** With a hostile name in every place that holds one. */
function hostileStore(): Store {
  const hostile = makeAlert('a', {
    evidence: [{ kind: 'tls_sni', value: EVIL, packet: 1, file: EVIL, time: minute(0) }],
    client: { ip: '192.0.2.10', port: 1, name: EVIL },
    service: `Service ${EVIL}`,
    policy: [EVIL],
    sensor: EVIL,
    pack: EVIL,
  })
  const store = storeOf(hostile, makeAlert('b', { minute: 90, attempt: true }), makeAlert('c', { minute: 200 }))
  store.addExemptions(
    [makeExemption({ name: EVIL.toLowerCase() }, { reason: EVIL, owner: EVIL, ticket: EVIL, created_by: EVIL })],
    AUTHOR,
    coverTest,
  )
  store.triage(['b'], 'closed', AUTHOR)
  store.addCoverage('s', [], NINE_O_CLOCK)
  const gap = { interface: EVIL, kind: 'capture' as const, reason: EVIL, alertsLost: 1 }
  store.addGap(EVIL, { ...gap, fromUs: NINE_O_CLOCK, toUs: NINE_O_CLOCK + 60e6 })
  store.startRun({ id: 'r', command: 'replay' })
  return store
}

function pageOf(store: Store, language: Language, changes: Partial<ReportOptions> = {}): string {
  const report = reportOf(store, changes)
  const words = new Words(language, report.timezone)
  return page(report, textsOf(words), words)
}

const POLICY = {
  id: 'p',
  title: EVIL,
  country: 'CZ',
  authority: EVIL,
  date: '2025-07-10',
  reference: EVIL,
  scope: EVIL,
  sources: [
    'https://nukib.gov.cz/x (a remark)',
    'javascript:alert(1)',
    'javascript://x.example/%0aalert(1)',
    `https://x.example/"onclick="alert(1) ${EVIL}`,
  ],
}
const EVIL_RULES = {
  packs: [{ pack: EVIL, version: EVIL }],
  services: [EVIL],
  cited: new Set(['p']),
  policies: [POLICY],
}

describe('templates', () => {
  test('escape what is put into them, wherever it stands, and not what is a template', () => {
    expect(html`<p title="${'"<&\''}">${[1, null, html`<b>${'<'}</b>`]}</p>`.text).toBe(
      '<p title="&quot;&lt;&amp;&#39;">1<b>&lt;</b></p>',
    )
  })
})

describe.each(LANGUAGES)('in %s', (language) => {
  test('names of strangers and words of people are text', () => {
    const text = pageOf(hostileStore(), language, { rules: EVIL_RULES })
    expect(text).toContain('&lt;script&gt;')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    expect(text).not.toMatch(/<script|<img|onerror=alert\(2\)>|\u202e|\x1b|\x00|href="javascript/)
    // every quotation mark within a tag is one of ours
    for (const [tag] of text.matchAll(/<[a-z][^>]*>/g))
      expect(tag).toMatch(/^<[a-z0-9]+(?: [a-z][a-z0-9-]*(?:="[^"<]*")?)*\/?>$/i)
    expect(text.match(/<bdi/g)!.length).toBe(text.match(/<\/bdi>/g)!.length)
  })

  test.each<[name: string, alerts: Alert[]]>([
    ['an empty database', []],
    ['one contact', [makeAlert('a')]],
    ['attempts', [makeAlert('a', { attempt: true })]],
    ['what exemptions cover', [makeAlert('a', { state: 'exempt', exemption: 'ex-1' })]],
    ['a clock that was broken', [makeAlert('a', BROKEN)]],
    ['others than the service', [makeAlert('a', { category: 'hosting', service: 'Hosting in China' })]],
  ])('%s: nothing is undefined, and every heading has its place', (_, alerts) => {
    const text = pageOf(storeOf(...alerts), language)
    expect(text).not.toMatch(/undefined|NaN|null|\[object/)
    const levels = [...text.matchAll(/<h(\d)/g)].map(([, level]) => Number(level))
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    for (const [i, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1)
    expect(text).toContain(`<html lang="${language}">`)
    for (const [, head] of text.matchAll(/<th( scope="[a-z]+")?[ >]/g)) expect(head).toBeDefined()
  })

  test('the same report is the same page', () => {
    const store = hostileStore()
    expect(pageOf(store, language)).toBe(pageOf(store, language))
  })
})

test('every reason for which the sensor gives up a frame has its words', () => {
  expect(REASONS).toEqual(expect.arrayContaining(REASON_NAMES.slice(1)))
})

test('where nothing was looked at there is no figure, not even a nought', () => {
  expect(pageOf(storeOf(), 'en')).not.toContain('class="value">0')
  expect(pageOf(storeOf(makeAlert('a')), 'en')).toContain('class="value">0')
})

test('a long list says how many are left out and how to get them', () => {
  const clients = Array.from({ length: 9 }, (_, i) => makeAlert(`a${i}`, { client: { ip: `192.0.2.${i}`, port: 1 } }))
  expect(pageOf(storeOf(...clients), 'en', { rowsMax: 4 })).toMatch(/5.more are left out here; --format csv has every/)
})

describe.skipIf(!isInstalled('chromium'))('in a browser', { timeout: 120_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
  })

  test.each(LANGUAGES)('in %s it asks for nothing, runs nothing, and its style is taken', async (language) => {
    const file = join(temporaryFolder(), 'report.html')
    writeFileSync(file, pageOf(hostileStore(), language, { rules: EVIL_RULES }))
    const tab = await browser.newPage({ viewport: { width: 360, height: 800 } })
    const asked: string[] = []
    const said: string[] = []
    tab.on('request', (request) => asked.push(request.url()))
    tab.on('console', (message) => said.push(message.text()))
    tab.on('dialog', (dialog) => said.push(dialog.message()))
    await tab.goto(pathToFileURL(file).href)
    expect(asked).toEqual([pathToFileURL(file).href])
    expect(said).toEqual([])
    expect(await tab.evaluate('document.scripts.length + document.images.length')).toBe(0)
    expect(await tab.evaluate("getComputedStyle(document.querySelector('.answer')).borderLeftWidth")).toBe('6px')
    // names as long as they come: the page itself does not become wider than a telephone
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await tab.close()
  })
})
