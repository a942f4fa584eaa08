/** The name of a sensor, by which a site with several tells their alerts apart. */

import { UsageError } from './usage-error.ts'

/** A host name has no more. */
const CHARACTERS_MAX = 253

/** Reads the value of `--sensor`. Throws UsageError for what would not be seen, or not be told apart, where alerts are shown. */
export function sensorName(text: string): string {
  const isVisible = /^\P{C}+$/u.test(text) && text.trim() === text
  if (isVisible && text.length <= CHARACTERS_MAX) return text
  throw new UsageError(
    `--sensor: give a name of 1 to ${CHARACTERS_MAX} characters that can be seen, without spaces around it, such as border-1`,
  )
}
