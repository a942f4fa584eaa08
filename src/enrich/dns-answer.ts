/**
 * What a DNS answer says about addresses: which it gives for a question, and by
 * way of which names.
 */

import type { DnsObservation, DnsRecord } from '../events/observation.ts'

// types of records: RFC 1035 section 3.2.2, RFC 3596 section 2.1
const A = 1
const AAAA = 28
const CNAME = 5

/** Most names from a question to its addresses: resolvers give up after 8 to 16. */
export const CHAIN_MAX = 16

/** The part of a DNS message that says something about addresses. */
export type DnsAnswer = Pick<DnsObservation, 'answers' | 'additionals'>

/**
 * The addresses that an answer gives for `question`: the hints of its HTTPS and SVCB records, and the address records,
 * in it or beside it, that belong to the name or to one it leads to. Those of other names are not among them: clients
 * pass them over as well.
 */
export function addressesOf(
  question: string,
  { answers, additionals }: DnsAnswer,
): Array<{ address: string; ttl: number }> {
  const found: Array<{ address: string; ttl: number }> = []
  const leadsTo = new Set([question])
  for (const record of answers) for (const target of targetsOf(record)) leadsTo.add(target)
  for (const { type, name, ttl, data, fields } of answers) {
    if (fields?.kind === 'svcb') for (const address of fields.hints) found.push({ address, ttl })
    if (isAddress(type) && data !== '' && leadsTo.has(name)) found.push({ address: data, ttl })
  }
  if (leadsTo.size === 1) return found
  for (const { type, name, ttl, data } of additionals) {
    if (isAddress(type) && data !== '' && leadsTo.has(name)) found.push({ address: data, ttl })
  }
  return found
}

/** Do these answers lead to names whose addresses may stand beside them? */
export function leadsElsewhere(answers: readonly DnsRecord[]): boolean {
  for (const { type } of answers) if (!isAddress(type)) return true
  return false
}

/**
 * The names that lead from `question` to its addresses: itself, then its aliases and the targets of its HTTPS records.
 * The records may stand in any order, though nearly always it is that of the chain.
 */
export function aliasChain(question: string, answers: readonly DnsRecord[]): string[] {
  const chain = [question]
  while (chain.length < CHAIN_MAX) {
    const target = targetOf(chain.at(-1)!, answers)
    if (target === '' || chain.includes(target)) break
    chain.push(target)
  }
  return chain
}

/** The name that `name` is an alias of, by the first record that says so; empty when none does. */
function targetOf(name: string, answers: readonly DnsRecord[]): string {
  for (const record of answers) {
    const isAlias = record.type === CNAME || record.fields?.kind === 'svcb'
    const target = isAlias && record.name === name ? targetsOf(record)[0] : undefined
    if (target !== undefined && target !== '' && target !== name) return target
  }
  return ''
}

function targetsOf({ type, data, fields }: DnsRecord): string[] {
  if (type === CNAME) return [data]
  if (fields?.kind === 'svcb' || fields?.kind === 'srv') return [fields.target]
  return []
}

function isAddress(type: number): boolean {
  return type === A || type === AAAA
}
