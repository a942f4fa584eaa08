/** How a running sensor is: what `/metrics`, `/readyz` and the summary are made of. Types only. */

export interface InterfaceVitals {
  name: string
  adapter: string
  packets: number
  bytes: number
  lost_kernel: number
  lost_interface: number
  /** False in a gap. */
  capturing: boolean
}

export interface Vitals {
  /** Why the sensor does not do its work fully now; empty when it does. */
  trouble: string
  interfaces: InterfaceVitals[]
  /** The sensor's counters by the names of the `stats` event. */
  counters: Record<string, number>
  alerts: number
  /** Alerts that wait to be stored, and those that were given up. */
  alerts_waiting: number
  alerts_lost: number
  /** EVE lines that were given up. */
  eve_dropped: number
  /** Times that something was not captured, dated or stored, since the start. */
  gaps: number
  /** Gaps, and hours of coverage of an interface, that were given up. */
  record_lost: number
}
