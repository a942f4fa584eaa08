/**
 * Contacts: the alerts of one client with one service, as long as no quiet gap
 * between them is longer than 30 minutes. What an analyst triages.
 */

import { QUIET_GAP_US, type Use } from '../events/alert.ts'
import { stableId } from './identity.ts'

export interface OpenContact {
  readonly id: string
  lastUs: number
  /** What the names that were contacted are for, as the packs say. */
  readonly uses: Set<Use>
}

export class ContactBook {
  readonly #limit: number
  readonly #open = new Map<string, OpenContact>() // the one that was busy longest ago comes first
  /** Contacts that were closed early because too many were open at once. */
  closedEarly = 0

  /** @param limit most contacts that are open at once; the quietest is closed first */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The contact that something of `client` with `service` at `timeUs` belongs to; begins one if need be. */
  touch(client: string, service: string, timeUs: number): OpenContact {
    const key = `${client} ${service}`
    let contact = this.#open.get(key)
    if (!contact || timeUs - contact.lastUs > QUIET_GAP_US) {
      contact = { id: stableId('contact', client, service, timeUs), lastUs: timeUs, uses: new Set() }
    }
    contact.lastUs = Math.max(contact.lastUs, timeUs)
    this.#open.delete(key)
    this.#open.set(key, contact)
    if (this.#open.size > this.#limit) {
      this.#open.delete(this.#open.keys().next().value!)
      this.closedEarly++
    }
    return contact
  }

  /** Until when something may still belong to the newest contact of `client` with `service`, in microseconds; long ago for none. */
  endsUs(client: string, service: string): number {
    const contact = this.#open.get(`${client} ${service}`)
    return contact ? contact.lastUs + QUIET_GAP_US : Number.NEGATIVE_INFINITY
  }
}
