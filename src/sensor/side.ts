/**
 * One side of a TCP connection while its bytes are read: in phases, each with a
 * reader of its own, that lead from one to another.
 */

/** Segments without anything we know before a side is given up. SMTP needs four before its hello, LDAP one. */
export const PROBES_MAX = 24
/** Two readers that send the same bytes to each other would do so for ever. */
const TURNS_MAX = 4

export abstract class Side<Phase extends string = string> {
  phase: Phase | 'probe' | 'done' = 'probe'
  /** Least bytes worth another look. */
  wantedBytes = 1

  /** How often something came that is nothing we know. Bytes that are looked at again count once. */
  protected probes = 0
  /** How many of the bytes ahead are counted in that. */
  #counted = 0
  /** Something was given up, and behind its segment there is more that nobody has looked at by itself. */
  looksAgain = false
  /** Where the phase at hand reads from, and where the segment ends in which the bytes of this call begin. */
  #at = 0
  #segmentEnd = 0

  /**
   * Reads on in bytes[start, end), which begin where the last call ended and end where a segment ends.
   * @param segmentEnd where the segment ends in which they begin
   * @returns the offset of the first byte that is still needed
   */
  read(bytes: Uint8Array, start: number, end: number, segmentEnd = end): number {
    let at = start
    let turns = 0 // from one protocol to another without a byte read
    this.#segmentEnd = segmentEnd
    this.looksAgain = false
    while (this.phase !== 'done' && at < end && !this.looksAgain) {
      const phase = this.phase
      this.#at = at
      const next = this.step(bytes, at, end)
      if (next === at && phase === this.phase) break
      turns = next === at ? turns + 1 : 0
      at = turns > TURNS_MAX ? this.passOver(end) : next
      this.#counted = Math.max(this.#counted - (at - this.#at), 0)
    }
    return this.phase === 'done' ? end : at
  }

  /** Says that `count` bytes were never seen. */
  abstract lose(count: number): void

  /** Reads what can be read of an unfinished message bytes[start, end): no more of it will come. */
  readPartial(_bytes: Uint8Array, _start: number, _end: number): void {}

  /** Reads what the phase expects from `at` on, at least a byte, and perhaps changes the phase. @returns as `read` */
  protected abstract step(bytes: Uint8Array, at: number, end: number): number

  /** What the phase read is nothing we know. @returns `behindSegment(end)` */
  protected abstract passOver(end: number): number

  /**
   * Where to go on. It took more than one segment to see that these bytes are nothing we know: then in the next one
   * something may begin (decision 0007), as a hello does behind the line end of a command that was cut in two.
   */
  protected behindSegment(end: number): number {
    const behind = this.#at < this.#segmentEnd ? this.#segmentEnd : end
    this.looksAgain = behind < end
    if (end - this.#at > this.#counted) this.probes++
    this.#counted = Math.max(this.#counted, end - this.#at)
    return behind
  }
}
