/** The thread that decompresses captures, from its source: Node 20 reads no TypeScript by itself. */

import { register } from 'tsx/esm/api'

register()
await import('../../src/capture/ahead-worker.ts')
