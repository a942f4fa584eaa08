/**
 * Days of a time zone: which one a moment lies in, and when one begins. Days
 * are numbers, 0 for the first of 1970, so that they can be counted; in a zone
 * with summer time some have 23 hours or 25.
 */

const DAY_MS = 86_400_000
const DAY_US = 86_400e6
/** No zone of our days is another quarter of an hour off than a whole one. */
const QUARTER_US = 900e6
/** Quarters of an hour whose day is remembered. */
const REMEMBERED_MAX = 10_000

export class Zone {
  /** IANA name, `Europe/Prague`. */
  readonly name: string
  readonly #parts: Intl.DateTimeFormat | null
  readonly #days = new Map<number, number>()

  /** Throws RangeError for a zone that there is not. */
  constructor(name: string) {
    const format = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone: name,
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    })
    this.name = format.resolvedOptions().timeZone
    this.#parts = this.name === 'UTC' ? null : format
  }

  /** The day that a moment lies in. */
  dayOf(timeUs: number): number {
    if (this.#parts === null) return Math.floor(timeUs / DAY_US)
    const quarter = Math.floor(timeUs / QUARTER_US)
    let day = this.#days.get(quarter)
    if (day === undefined) {
      if (this.#days.size === REMEMBERED_MAX) this.#days.clear()
      const timeMs = (quarter * QUARTER_US) / 1000
      day = Math.floor((timeMs + this.#offsetMs(timeMs)) / DAY_MS)
      this.#days.set(quarter, day)
    }
    return day
  }

  /** Microseconds of the first moment of a day. */
  startOf(day: number): number {
    return this.moment(day * DAY_MS)
  }

  /**
   * Microseconds of a time on the clocks of the zone, given as if it were in UTC (milliseconds). A time that summer time
   * leaves out is the moment at which it begins; of two with the same name it is the first.
   */
  moment(clockMs: number): number {
    // The zone's offset a day before and a day after: one of them is the one that counts.
    const offsets = [this.#offsetMs(clockMs - DAY_MS), this.#offsetMs(clockMs + DAY_MS)]
    const fits = offsets.filter((offset) => this.#offsetMs(clockMs - offset) === offset)
    const timeMs = fits.length > 0 ? clockMs - Math.max(...fits) : this.#changeBetween(clockMs, offsets)
    return timeMs * 1000
  }

  /** The moment at which the clocks were set forward over the time `clockMs`. */
  #changeBetween(clockMs: number, offsets: readonly number[]): number {
    let before = clockMs - Math.max(...offsets)
    let after = clockMs - Math.min(...offsets)
    const old = this.#offsetMs(before)
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (this.#offsetMs(middle) === old) before = middle
      else after = middle
    }
    return after
  }

  /** What the clocks of the zone are ahead of UTC. */
  #offsetMs(timeMs: number): number {
    if (this.#parts === null) return 0
    const wholeMs = Math.floor(timeMs / 1000) * 1000
    const part: Record<string, number> = {}
    let isBefore = false
    for (const { type, value } of this.#parts.formatToParts(wholeMs)) {
      part[type] = Number(value)
      if (type === 'era') isBefore = value.startsWith('B')
    }
    const clock = new Date(0)
    clock.setUTCFullYear(isBefore ? 1 - part['year']! : part['year']!, part['month']! - 1, part['day'])
    clock.setUTCHours(part['hour']!, part['minute']!, part['second'])
    return clock.getTime() - wholeMs
  }
}
