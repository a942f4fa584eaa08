/** The one time in everything that is built, so that the same source gives the same bytes. */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Seconds since 1970: what was agreed on (SOURCE_DATE_EPOCH), else when the source was committed, else the first of 2026. */
export function epochSeconds(): number {
  const agreed = process.env['SOURCE_DATE_EPOCH']
  if (agreed !== undefined && /^\d+$/.test(agreed)) return Number(agreed)
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
    return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8', stdio }))
  } catch {
    return Date.UTC(2026, 0) / 1000 // a copy without its history
  }
}
