/** The thread that reads rules, from its source: Node 20 reads no TypeScript by itself. */

import { register } from 'tsx/esm/api'

register()
await import('../../src/detect/rule-worker.ts')
