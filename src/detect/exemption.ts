/**
 * Which exemption, if any, covers an alert. Pure: the same alert and the same
 * exemptions give the same answer, whatever the time is now.
 *
 * An alert is covered when every given part of the scope holds and all of it
 * lies inside the exemption's time: `start <= first_seen` and `last_seen < end`,
 * in packet time. So what began before, or goes on after, is never hidden.
 *
 * What a client says of itself (name, hardware address) comes from the wire and
 * can be a lie; an exemption by name trusts it because somebody chose to.
 */

import { type Cidr, parseRange } from '../bytes/cidr.ts'
import { microseconds } from '../bytes/time.ts'
import type { Alert, AlertEndpoint } from '../events/alert.ts'
import type { CoverTestMaker, Exemption, ExemptionScope } from '../events/exemption.ts'

/** Whether one part of a scope holds. */
type Condition = (alert: Alert) => boolean

interface Compiled {
  exemption: Exemption
  startUs: number
  endUs: number
  /** Null where a part cannot be read: then it covers nothing, because a mistake must not hide an alert. */
  conditions: Condition[] | null
}

/** The question for these exemptions. Of several that cover an alert the one made first is named. */
export const coverTest: CoverTestMaker = (exemptions) => {
  const compiled = [...exemptions].sort(madeFirst).map(compile)
  return (alert) => {
    if (compiled.length === 0) return null
    const firstUs = microseconds(alert.first_seen)
    const lastUs = microseconds(alert.last_seen)
    const found = compiled.find(
      ({ startUs, endUs, conditions }) =>
        startUs <= firstUs && lastUs < endUs && conditions?.every((holds) => holds(alert)) === true,
    )
    return found?.exemption ?? null
  }
}

function madeFirst(a: Exemption, b: Exemption): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1
  return a.id < b.id ? -1 : 1
}

function compile(exemption: Exemption): Compiled {
  return {
    exemption,
    startUs: microseconds(exemption.start),
    endUs: microseconds(exemption.end),
    conditions: conditionsOf(exemption.scope),
  }
}

function conditionsOf(scope: ExemptionScope): Condition[] | null {
  const { client, mac, name, everyone, rule, category, indicator, network } = scope
  if (client === undefined && mac === undefined && name === undefined && everyone !== true) return null
  const conditions: Array<Condition | null> = []
  if (client !== undefined) conditions.push(inRange(client, (alert) => alert.client))
  if (mac !== undefined) conditions.push((alert) => alert.client.mac?.toLowerCase() === mac)
  if (name !== undefined) conditions.push((alert) => assetName(alert.client.name) === name)
  if (rule !== undefined) conditions.push((alert) => alert.rule === rule)
  if (category !== undefined) conditions.push((alert) => alert.category === category)
  if (indicator !== undefined)
    conditions.push((alert) => alert.indicator.value.toLowerCase() === indicator.toLowerCase())
  if (network !== undefined) conditions.push(ofServer(network))
  return conditions.includes(null) ? null : conditions.filter((condition) => condition !== null)
}

function ofServer(network: string): Condition | null {
  if (/^[A-Z]{2}$/.test(network)) return ({ server }) => server.country === network
  const asn = /^AS(\d{1,10})$/.exec(network)
  if (asn !== null) return ({ server }) => server.asn === Number(asn[1])
  return inRange(network, (alert) => alert.server)
}

function inRange(text: string, end: (alert: Alert) => AlertEndpoint): Condition | null {
  const range = rangeOrNull(text)
  if (range === null) return null
  return (alert) => {
    const address = rangeOrNull(plainIpv4(end(alert).ip))
    return address !== null && address.family === range.family && holds(range, address.start)
  }
}

function holds({ start, end }: Cidr, address: bigint): boolean {
  return start <= address && address <= end
}

function rangeOrNull(text: string): Cidr | null {
  try {
    return parseRange(text)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** IPv4 inside IPv6 (RFC 4291 section 2.5.5.2) is the IPv4 address, as everywhere here. */
function plainIpv4(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}

/** A name in the form in which scopes keep it. */
function assetName(name: string | undefined): string | undefined {
  return name?.toLowerCase().replace(/\.$/, '')
}
