/** Runs captures through the whole pipeline, as `seekwatch replay` does, and gives back what went to EVE. */

import { fileURLToPath } from 'node:url'
import type { CaptureFault } from '../../src/capture/block.ts'
import type { ReaderOptions } from '../../src/capture/reader.ts'
import { replay } from '../../src/cli/replay-run.ts'
import type { RunResult } from '../../src/cli/run.ts'
import { LIMITS } from '../../src/config/limits.ts'
import { type CompiledRules, compileRules } from '../../src/detect/compile.ts'
import { loadNetworks, type Networks } from '../../src/enrich/networks.ts'
import { loadPacks } from '../../src/packs/load.ts'
import type { Pack } from '../../src/packs/pack.ts'
import type { EventKind } from '../../src/sensor/sensor.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { lineText } from './json.ts'

let packs: Pack[] | undefined
let rules: CompiledRules | undefined
let networks: Networks | undefined

export interface Replayed extends RunResult {
  lines: string
  faults: CaptureFault[]
}

/** Replays `paths` into `store` with the shipped packs. */
export async function replayInto(
  store: Store,
  paths: string[],
  events: ReadonlySet<EventKind | 'alert'>,
  reader: ReaderOptions = {},
): Promise<Replayed> {
  packs ??= loadPacks(fileURLToPath(new URL('../../rules', import.meta.url)))
  rules ??= compileRules({ packs })
  networks ??= loadNetworks()
  let lines = ''
  const faults: CaptureFault[] = []
  const result = await replay({
    paths,
    packs,
    rules,
    networks,
    limits: LIMITS,
    sensor: 'golden',
    store,
    eve: { write: (line) => (lines += `${lineText(line)}\n`), flush: async () => {} },
    events,
    onProgress: () => {},
    onAlerts: () => {},
    onFault: (fault) => faults.push(fault),
    signal: new AbortController().signal,
    reader,
  })
  return { ...result, lines, faults }
}

/** The EVE lines of one capture of `folder`: alerts, TLS, DNS and flows. */
export async function replayToLines(folder: string, name: string, reader: ReaderOptions = {}): Promise<string> {
  const before = process.cwd()
  process.chdir(folder) // the name of the file stands in the evidence as it was given
  const store = openStore(':memory:')
  try {
    return (await replayInto(store, [name], new Set(['alert', 'tls', 'dns', 'flow']), reader)).lines
  } finally {
    store.close()
    process.chdir(before)
  }
}
