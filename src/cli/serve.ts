/** `seekwatch serve`: the dashboard and its API over a database, until it is told to end. */

import { Command, Option } from 'commander'
import { LOG_LEVELS } from '../config/log-levels.ts'
import { addHost, DASHBOARD_DIR, isLoopback, LISTEN_DEFAULT, listenText, mayWrite, parseListen } from './listen.ts'
import { addRuleOptions, type RuleOptions, ruleSource, rulesOf } from './rule-options.ts'
import { version } from './version.ts'

interface ServeOptions extends RuleOptions {
  db: string
  listen: string
  allowHost: string[]
  allowWrites?: boolean
  logLevel: string
}

/** The command, to be added to the program. */
export function serveCommand(): Command {
  return addRuleOptions(new Command('serve'))
    .description('Shows the dashboard over a database, with what other commands add to it meanwhile.')
    .option('--db <file>', 'database to show', 'seekwatch.db')
    .option('--listen <address:port>', 'where to listen; [ADDRESS]:PORT for IPv6', listenText, LISTEN_DEFAULT)
    .option(
      '--allow-host <name>',
      'also answer to this name, that of a reverse proxy (may be given again)',
      addHost,
      [],
    )
    .option('--allow-writes', 'let the page change states and exemptions also where others can reach it')
    .addOption(
      new Option('--log-level <level>', 'least weight of the JSON lines about requests on standard error')
        .choices(LOG_LEVELS)
        .default('warn'),
    )
    .addHelpText('after', RULES_NOTE)
    .action(serve)
}

const RULES_NOTE = `
The policies that alerts cite and the lists at /feeds/ are those of the rule packs. They follow when a file of the
packs changes, and on SIGHUP.`

async function serve({ db, listen, allowHost, allowWrites, logLevel, ...options }: ServeOptions): Promise<void> {
  const address = parseListen(listen)
  const [
    { pino },
    { compileRules },
    { coverTest },
    { publish },
    { followDatabase },
    { startServer },
    { openStore },
    { keepReviewing },
  ] = await Promise.all([
    import('pino'),
    import('../detect/compile.ts'),
    import('../detect/exemption.ts'),
    import('../packs/publish.ts'),
    import('../server/follow.ts'),
    import('../server/http.ts'),
    import('../store/store.ts'),
    import('./reviewing.ts'),
  ])
  const set = await rulesOf(options, say)
  let published = publish(set)
  const isWritable = mayWrite({ db, host: address.host, allowHost, allowWrites: allowWrites ?? false })
  const store = openStore(db, { readonly: !isWritable })
  let reloaded = (): void => {}
  const source = await ruleSource({
    ...options,
    current: compileRules(set),
    isPublished: true,
    use: (fresh) => {
      published = fresh.published ?? published
      reloaded()
    },
    say,
  })
  const reload = (): void => void source.reload()
  process.on('SIGHUP', reload)
  try {
    const server = await startServer({
      ...address,
      store,
      dashboardDir: DASHBOARD_DIR,
      version: version(),
      allowedHosts: allowHost,
      ...(isWritable ? { covers: coverTest } : {}),
      rules: () => published,
      logger: pino({ name: 'seekwatch', level: logLevel }, pino.destination(2)),
    })
    reloaded = () => server.publish.reload()
    source.watch()
    const unfollow = followDatabase(store, server.publish, (error) => say(error.message))
    const endReviewing = isWritable ? keepReviewing(store, reloaded) : null
    say(`the dashboard is at ${server.url} (Ctrl-C ends it)`)
    if (!isLoopback(address.host))
      say(`anyone who can reach this address can ${isWritable ? 'read and change' : 'read'} it: there is no login`)
    await toldToEnd()
    unfollow()
    endReviewing?.()
    await server.close()
  } finally {
    process.removeListener('SIGHUP', reload)
    source.close()
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
