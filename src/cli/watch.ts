/** `seekwatch watch`: reads capture files as a recorder writes and rotates them, until it is told to end. */

import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { systemReason } from '../bytes/system-error.ts'
import { printable } from '../bytes/text.ts'
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
      checkFolder(folder)
      process.exitCode = await serve(options, (service) => watch(folder, options, service))
    })
}

function checkFolder(folder: string): void {
  let isFolder: boolean
  try {
    isFolder = statSync(folder).isDirectory()
  } catch (error) {
    throw new UsageError(`watch: ${printable(folder)}: ${systemReason(error)}; name the folder that a recorder fills`)
  }
  const name = printable(folder)
  if (!isFolder) throw new UsageError(`watch: ${name} is no folder; for files there is "seekwatch replay ${name}"`)
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
