/**
 * What the server shows of a rule set: the policies that alerts cite, and the
 * lists that firewalls fetch, which are those of `seekwatch rules export edl`.
 * The lists are made whole, with tag and count, where the rules are read: a
 * firewall's question must not cost the thread of the packets anything.
 */

import { createHash } from 'node:crypto'
import type { Feed, PublishedRules } from '../events/rules.ts'
import { NO_WISHES } from './export/entry.ts'
import { exportRules } from './export/export.ts'
import type { RuleSet } from './pack.ts'

/** The texts of the lists are memory of their own, which can be handed to another thread. */
export function publish(set: RuleSet): PublishedRules {
  return {
    rules: set.packs.flatMap(({ rules }) => rules.map(({ id }) => id)),
    policies: set.policies,
    feeds: exportRules(set, 'edl', NO_WISHES).files.map(({ name, text }) => feedOf(name, text)),
  }
}

/** @param text lines, each with its end */
export function feedOf(name: string, text: string): Feed {
  return {
    name,
    text: new TextEncoder().encode(text),
    entries: text.split('\n').length - 1,
    tag: createHash('sha256').update(text).digest('base64url'),
  }
}
