/** Coverage in one sentence for people. */

import type { CoverageCounts } from '../events/coverage.ts'

/** For example: `of 41.2 M packets 0.3 % were lost; 96 % of TLS flows showed a name; 2.1 % used ECH`. */
export function coverageSentence(counts: CoverageCounts): string {
  const { packets, lost_kernel, lost_interface, tls_flows, tls_named, ech } = counts
  const lost = lost_kernel + lost_interface
  const all = packets + lost
  if (all === 0) return 'no packets were seen'
  const parts = [
    `of ${amount(all)} packets ${lost === 0 ? 'none' : share(lost, all)} ${lost === 1 ? 'was' : 'were'} lost`,
  ]
  if (tls_flows > 0) {
    parts.push(`${share(tls_named, tls_flows)} of TLS flows showed a name`)
    parts.push(`${share(Math.min(ech, tls_flows), tls_flows)} used ECH`)
  }
  return parts.join('; ')
}

function amount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} G`
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`
  if (count >= 1e4) return `${(count / 1e3).toFixed(1)} k`
  return String(count)
}

/** Two digits that mean something; never 0 % or 100 % when it is not all or nothing. */
function share(part: number, all: number): string {
  const percent = (100 * part) / all
  if (part === 0) return '0 %'
  if (percent < 0.01) return 'less than 0.01 %'
  if (part < all && percent > 99.9) return 'more than 99.9 %'
  const digits = percent < 0.1 ? 2 : percent < 10 ? 1 : 0
  const text = percent.toFixed(digits)
  return `${Number(text) === 100 && part < all ? percent.toFixed(1) : Number(text)} %`
}
