/** Which frames of a file are wanted: their numbers, so that they can be written in order when all are known. */

import { walk } from './walk.ts'
import type { Wanted, WantedFlow } from './wanted.ts'

/** What may still be taken, over all files. */
export interface Budget {
  packets: number
  bytes: number
}

/** Of one flow in one file. */
export interface FlowShare {
  packets: number
  firstUs: number
  lastUs: number
}

export interface Selection {
  /** Numbers of frames, ascending. */
  numbers: number[]
  /** The sensor's time at the first of them. */
  firstUs: number
  /** Of `numbers`, frames that belong to nothing, and are there for their time alone. */
  clocks: number[]
  shares: ReadonlyMap<WantedFlow, FlowShare>
  /** Why the file could not be read as far as it was wanted; empty when it could. */
  trouble: string
  /** The budget ran out. */
  isCut: boolean
}

/** The frames of the file at `path` that belong to `wanted`; takes them off the budget. */
export async function select(path: string, wanted: Wanted, budget: Budget, signal?: AbortSignal): Promise<Selection> {
  const numbers = new Set<number>()
  const clocks: number[] = []
  let newestUs = Number.NEGATIVE_INFINITY
  const shares = new Map<WantedFlow, FlowShare>()
  let firstUs = Number.POSITIVE_INFINITY
  let isCut = false
  let isOver = false
  const { faults } = await walk(
    path,
    (frame) => {
      // its time never goes back, so nothing behind this frame can be wanted
      isOver = frame.nowUs > wanted.lastUs
      if (isOver) return false
      const flows = wanted.match(frame)
      if (flows.length === 0 && !wanted.isNamed(frame)) return true
      if (budget.packets <= frame.pieces.length || budget.bytes < frame.bytes) {
        isCut = true
        return false
      }
      budget.packets -= frame.pieces.length + 1
      budget.bytes -= frame.bytes
      // a flow that begins with an older stamp than its neighbours began, for the sensor, at their time
      if (flows.some((flow) => !shares.has(flow)) && frame.nowUs > Math.max(newestUs, frame.timeUs)) {
        if (!numbers.has(frame.clock)) clocks.push(frame.clock)
        numbers.add(frame.clock)
        newestUs = frame.nowUs
      }
      newestUs = Math.max(newestUs, frame.timeUs)
      for (const number of frame.pieces) numbers.add(number)
      numbers.add(frame.number)
      firstUs = Math.min(firstUs, frame.nowUs)
      for (const flow of flows) {
        const share = shares.get(flow)
        if (share === undefined) shares.set(flow, { packets: 1, firstUs: frame.nowUs, lastUs: frame.nowUs })
        else {
          share.packets++
          share.lastUs = frame.nowUs
        }
      }
      return true
    },
    signal,
  )
  const trouble = isOver || isCut ? '' : (faults[0]?.reason ?? '')
  return { numbers: [...numbers].sort((a, b) => a - b), firstUs, clocks, shares, trouble, isCut }
}
