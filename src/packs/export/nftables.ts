/**
 * Sets of server addresses for nftables, one per category and family in the
 * table `inet seekwatch`. `nft -f` changes them in one step, and rules of one's
 * own may stand in the same table. The sets alone do nothing; a rule does:
 *
 *   nft add chain inet seekwatch forward '{ type filter hook forward priority 0; }'
 *   nft add rule inet seekwatch forward ip daddr @service_v4 reject
 */

import { CATEGORIES } from '../../events/alert.ts'
import type { Entry, ExportFile, LeftOut } from './entry.ts'
import { leaveOut } from './name.ts'
import { isNetwork, networksOf, outermost } from './network.ts'

const HEADER = `# Sets of server addresses from rule packs. What is changed here is lost with the next export.
# They do nothing without a rule, for example: ip daddr @service_v4 reject
add table inet seekwatch
`

/** One file, `seekwatch.nft`. */
export function writeNftables(entries: readonly Entry[], left: LeftOut): ExportFile[] {
  const networks = entries.filter(isNetwork)
  for (const entry of entries) if (!isNetwork(entry)) leaveOut(entry, left)
  const sets = CATEGORIES.filter((category) => entries.some(({ rule }) => rule.category === category)).flatMap(
    (category) => {
      const ofCategory = networks.filter(({ rule }) => rule.category === category)
      const ranges = outermost(ofCategory.flatMap((entry) => networksOf(entry, left)))
      return ([4, 6] as const).map((family) => {
        const elements = ranges.filter((range) => range.family === family).map(({ text }) => text)
        return setOf(`${category}_v${family}`, family, elements)
      })
    },
  )
  return [{ name: 'seekwatch.nft', text: `${HEADER}${sets.join('')}` }]
}

/** Emptied before it is filled, so that what is no longer in a pack goes away. */
function setOf(name: string, family: 4 | 6, elements: readonly string[]): string {
  const set = `inet seekwatch ${name}`
  const fill =
    elements.length === 0 ? '' : `add element ${set} {\n${elements.map((one) => `    ${one},\n`).join('')}}\n`
  return `add set ${set} { type ipv${family}_addr; flags interval; }\nflush set ${set}\n${fill}`
}
