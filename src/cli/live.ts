/** `seekwatch live`: watches network interfaces until it is told to end. */

import { type Command, Option } from 'commander'
import { ADAPTER_NAMES, type Adapter, type AdapterName } from '../capture/live/adapter.ts'
import type { Refusal } from '../capture/live/live.ts'
import { collect, type Service, type ServiceOptions, sayEnd, serve, serviceCommand } from './service.ts'
import { UsageError } from './usage-error.ts'
import { whole } from './whole.ts'

const WORKERS_MAX = 32
const RING_MIB_MAX = 16_384

interface LiveOptions extends ServiceOptions {
  interface: string[]
  capture: AdapterName | 'auto'
  filter: string
  workers: number
  ring: number
}

/** The command, to be added to the program. */
export function liveCommand(): Command {
  return serviceCommand('live')
    .description(
      'Watches network interfaces, stores what it finds and shows it on the dashboard, until it is told to end.',
    )
    .option('-i, --interface <name>', 'network interface to watch (may be given again)', collect, [])
    .addOption(
      new Option(
        '--capture <program>',
        'what captures: the first of tcpdump, dumpcap and cap that works, or one of them',
      )
        .choices(['auto', ...ADAPTER_NAMES])
        .default('auto'),
    )
    .option('--filter <expression>', 'what to look at, in the language of pcap-filter(7)', '')
    .option(
      '--workers <n>',
      'capturing programs per interface, among which flows are split',
      whole('--workers', WORKERS_MAX),
      1,
    )
    .option('--ring <MiB>', "size of the kernel's ring for each of them", whole('--ring', RING_MIB_MAX), 128)
    .action(async (options: LiveOptions) => {
      if (options.interface.length === 0) throw new UsageError('live: name an interface: seekwatch live -i eth1')
      process.exitCode = await serve(options, (service) => watch(options, service))
    })
}

async function watch(options: LiveOptions, service: Service): Promise<number> {
  const { log } = service
  const { LiveRun } = await import('./live-run.ts')
  const { live, refusals } = await LiveRun.start({
    ...service.run,
    log,
    eveDropped: service.eveDropped,
    capture: {
      devices: [...new Set(options.interface)],
      adapter: options.capture,
      workers: options.workers,
      filter: options.filter,
      ringMiB: options.ring,
    },
  })
  if (live === null) throw new UsageError(refusal(options, refusals))
  service.setVitals(() => live.vitals)
  service.onSecondSignal(() => live.kill())
  for (const { adapter, reason } of refusals) log.info(`not ${adapter}: ${reason}`)
  log.info(`watching ${options.interface.join(', ')} with ${adapterText(live.adapter)}`)
  if (service.url !== '') log.info(`the dashboard is at ${service.url}`)
  await aborted(service.signal)
  const result = await live.stop()
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...result.summary, packets_lost: result.packetsLost })}\n`)
  }
  return sayEnd(service, result, result.unstored, result.packetsLost)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function adapterText({ name, stamps, tellsLosses, delayMs }: Adapter): string {
  const time = stamps === 'kernel' ? 'time stamps of the kernel' : 'times of arrival, because it has no time stamps'
  const losses = tellsLosses === 'never' ? 'losses unknown, because it does not tell' : `losses told ${tellsLosses}`
  return `${name} (${time}; ${losses}; packets within ${delayMs} ms)`
}

function refusal({ interface: devices, capture, filter }: LiveOptions, refusals: readonly Refusal[]): string {
  const why = refusals.map(({ adapter, reason }) => `  ${adapter}: ${reason.replace(`${adapter}: `, '')}`).join('\n')
  const what = capture === 'auto' ? 'no program can capture' : `${capture} cannot capture`
  const isFilter = refusals.some(({ reason }) => /filter expression/.test(reason))
  const advice = isFilter
    ? `the filter ${JSON.stringify(filter)} is meant; "man 7 pcap-filter" has its language`
    : `"seekwatch doctor -i ${devices[0]}" says what this machine lacks`
  return `live: ${what} on ${devices.join(', ')}:\n${why}\n${advice}`
}
