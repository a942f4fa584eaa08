/**
 * One side of a TCP connection while its bytes are read: in phases, each with a
 * reader of its own, that lead from one to another.
 */

/** Segments without anything we know before a side is given up. SMTP needs four before its hello, LDAP one. */
export const PROBES_MAX = 24
/** Two readers that send the same bytes to each other would do so for ever. */
const TURNS_MAX = 4

export abstract class Side<Phase extends string> {
  phase: Phase | 'probe' | 'done' = 'probe'
  /** Least bytes worth another look. */
  wantedBytes = 1

  /**
   * Reads on in bytes[start, end), which begin where the last call ended and end where a segment ends.
   * @returns the offset of the first byte that is still needed
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    let turns = 0 // from one protocol to another without a byte read
    while (this.phase !== 'done' && at < end) {
      const phase = this.phase
      const next = this.step(bytes, at, end)
      if (next === at && phase === this.phase) break
      turns = next === at ? turns + 1 : 0
      at = turns > TURNS_MAX ? this.passOver(end) : next
    }
    return this.phase === 'done' ? end : at
  }

  /** Reads what the phase expects from `at` on, at least a byte, and perhaps changes the phase. @returns as `read` */
  protected abstract step(bytes: Uint8Array, at: number, end: number): number

  /** These bytes are nothing we know. @returns `end` */
  protected abstract passOver(end: number): number
}
