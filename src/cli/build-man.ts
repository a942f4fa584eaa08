/** Writes the manual page, dist/seekwatch.1, after tsc: `node dist/cli/build-man.js`. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { epochSeconds } from './epoch.ts'
import { manPage } from './man-page.ts'
import { seekwatch } from './seekwatch.ts'

const day = new Date(epochSeconds() * 1000).toISOString().slice(0, 10)
writeFileSync(join(import.meta.dirname, '../seekwatch.1'), manPage(seekwatch(), day))
