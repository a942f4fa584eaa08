/**
 * The page in a real browser: what people decide, by keyboard alone, on a
 * phone, and under load. Skipped, loudly (see support/setup.ts), where there is
 * no Chromium.
 */

import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { coverTest } from '../../src/detect/exemption.ts'
import type { Alert } from '../../src/events/alert.ts'
import type { Policy, PublishedRules } from '../../src/events/rules.ts'
import { type Server, startServer } from '../../src/server/http.ts'
import { ExemptionList } from '../../src/store/exemption-list.ts'
import { openStore, Store } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { makeExemption } from '../support/exemptions.ts'
import { isInstalled } from '../support/setup.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** A build of its own: the one in dist may be older than the source. */
const BUILT = join(ROOT, 'node_modules/.cache/dashboard-test')
/** Rows that may come into the list in one go, in which no key is heard. */
const ROWS_AT_ONCE = 20
/** For the page: `rowsAdded` gets how many rows came in each go. */
const WATCH_ROWS = `
  globalThis.rowsAdded = []
  new MutationObserver((changes) => {
    const nodes = changes.flatMap(({ addedNodes }) => [...addedNodes])
    rowsAdded.push(nodes.filter((node) => node.dataset?.row?.startsWith('new')).length)
  }).observe(document.querySelector('tbody'), { childList: true })
`

/** A busy machine is slow, not wrong. */
const waited = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 100 })

interface Desk {
  page: Page
  store: Store
  server: Server
  write: (...alerts: Alert[]) => Alert[]
}

describe.skipIf(!isInstalled('chromium'))('the page', { timeout: 120_000 }, () => {
  let browser: Browser

  beforeAll(async () => {
    const config = join(ROOT, 'vite.config.ts')
    await build({ configFile: config, root: join(ROOT, 'dashboard'), logLevel: 'error', build: { outDir: BUILT } })
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
  })

  /** The page over a database with what `fill` writes. */
  async function open(options: {
    width?: number
    readonly?: boolean
    zone?: string
    rules?: () => PublishedRules
    fill: (desk: Desk) => void
  }): Promise<Desk> {
    const store = openStore(':memory:')
    const list = new ExemptionList(store, coverTest)
    const server = await startServer({
      store,
      host: '127.0.0.1',
      port: 0,
      dashboardDir: BUILT,
      version: '1',
      ...(options.readonly ? {} : { covers: coverTest }),
      ...(options.rules ? { rules: options.rules } : {}),
    })
    const page = await browser.newPage({
      viewport: { width: options.width ?? 1400, height: 900 },
      ...(options.zone ? { timezoneId: options.zone } : {}),
    })
    const desk: Desk = {
      page,
      store,
      server,
      write: (...alerts) => store.write(batchOf(...alerts), list.covering).added,
    }
    const faults: string[] = []
    page.on('pageerror', ({ message }) => faults.push(message))
    onTestFinished(async () => {
      await page.close()
      await server.close()
      store.close()
      expect(faults).toEqual([])
    })
    options.fill(desk)
    await page.goto(server.url)
    await page.waitForSelector('[data-row]')
    return desk
  }

  const ids = (page: Page): Promise<Array<string | null>> =>
    page.$$eval('[data-row]', (rows) => rows.map((row) => row.getAttribute('data-row')))

  function exemptOne({ store, write }: Desk): void {
    const reason = 'Study <img src=x onerror=alert(1)> \u202eevil'
    store.addExemptions(
      [makeExemption({ client: '192.0.2.10' }, { reason })],
      { who: 'x', via: 'x', note: '' },
      coverTest,
    )
    write(makeAlert('hidden', { minute: 10 }), makeAlert('shown', { minute: 70 }))
  }

  test('hides what is exempt, and shows it apart with why, who and until when', async () => {
    const { page } = await open({ fill: exemptOne })
    expect(await ids(page)).toEqual(['shown'])
    await page.getByLabel('exempt (1)').check()
    await waited(() => ids(page)).toEqual(['hidden'])
    await page.click('[data-row=hidden] button')
    const box = page.locator('.exempt')
    await box.waitFor()
    expect(await box.innerText()).toMatch(/Exempt \(research\) until 2026-11-22 .*Study <img src=x/)
    expect(await box.innerText()).toContain('Research team')
    expect(await box.innerText()).not.toContain('\u202e')
    expect(await page.locator('img[src=x]').count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
  })

  test('says of each policy who forbids what since when, and follows when the rules are read again', async () => {
    const policy: Policy = {
      id: 'cz-2025',
      title: 'A warning <img src=x>',
      country: 'CZ',
      authority: 'NÚKIB\u202e',
      date: '2025-07-10',
      reference: 'No. 1',
      scope: 'Products and services.',
      sources: ['https://authority.example/act (via a newspaper)', 'javascript:alert(1)'],
    }
    let policies = [policy]
    const { page, server } = await open({
      rules: () => ({ rules: [], policies, feeds: [] }),
      fill: ({ write }) => write(makeAlert('a', { policy: ['cz-2025', 'gone-2020'] })),
    })
    await page.click('[data-row=a] button')
    const section = page.getByRole('region', { name: 'Alert in detail' })
    await section.getByText('A warning <img src=x>').waitFor()
    const told = await section.innerText()
    expect(told).toMatch(/NÚKIB\\u\{202e\} \(CZ\), since 2025-07-10\s+Products and services\.\s+No\. 1/)
    expect(told).toMatch(/gone-2020\s+is in no pack of this server/)
    expect(told).toContain('seekwatch evidence a')
    const links = section.locator('a')
    expect(
      await links.evaluateAll((all) => all.map((one) => [one.getAttribute('href'), one.getAttribute('rel')])),
    ).toEqual([['https://authority.example/act', 'noopener noreferrer']])
    expect(await page.locator('img[src=x]').count()).toBe(0)

    policies = [policy, { ...policy, id: 'gone-2020', title: 'Found again' }]
    server.publish.reload()
    await section.getByText('Found again').waitFor()
  })

  test('by keyboard alone: a name once, a state, an exemption with preview, its end', async () => {
    const { page, store } = await open({
      fill: ({ write }) => write(makeAlert('a', { minute: 10 }), makeAlert('b', { minute: 70 })),
    })
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())
    await press('j', 'Enter', 'Shift+A')
    await page.locator('section').getByText('Write your name once').waitFor()
    expect(store.alert('b')!.state).toBe('new')
    await page.keyboard.type('Eva')
    await press('Tab', 'Shift+A')
    await waited(() => store.alert('b')!.state).toBe('acknowledged')
    await page.locator('.history').getByText('new → acknowledged').waitFor()

    await press('j')
    await waited(() => page.url()).toContain('alert=a')
    await press('Shift+X')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await dialog.getByLabel('Address or network').inputValue()).toBe('192.0.2.10')
    await dialog.getByLabel('Kind').selectOption('testing')
    await dialog.getByLabel('Owner').fill('Red team')
    await dialog.getByLabel('Reason').fill('Study')
    await dialog.getByLabel('Until').fill('2030-01-01T00:00')
    await dialog.getByLabel('of the last').fill('36500')
    await dialog.getByRole('button', { name: 'Preview' }).press('Enter')
    await dialog.getByText('it would have covered 2 alerts of 1 client').waitFor()
    await dialog.getByText('1 stored alert would be exempt at once').waitFor()
    expect(store.exemptions()).toEqual([])
    await dialog.getByRole('button', { name: 'Exempt' }).press('Enter')
    await waited(() => store.alert('a')!.state).toBe('exempt')
    await waited(() => ids(page)).toEqual(['b'])

    await press('Escape', 'x')
    await page.getByText('client 192.0.2.10').waitFor()
    await page.getByRole('button', { name: 'End…' }).press('Enter')
    await page.getByLabel('Ended at').fill('2026-11-22T00:00')
    await page.getByRole('button', { name: 'End it' }).press('Enter')
    await page.getByRole('alert').getByText('is before its start').waitFor()
    const [exemption] = store.exemptions()
    await page.getByLabel('Ended at').fill(
      await page.evaluate((iso) => {
        const at = new Date(iso)
        return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
      }, exemption!.start),
    )
    await page.getByRole('button', { name: 'End it' }).press('Enter')
    await waited(() => store.alert('a')!.state).toBe('new')
    expect(store.auditEntries({}).entries.every(({ who }) => who === 'Eva')).toBe(true)
  })

  test('keys decide nothing while somebody types, nor without Shift', async () => {
    const { page, store } = await open({ fill: ({ write }) => write(makeAlert('a')) })
    await page.evaluate("localStorage.setItem('seekwatch.name', 'Eva')")
    await page.reload()
    await page.waitForSelector('[data-row]')
    for (const key of ['j', '/', 'Shift+C', 'Shift+X', 'Escape', 'e', 'n']) await page.keyboard.press(key)
    await page.waitForTimeout(300)
    expect(store.auditMark()).toBe(0)
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  test('offers nothing where the server only reads', async () => {
    const { page, store } = await open({ readonly: true, fill: exemptOne })
    await page.click('[data-row=shown] button')
    await page.getByText('All of this client').waitFor()
    expect(await page.getByRole('button', { name: 'Close', exact: true }).count()).toBe(1) // the panel's own
    await page.keyboard.press('Shift+C')
    await page.keyboard.press('x')
    await page.getByText('This server only reads').waitFor()
    expect(await page.getByText('End earlier…').count()).toBe(0)
    expect(store.alert('shown')!.state).toBe('new')
  })

  test('says of a rule that no pack has that it covers nothing, and forgets a preview of something else', async () => {
    const { page, store } = await open({
      rules: () => ({ rules: ['deepseek-service'], policies: [], feeds: [] }),
      fill: ({ write }) => write(makeAlert('a')),
    })
    await page.keyboard.press('x')
    await page.getByRole('button', { name: 'Exempt a client…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Address or network').fill('192.0.2.10')
    await dialog.getByLabel('Rule').fill('deepseek-servise')
    await dialog.getByLabel('Kind').selectOption('research')
    await dialog.getByLabel('Owner').fill('Research team')
    await dialog.getByLabel('Reason').fill('Study')
    await dialog.getByLabel('Your name').fill('Eva')
    await dialog.getByLabel('Until').fill('2099-01-01T00:00')
    await dialog.getByRole('button', { name: 'Preview' }).click()
    await dialog.getByText('No rule in force has the id "deepseek-servise"').waitFor()
    await dialog.getByRole('spinbutton').fill('31')
    await waited(() => dialog.getByRole('status').count()).toBe(0)
    await dialog.getByRole('button', { name: 'Exempt', exact: true }).click()
    await page.getByText('on record. No rule in force has the id "deepseek-servise"').waitFor()
    expect(store.exemptions()).toHaveLength(1)
  })

  test('what is decided may be meant for the whole contact, for as long as the alert is open', async () => {
    const { page, store } = await open({
      fill: ({ write }) => write(makeAlert('a'), makeAlert('b'), makeAlert('far', { minute: 500 })),
    })
    const states = () => ['a', 'b', 'far'].map((id) => store.alert(id)!.state)
    await page.click('[data-row=a] button')
    await page.getByLabel('Your name, for the log').fill('Eva')
    await page.getByLabel('the other alerts of this contact').focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Shift+A')
    await waited(states).toEqual(['acknowledged', 'acknowledged', 'new'])
    await page.getByText('2 alerts are acknowledged').waitFor()
    expect(await page.getByLabel('the other alerts of this contact').isChecked()).toBe(false)

    await page.getByLabel('the other alerts of this contact').check()
    await page.keyboard.press('Escape')
    await page.locator('[data-row=a] button').focus()
    await page.keyboard.press('Shift+C')
    await waited(states).toEqual(['closed', 'acknowledged', 'new'])
  })

  test('says whose time it shows', async () => {
    const { page } = await open({ zone: 'Asia/Tokyo', fill: ({ write }) => write(makeAlert('a')) })
    expect(await page.locator('[data-row=a] time').first().innerText()).toMatch(/^18:00:/)
    expect(await page.locator('header').innerText()).toContain('times in Asia/Tokyo')
  })

  test('a late answer about one alert is not shown under the next', async () => {
    const { page, store } = await open({ fill: ({ write }) => write(makeAlert('a'), makeAlert('b', { minute: 1 })) })
    store.triage(['a'], 'closed', { who: 'Eva', via: 'cli', note: 'about a' })
    store.triage(['b'], 'closed', { who: 'Eva', via: 'cli', note: 'about b' })
    let answer = (): void => {}
    const isAsked = new Promise<void>((resolve) => {
      page.route('**/api/audit?subject=a&**', async (route) => {
        resolve()
        await new Promise<void>((later) => {
          answer = later
        })
        await route.continue()
      })
    })
    await page.click('[data-row=a] button')
    await isAsked
    await page.click('[data-row=b] button')
    await page.getByText('about b').waitFor()
    const late = page.waitForResponse('**/api/audit?subject=a&**')
    answer()
    await (await late).finished()
    await page.waitForTimeout(100)
    expect(await page.getByLabel('What was decided').innerText()).toContain('about b')
  })

  test('a filter that is cleared while somebody types stays cleared', async () => {
    const { page } = await open({ fill: ({ write }) => write(makeAlert('a'), makeAlert('b', { confidence: 'low' })) })
    await page.getByLabel('Least confidence').selectOption('high')
    await waited(() => ids(page)).toEqual(['a'])
    await page.evaluate(`{
      const box = document.querySelector('input[type=search]')
      box.value = 'nobody'
      box.dispatchEvent(new Event('input'))
      document.querySelector('search button').click()
    }`)
    await page.waitForTimeout(500) // longer than a pause in typing
    await waited(async () => (await ids(page)).sort()).toEqual(['a', 'b'])
    expect(await page.getByLabel('Name or address').inputValue()).toBe('')
  })

  test('the list of a new filter begins at its top, also when a reload comes before its answer', async () => {
    const { page, server } = await open({
      fill: (desk) => desk.write(...Array.from({ length: 150 }, (_, i) => makeAlert(`a${i}`, { minute: i }))),
    })
    const list = page.locator('.list')
    await list.evaluate((box) => box.scrollTo(0, box.scrollHeight))
    let held = 0
    await page.route('**/api/alerts?confidence=high**', async (route) => {
      if (held++ === 0) return // never answered
      await route.continue()
    })
    await page.getByLabel('Least confidence').selectOption('high')
    await waited(() => held).toBe(1)
    server.publish.reload()
    await waited(() => held).toBe(2)
    await waited(() => list.evaluate((box) => box.scrollTop)).toBe(0)
  })

  test.each([1345, 1400, 1600])('the counts of a million alerts have room at %i pixels', async (width) => {
    const figures = vi.spyOn(Store.prototype, 'overview').mockReturnValue({
      alerts: 1_018_835,
      exempt: 155_052,
      contacts: 18_927,
      clients: 12_353,
      by_category: { hosting: 291_983 },
      by_confidence: {},
      first_seen: null,
      last_seen: null,
      runs: [],
    })
    const list = vi.spyOn(Store.prototype, 'alerts').mockReturnValue({ alerts: [makeAlert('a')], total: 726_852 })
    onTestFinished(() => [figures, list].forEach((spy) => void spy.mockRestore()))
    const { page } = await open({ width, fill: ({ write }) => write(makeAlert('a')) })
    await page.getByText('exempt (155,052)').waitFor()
    expect(await page.locator('search').evaluate((bar) => bar.scrollWidth > bar.clientWidth)).toBe(false)
  })

  test('nothing is wider than a phone', async () => {
    const { page } = await open({ width: 390, fill: exemptOne })
    const isTooWide = (): Promise<boolean> => page.evaluate('document.documentElement.scrollWidth > innerWidth')
    for (const keys of [[], ['j', 'Enter'], ['Escape', 'x']]) {
      for (const key of keys) await page.keyboard.press(key)
      await page.waitForTimeout(200)
      expect(await isTooWide(), keys.join(' ')).toBe(false)
    }
    await page.getByRole('button', { name: 'Exempt a client…' }).click()
    expect(await page.locator('dialog[open]').evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(false)
    expect(await page.getByRole('button', { name: 'Cancel' }).isVisible()).toBe(true)
  })

  test('200 pushed alerts do not hold up a long list, and a reader further down keeps the place', async () => {
    const { page, server, write } = await open({
      fill: (desk) =>
        desk.write(...Array.from({ length: 400 }, (_, i) => makeAlert(`old${i}`, { minute: i / 10, contact: 'one' }))),
    })
    const list = page.locator('.list')
    await waited(async () => {
      await list.evaluate((box) => box.scrollTo(0, box.scrollHeight))
      const button = page.getByRole('button', { name: /^Load older/ })
      if (await button.count()) await button.click()
      return (await ids(page)).length
    }).toBe(400)
    await list.evaluate((box) => box.scrollTo(0, box.scrollHeight * 0.7))
    const seen = await page.$$eval('[data-row]', (rows) => {
      const row = rows.find((one) => one.getBoundingClientRect().top > 500)!
      return { id: row.getAttribute('data-row')!, top: row.getBoundingClientRect().top }
    })
    await page.evaluate(WATCH_ROWS)
    server.publish.alerts(
      write(...Array.from({ length: 200 }, (_, i) => makeAlert(`new${i}`, { minute: 300 + i / 10, contact: 'two' }))),
    )
    await page.getByText('↑ new alerts').waitFor()
    await waited(() => page.evaluate('rowsAdded.reduce((sum, rows) => sum + rows, 0)')).toBe(200)
    // A time would say more, and say something else on each machine: with 200 at once one task took 415 ms, now 78.
    expect(await page.evaluate('Math.max(...rowsAdded)')).toBeLessThanOrEqual(ROWS_AT_ONCE)
    const top = await page.locator(`[data-row="${seen.id}"]`).evaluate((row) => row.getBoundingClientRect().top)
    expect(Math.abs(top - seen.top)).toBeLessThan(3)
    await list.evaluate((box) => box.scrollTo(0, 0))
    await waited(async () => (await ids(page))[0]).toBe('new199')
  })
})
