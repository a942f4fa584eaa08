/** Where alerts are forwarded to, for every command that does it. */

import { type Destination, DestinationError, readDestination, withSettings } from '../forward/destination.ts'
import type { Store } from '../store/store.ts'
import { counted } from './counted.ts'
import { UsageError } from './usage-error.ts'

/** Takes destinations for `option`, which may be given again. What it returns throws UsageError for what is none. */
export function collectDestinations(option: string): (text: string, texts: string[]) => string[] {
  return (text, texts) => {
    destinationOf(text, option)
    return [...texts, text]
  }
}

/** The destinations of `texts`; `settings` win over what they say. Throws UsageError. */
function destinationsOf(
  texts: readonly string[],
  option: string,
  settings: Readonly<Record<string, string>> = {},
): Destination[] {
  const found = texts.map((text) => destinationOf(withSettings(text, settings), option))
  const twice = found.find(({ name }, i) => found.findIndex((other) => other.name === name) < i)
  if (twice !== undefined) {
    const advice = 'leave one out, or give one of them another name: ?name=siem-2'
    throw new UsageError(`${option}: ${twice.name} is there twice; ${advice}`)
  }
  return found
}

/** As `destinationsOf`; their files can be used, too. */
export async function checkedDestinations(
  texts: readonly string[],
  option: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Destination[]> {
  const destinations = destinationsOf(texts, option, settings)
  if (destinations.length === 0) return []
  const { checkFiles } = await import('../forward/carrier.ts')
  try {
    for (const destination of destinations) checkFiles(destination)
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error
    throw new UsageError(`${option}: ${error.message}`, { cause: error })
  }
  return destinations
}

/** Puts a destination on record, and says what one that is new is told. Throws StoreError. */
export function beginDestination(
  store: Store,
  destination: Destination,
  say: (level: 'info', text: string) => void,
): void {
  const { name, fromStart } = destination
  const untold = store.outgoing.begin(destination, fromStart)
  if (untold === null) return
  if (fromStart) say('info', `${name} is new here: it is sent all alerts that are stored, too`)
  else say('info', `${name} is new here: it is sent what comes from now on${untoldText(untold)}`)
}

function untoldText(untold: number): string {
  if (untold === 0) return ''
  const are = untold === 1 ? 'is' : 'are'
  return `; ${counted(untold, 'alert')} stored before ${are} not sent (if they should be: "forward --forget", then "--from-start")`
}

function destinationOf(text: string, option: string): Destination {
  try {
    return readDestination(text)
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error
    throw new UsageError(`${option}: ${error.message}`, { cause: error })
  }
}
