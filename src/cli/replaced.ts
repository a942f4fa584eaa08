/** A file that is deleted, moved away or replaced while it is open: who holds it would go on with one that nobody else sees. */

import { statSync } from 'node:fs'

const LOOK_MS = 2000

/** Calls `tell` once when `path` is no longer the file that it is now. @returns ends the watch */
export function whenReplaced(path: string, tell: () => void, lookMs = LOOK_MS): () => void {
  const before = fileAt(path, '')
  const timer = setInterval(() => {
    if (fileAt(path, before) === before) return
    clearInterval(timer)
    tell()
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Which file is there; `otherwise` when that cannot be said. An open file keeps its number, so another one has another. */
function fileAt(path: string, otherwise: string): string {
  try {
    const status = statSync(path, { throwIfNoEntry: false })
    return status === undefined ? 'none' : `${status.dev} ${status.ino}`
  } catch {
    return otherwise
  }
}
