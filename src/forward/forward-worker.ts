/**
 * Runs in a thread of its own beside a sensor: forwards to every destination
 * over a connection to the database of its own, so that packets wait neither for
 * a receiver nor for its certificates nor for what is read to catch up.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { type Lock, LockedError, lockForDestination } from '../store/lock.ts'
import { openStore } from '../store/store.ts'
import type { ForwardJob, ForwardSaying } from './background.ts'
import { carrierOf } from './carrier.ts'
import type { Destination } from './destination.ts'
import { FORWARD_TIMES, Forwarder } from './forwarder.ts'

/** How often it is looked whether another process is done with a destination. */
const LOCK_MS = 5000
/** At the end: for the portion under way, and before that for what was stored last. */
const GRACE_MS = 1200
const LAST_MS = 300

const { path, destinations, product } = workerData as ForwardJob
const port = parentPort!
const store = openStore(path)
const stop = new AbortController()
port.once('message', () => stop.abort())

function say(level: ForwardSaying['level'], text: string): void {
  port.postMessage({ level, text } satisfies ForwardSaying)
}

async function locked(name: string): Promise<Lock | null> {
  for (let isSaid = false; !stop.signal.aborted; isSaid = true) {
    try {
      return lockForDestination(path, name)
    } catch (error) {
      if (!(error instanceof LockedError)) throw error
      if (!isSaid) say('warn', `${error.message}. When it ends this one goes on`)
      await pause(LOCK_MS, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
  return null
}

async function run(destination: Destination): Promise<void> {
  const lock = await locked(destination.name)
  if (lock === null) return
  const forwarder = new Forwarder({
    destination,
    queue: store.outgoing,
    dataVersion: () => store.dataVersion(),
    deliver: carrierOf(destination),
    product,
    say,
    times: { ...FORWARD_TIMES, graceMs: GRACE_MS },
  })
  await forwarder.follow(stop.signal)
  await forwarder.finish(AbortSignal.timeout(LAST_MS))
  lock.release()
}

await Promise.all(destinations.map(run))
store.close()
port.close()
