/**
 * Runs in a thread of its own: reads the folders of rules, compiles them, says
 * what is new beside the rules before, hands all of it over, and ends.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { loadRules } from '../packs/load.ts'
import { PackError, problemText } from '../packs/problem.ts'
import { publish } from '../packs/publish.ts'
import { compileRules, transferList } from './compile.ts'
import { changeOf } from './rule-change.ts'
import type { RuleJob, RuleNews } from './rule-source.ts'

const { folder, site, before, isPublished } = workerData as RuleJob

function load(): RuleNews {
  const warnings: string[] = []
  try {
    const set = loadRules(folder, site, (warning) => warnings.push(problemText(warning)))
    const rules = compileRules(set)
    return { rules, warnings, change: changeOf(before, rules), published: isPublished ? publish(set) : null }
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    return { problem: error.message }
  }
}

const news = load()
parentPort!.postMessage(news, transferList(news))
