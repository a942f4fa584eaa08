/** How far a system is that alerts are forwarded to. Types only. */

export interface ForwardState {
  name: string
  url: string
  /** Alerts that it is still to be told. */
  outstanding: number
  /** Messages that are taken to have arrived. */
  sent: number
  /** Of these, the ones that were answered with a close of the connection, so that they may not have. */
  doubtful: number
  /** Wall clock, microseconds: since when it is known, when it took alerts last, since when it takes none. */
  since_us: number
  sent_us: number | null
  failing_us: number | null
  /** Why it takes none; empty while it does. */
  reason: string
}
