/** What the server shows of the rules that are in force. Types only; the page imports them. */

/** Which authority forbids or warns of what, and since when. Rules cite it by id, alerts show it. */
export interface Policy {
  id: string
  title: string
  /** ISO 3166 alpha-2, with a subdivision where it is one's: `CZ`, `US-TX`. */
  country: string
  authority: string
  /** `2025-07-10`, `2025-08` or `2025`. */
  date: string
  /** Number or name of the act. */
  reference: string
  scope: string
  /** Addresses of pages, some with a remark behind, or where else it is known from. */
  sources: string[]
}

/** A plain list that firewalls fetch: UTF-8 text, one entry a line. */
export interface Feed {
  /** Its file name: letters, digits, dots and hyphens. */
  name: string
  text: Uint8Array
  /** How many entries it has. */
  entries: number
  /** Another one for another text: the `ETag` without its quotes. */
  tag: string
}

/** Replaced as a whole when the rules are read again, never changed. */
export interface PublishedRules {
  /** Ids of the rules. */
  rules: readonly string[]
  policies: readonly Policy[]
  feeds: readonly Feed[]
}
