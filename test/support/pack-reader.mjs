/**
 * A thread that reads folders of rules, one after the other: it is asked for `{ id, rules, site }` and answers with what was
 * told, line by line, and with the processor time that it took, in milliseconds. Node 20 reads no TypeScript by itself.
 */

import { parentPort } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
const { loadRules, PackError } = await import('../../src/packs/load.ts')
const { compileRules } = await import('../../src/detect/compile.ts')

parentPort.on('message', ({ id, rules, site }) => {
  const began = performance.now()
  let told = []
  try {
    compileRules(loadRules(rules, site))
  } catch (error) {
    told = error instanceof PackError ? error.message.split('\n') : [`not a PackError: ${error.stack}`]
  }
  parentPort.postMessage({ id, told, ms: performance.now() - began })
})
parentPort.postMessage('ready')
