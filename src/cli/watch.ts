/** `seekwatch watch`: reads capture files as a recorder writes and rotates them, until it is told to end. */

import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { type Service, type ServiceOptions, sayEnd, serve, serviceCommand } from './service.ts'
import { UsageError } from './usage-error.ts'

const EXIT_INPUT = 3

/** The command, to be added to the program. */
export function watchCommand(): Command {
  return serviceCommand('watch')
    .description(
      'Reads capture files in a folder as a recorder writes and rotates them, each once, until it is told to end.',
    )
    .argument('<folder>', 'folder with pcap or pcapng files, also in gzip or zstd, also below it')
    .action(async (folder: string, options: ServiceOptions) => {
      if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
        throw new UsageError(`watch: ${folder} is no folder; for single files there is "seekwatch replay ${folder}"`)
      process.exitCode = await serve(options, (service) => watch(folder, options, service))
    })
}

async function watch(folder: string, options: ServiceOptions, service: Service): Promise<number> {
  const { WatchRun } = await import('./watch-run.ts')
  const run = new WatchRun({
    ...service.run,
    folder,
    log: service.log,
    signal: service.signal,
    eveDropped: service.eveDropped,
  })
  service.setVitals(() => run.vitals)
  service.log.info(`watching ${folder}`)
  if (service.url !== '') service.log.info(`the dashboard is at ${service.url}`)
  const result = await run.watch()
  if (options.json) process.stdout.write(`${JSON.stringify(result.summary)}\n`)
  return sayEnd(service, result, run.vitals.alerts_waiting) || (result.summary.files_failed > 0 ? EXIT_INPUT : 0)
}
