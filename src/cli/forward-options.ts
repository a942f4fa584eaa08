/** Where alerts are forwarded to, for every command that does it. */

import { type Destination, DestinationError, readDestination, withSettings } from '../forward/destination.ts'
import { UsageError } from './usage-error.ts'

/** Takes destinations for `option`, which may be given again. What it returns throws UsageError for what is none. */
export function collectDestinations(option: string): (text: string, texts: string[]) => string[] {
  return (text, texts) => {
    destinationOf(text, option)
    return [...texts, text]
  }
}

/** The destinations of `texts`; `settings` win over what they say. Throws UsageError. */
export function destinationsOf(
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

function destinationOf(text: string, option: string): Destination {
  try {
    return readDestination(text)
  } catch (error) {
    if (!(error instanceof DestinationError)) throw error
    throw new UsageError(`${option}: ${error.message}`, { cause: error })
  }
}
