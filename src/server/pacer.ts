/** At most one message in a while: the first at once, then the newest of what came meanwhile. */

export class Pacer {
  readonly #everyMs: number
  readonly #send: (make: () => string) => void
  #timer: NodeJS.Timeout | null = null
  #waiting: (() => string) | null = null

  /** @param send is called with what makes the message, so that nothing is made that nobody gets */
  constructor(everyMs: number, send: (make: () => string) => void) {
    this.#everyMs = everyMs
    this.#send = send
  }

  /** Sends now when it was quiet long enough, else later, in place of what waits already. */
  offer(make: () => string): void {
    if (this.#timer === null) this.#sendNow(make)
    else this.#waiting = make
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#waiting = null
  }

  #sendNow(make: () => string): void {
    this.#timer = setTimeout(() => this.#goOn(), this.#everyMs)
    this.#timer.unref()
    this.#send(make)
  }

  #goOn(): void {
    this.#timer = null
    const make = this.#waiting
    this.#waiting = null
    if (make !== null) this.#sendNow(make)
  }
}
