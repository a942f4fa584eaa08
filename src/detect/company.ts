/**
 * What is seen near an alert, of the same client: `strengthens` and `needs` of
 * the rules.
 *
 * A rule that strengthens makes no alerts; what it meets is a clue, kept here
 * and added to alerts of the rules it names. A rule that needs makes alerts
 * that wait, in the alert book, until one of the rules it names has an alert.
 * Before or after makes no difference, so alerts of the rules that are named
 * stay open for as long after their end as anybody may still ask for them.
 * All by packet time.
 */

import { printable } from '../bytes/text.ts'
import type { Evidence } from '../events/alert.ts'
import type { Nearby, RuleHead } from '../packs/pack.ts'

const CLUES_PER_CLIENT_MAX = 16

export interface Clue {
  rule: RuleHead
  evidence: Evidence
  /** What the indicator stands for. */
  role: string
  timeUs: number
}

/** The span of time in which something was seen at work. */
export interface Span {
  firstUs: number
  lastUs: number
}

export class Company {
  readonly #limit: number
  readonly #clues = new Map<string, Clue[]>() // by client; who had one longest ago comes first
  readonly #lingerUs = new Map<string, number>()
  /** Clients whose clues were forgotten for want of room, and single clues of clients that had too many. */
  forgotten = 0

  /** @param limit most clients whose clues are kept */
  constructor(rules: readonly RuleHead[], limit: number) {
    this.#limit = limit
    this.useRules(rules)
  }

  /** From now on these rules count; clues of others stay until they are forgotten. */
  useRules(rules: readonly RuleHead[]): void {
    this.#lingerUs.clear()
    for (const { strengthens, needs } of rules) {
      for (const nearby of [strengthens, needs]) {
        for (const id of nearby?.rules ?? []) this.#lingerUs.set(id, Math.max(this.lingerUs(id), nearby!.withinUs))
      }
    }
  }

  /** How long after its end an alert of a rule may still be asked for, in microseconds. */
  lingerUs(rule: string): number {
    return this.#lingerUs.get(rule) ?? 0
  }

  /** Keeps a clue about `client`; of the same one seen again the newest is kept. */
  remember(client: string, clue: Clue): void {
    const known = (this.#clues.get(client) ?? []).filter(
      ({ rule, evidence }) => rule !== clue.rule || evidence.value !== clue.evidence.value,
    )
    if (known.length >= CLUES_PER_CLIENT_MAX) this.forgotten++
    this.#clues.delete(client)
    this.#clues.set(client, [...known, clue].slice(-CLUES_PER_CLIENT_MAX))
    if (this.#clues.size > this.#limit) {
      this.#clues.delete(this.#clues.keys().next().value!)
      this.forgotten++
    }
  }

  /** The clues about `client` that an alert of `rule` with this span may take. */
  cluesFor(client: string, rule: string, span: Span): Clue[] {
    return (this.#clues.get(client) ?? []).filter((clue) => strengthens(clue, rule, span))
  }
}

/** Is a clue one for an alert of `rule` that has this span? */
export function strengthens({ rule: { strengthens: to }, timeUs }: Clue, rule: string, span: Span): boolean {
  return to?.rules.includes(rule) === true && distanceUs(span, { firstUs: timeUs, lastUs: timeUs }) <= to.withinUs
}

/** Is an alert of `rule` with this span what `needs` asks for, beside one with the span `own`? */
export function meetsNeed(needs: Nearby, own: Span, rule: string, span: Span): boolean {
  return needs.rules.includes(rule) && distanceUs(own, span) <= needs.withinUs
}

/** A clue in words, beside an alert that began at `firstUs`. */
export function clueWords({ evidence, role, timeUs }: Clue, firstUs: number): string {
  const seconds = Math.round(Math.abs(timeUs - firstUs) / 1e6)
  const when = timeUs < firstUs ? `${seconds} s before` : `${seconds} s after it began`
  return `The same client, ${when}: "${printable(evidence.value)}", ${role}. Others have that, too, so it only adds to the above.`
}

function distanceUs(a: Span, b: Span): number {
  return Math.max(0, a.firstUs - b.lastUs, b.firstUs - a.lastUs)
}
