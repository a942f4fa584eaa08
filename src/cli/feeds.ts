/** The lists at `/feeds/`: those of `seekwatch rules export edl`, read anew on SIGHUP. */

import { NO_WISHES } from '../packs/export/entry.ts'
import { exportRules } from '../packs/export/export.ts'
import { loadRules, PackError } from '../packs/load.ts'
import type { Feed } from '../server/feeds.ts'

export interface Feeds {
  /** The lists as they are now. */
  now(): readonly Feed[]
  /** Reads the packs again. When they are wrong, `say` gets why, and the lists stay what they were. */
  reload(say: (text: string) => void): void
}

/** The lists of the packs in `folder`. Throws a PackError. */
export function openFeeds(folder: string): Feeds {
  let feeds = read(folder)
  return {
    now: () => feeds,
    reload: (say) => {
      try {
        feeds = read(folder)
        say('the lists at /feeds/ are those of the rule packs as they are now')
      } catch (error) {
        if (!(error instanceof PackError)) throw error
        say(`the lists at /feeds/ stay what they were, because the rule packs are wrong:\n${error.message}`)
      }
    },
  }
}

function read(folder: string): readonly Feed[] {
  return exportRules(loadRules(folder), 'edl', NO_WISHES).files
}
