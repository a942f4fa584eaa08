/** `seekwatch serve`: the dashboard and its API over a database, until it is told to end. */

import { Command, Option } from 'commander'
import { DASHBOARD_DIR, isLoopback, LISTEN_DEFAULT, mayWrite, parseListen } from './listen.ts'
import { RULES_SHIPPED } from './rule-options.ts'
import { version } from './version.ts'

interface ServeOptions {
  db: string
  listen: string
  allowHost: string[]
  allowWrites?: boolean
  logLevel: string
  rules: string
}

/** The command, to be added to the program. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Shows the dashboard over a database, with what other commands add to it meanwhile.')
    .option('--db <file>', 'database to show', 'seekwatch.db')
    .option('--listen <address:port>', 'where to listen; [ADDRESS]:PORT for IPv6', LISTEN_DEFAULT)
    .option(
      '--allow-host <name>',
      'also answer to this name, that of a reverse proxy (may be given again)',
      (name: string, names: string[]) => [...names, name],
      [],
    )
    .option('--allow-writes', 'let the page change states and exemptions also where others can reach it')
    .option('--rules <folder>', 'folder with the rule packs whose lists are at /feeds/', RULES_SHIPPED)
    .addOption(
      new Option('--log-level <level>', 'least weight of the JSON lines about requests on standard error')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('warn'),
    )
    .action(serve)
}

async function serve({ db, listen, allowHost, allowWrites, logLevel, rules }: ServeOptions): Promise<void> {
  const address = parseListen(listen)
  const [{ pino }, { coverTest }, { openFeeds }, { followDatabase }, { startServer }, { openStore }] =
    await Promise.all([
      import('pino'),
      import('../detect/exemption.ts'),
      import('./feeds.ts'),
      import('../server/follow.ts'),
      import('../server/http.ts'),
      import('../store/store.ts'),
    ])
  const feeds = openFeeds(rules)
  const isWritable = mayWrite({ db, host: address.host, allowHost, allowWrites: allowWrites ?? false })
  const store = openStore(db, { readonly: !isWritable })
  const reload = (): void => feeds.reload(say)
  process.on('SIGHUP', reload)
  try {
    const server = await startServer({
      ...address,
      store,
      dashboardDir: DASHBOARD_DIR,
      version: version(),
      allowedHosts: allowHost,
      ...(isWritable ? { covers: coverTest } : {}),
      feeds: feeds.now,
      logger: pino({ name: 'seekwatch', level: logLevel }, pino.destination(2)),
    })
    const unfollow = followDatabase(store, server.publish, (error) => say(error.message))
    say(`the dashboard is at ${server.url} (Ctrl-C ends it)`)
    if (!isLoopback(address.host))
      say(`anyone who can reach this address can ${isWritable ? 'read and change' : 'read'} it: there is no login`)
    await toldToEnd()
    unfollow()
    await server.close()
  } finally {
    process.removeListener('SIGHUP', reload)
    store.close()
  }
}

function toldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve()
    process.once('SIGINT', end).once('SIGTERM', end)
  })
}

function say(text: string): void {
  process.stderr.write(`seekwatch: ${text}\n`)
}
