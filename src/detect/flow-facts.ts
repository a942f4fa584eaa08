/** What detection wants to know of a flow. The sensor answers from its flow table, so the numbers are those of now. */

import type { FlowRef } from '../events/observation.ts'

export interface FlowFacts {
  readonly ref: FlowRef
  readonly startUs: number
  readonly lastUs: number
  readonly packetsOut: number
  readonly packetsIn: number
  readonly bytesOut: number
  readonly bytesIn: number
  /** Payload of the server was seen. */
  readonly answered: boolean
}
