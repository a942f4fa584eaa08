/** `seekwatch demo`, which is `npm start`: the captures that come with Seekwatch, from nothing to the dashboard. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { LIMITS } from '../config/limits.ts'
import { coverTest } from '../detect/exemption.ts'
import { INBOX_STATES } from '../events/alert.ts'
import { Console } from './console.ts'
import { DASHBOARD_DIR, LISTEN_DEFAULT, parseListen } from './listen.ts'
import { exitCode, faultText, summaryText } from './replay.ts'
import { RULES_SHIPPED } from './rule-options.ts'
import { version } from './version.ts'

const CAPTURES = fileURLToPath(new URL('../../captures', import.meta.url))

/** The command, to be added to the program. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('Replays the captures that come with Seekwatch into a fresh database and serves the dashboard.')
    .option('--listen <address:port>', 'where the dashboard is served', LISTEN_DEFAULT)
    .action(async (options: { listen: string }) => {
      process.exitCode = await run(options.listen)
    })
}

async function run(listen: string): Promise<number> {
  const { host, port } = parseListen(listen)
  const [
    { compileRules },
    { loadNetworks },
    { readyRules },
    { publish },
    { openStore },
    { startServer },
    { replay },
    { contactTable },
  ] = await Promise.all([
    import('../detect/compile.ts'),
    import('../enrich/networks.ts'),
    import('../packs/checked.ts'),
    import('../packs/publish.ts'),
    import('../store/store.ts'),
    import('../server/http.ts'),
    import('./replay-run.ts'),
    import('./contact-table.ts'),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'seekwatch-demo-'))
  const db = join(folder, 'seekwatch.db')
  const screen = new Console({ quiet: false })
  const stop = new AbortController()
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const set = await readyRules(RULES_SHIPPED)
  const published = publish(set)
  const store = openStore(db)
  try {
    const server = await startServer({
      store,
      host,
      port,
      dashboardDir: DASHBOARD_DIR,
      version: version(),
      covers: coverTest,
      rules: () => published,
    })
    try {
      const result = await replay({
        paths: goldenCaptures(),
        packs: set.packs,
        rules: compileRules(set),
        networks: loadNetworks(),
        limits: LIMITS,
        sensor: 'demo',
        store,
        eve: null,
        events: new Set(),
        onProgress: (progress) => {
          screen.progress(progress)
          server.publish.progress(progress)
        },
        onAlerts: (alerts) => server.publish.alerts(alerts),
        onFault: (fault) => screen.error(faultText(fault)),
        signal: stop.signal,
      })
      process.stdout.write(contactTable(store.contacts({ limit: 1000, state: INBOX_STATES }).contacts))
      screen.say(summaryText(result, db))
      const code = exitCode(result, screen, false)
      screen.say(`The dashboard is on ${server.url} (Ctrl-C ends it; the database goes with it).`)
      await stopped
      return code
    } finally {
      await server.close()
    }
  } finally {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The golden cases; the scenarios beside them all happen at the same hour to the same client, which is no demonstration. */
function goldenCaptures(): string[] {
  return readdirSync(CAPTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'scenarios')
    .map((entry) => relative(process.cwd(), join(CAPTURES, entry.name)) || '.')
}
