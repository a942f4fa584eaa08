/** What is known of the live flows beyond their columns, by row: made when something has to be kept or said. */

import { Column } from '../bytes/column.ts'
import type { FlowTable } from '../flow/table.ts'
import type { Coverage } from './coverage.ts'
import { FlowInfo } from './flow-info.ts'

export class FlowInfos {
  readonly #table: FlowTable
  readonly #coverage: Coverage
  readonly #infos = new Column<FlowInfo | undefined>(undefined)

  constructor(table: FlowTable, coverage: Coverage) {
    this.#table = table
    this.#coverage = coverage
  }

  /** What is known of the flow in `row`; made if there was nothing. */
  of(row: number): FlowInfo {
    const known = this.#infos.get(row)
    if (known) return known
    const info = new FlowInfo(this.#table, row)
    this.#infos.set(row, info)
    return info
  }

  /** What is known of the flow in `row`, if there is something. */
  at(row: number): FlowInfo | undefined {
    return this.#infos.get(row)
  }

  /** The flow's bytes have told all they can: lets go of those who read them. */
  endTalk(row: number): void {
    const info = this.#infos.get(row)
    if (!info) return
    this.#coverage.segmentsNotKept += info.tcp?.notKept ?? 0
    this.#coverage.holes += info.tcp?.holes ?? 0
    info.tcp?.release()
    info.tcp = undefined
    info.udp = undefined
  }

  /** What came again of the client has told all it can, or is not waited for any more. */
  endAgain(row: number): void {
    const info = this.#infos.get(row)
    if (!info?.again) return
    this.#coverage.segmentsNotKept += info.again.notKept
    info.again.release()
    info.again = undefined
  }

  /** The server has spoken: what the client said before that was taken or not. */
  endVersions(row: number): void {
    const info = this.#infos.get(row)
    if (!info?.versions) return
    this.#coverage.segmentsNotKept += info.versions.notKept
    info.versions.release()
    info.versions = undefined
  }

  /** The row is free again. */
  forget(row: number): void {
    const info = this.#infos.get(row)
    if (!info) return
    this.endAgain(row)
    this.endVersions(row)
    info.tcp?.release() // only after a crash is there still something to give back
    this.#infos.set(row, undefined)
  }
}
