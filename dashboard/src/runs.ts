/** What a run of the sensor could not see. */
import type { RunSummary } from '../../src/events/batch.ts'

/** Packets of a run that could not be judged, for all reasons together. */
export function unjudged(summary: RunSummary): number {
  return Object.values(summary.not_decoded).reduce((total, packets) => total + packets, 0)
}

/** Why packets could not be judged and how many, most first; reasons that never happened are left out. */
export function reasons(summary: RunSummary): Array<[reason: string, packets: number]> {
  return Object.entries(summary.not_decoded)
    .filter(([, packets]) => packets > 0)
    .sort((a, b) => b[1] - a[1])
}
