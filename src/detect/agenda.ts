/**
 * What is to be looked at again, and when: a bucket for each second, so that a
 * look at the clock costs nothing for all that is not due. It holds nothing that
 * was dropped or put elsewhere.
 */

const SECOND_US = 1e6

/** A `dueSecond` of what stands nowhere. */
export const NOWHERE = Number.POSITIVE_INFINITY

/** Something that stands in at most one bucket. */
export interface Appointment {
  /** The second at which it is looked at next, or NOWHERE. Written by the agenda. */
  dueSecond: number
}

export class Agenda<T extends Appointment> {
  readonly #buckets = new Map<number, Set<T>>()

  /** `thing` is looked at once `dueUs` is past, and no more when it was to be before. */
  put(thing: T, dueUs: number): void {
    const second = Math.floor(dueUs / SECOND_US)
    if (thing.dueSecond === second) return
    this.drop(thing)
    thing.dueSecond = second
    const bucket = this.#buckets.get(second)
    if (bucket) bucket.add(thing)
    else this.#buckets.set(second, new Set([thing]))
  }

  /** `thing` is not looked at any more. */
  drop(thing: T): void {
    const bucket = this.#buckets.get(thing.dueSecond)
    if (bucket?.delete(thing) && bucket.size === 0) this.#buckets.delete(thing.dueSecond)
    thing.dueSecond = NOWHERE
  }

  /**
   * Takes out all whose second has begun, those of the earliest second first. They may still have a part of that second
   * to wait, and whoever is not over then puts them in again.
   */
  take(nowUs: number): T[] {
    const seconds = [...this.#buckets.keys()].filter((second) => second * SECOND_US <= nowUs).sort((a, b) => a - b)
    const due: T[] = []
    for (const second of seconds) {
      for (const thing of this.#buckets.get(second)!) {
        thing.dueSecond = NOWHERE
        due.push(thing)
      }
      this.#buckets.delete(second)
    }
    return due
  }
}
