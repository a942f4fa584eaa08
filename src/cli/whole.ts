/** Whole numbers of the command line. */

import { UsageError } from './usage-error.ts'

/** Reads the value of `option`, a whole number from 1 to `max`. What it returns throws UsageError for any other. */
export function whole(option: string, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < 1 || value > max)
      throw new UsageError(`${option}: "${text}" is no whole number from 1 to ${max}`)
    return value
  }
}
