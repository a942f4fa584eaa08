/**
 * A delivery: some messages that go to a receiver together, over a connection
 * of their own. It succeeds as a whole or is tried again as a whole, because
 * syslog has no answer that says what arrived (RFC 6587, RFC 5425).
 *
 * The next best thing to an answer is the end of the connection: when all is
 * written we end our side, and a receiver that has read everything ends its
 * own. One that dies, or closes with unread bytes, resets instead, and one that
 * hangs does neither.
 */

/** Why a delivery failed, in words for people that end without a full stop. */
export class DeliveryError extends Error {
  override name = 'DeliveryError'
  readonly kind: DeliveryFailure

  constructor(kind: DeliveryFailure, message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * - `unreachable`: nothing was sent.
 * - `broken`: some, all or none of it may have arrived.
 * - `answered`: all of it was written, and then the receiver closed or reset the connection of its own accord, at once:
 *   it may be one that does so with every message, or one that has no use for this one.
 */
export type DeliveryFailure = 'unreachable' | 'broken' | 'answered'

export interface Attempt {
  /** Ends it, and it fails. */
  signal: AbortSignal
  /**
   * Wait for so long with the first byte, to see whether the receiver keeps a connection on which nothing comes: only
   * then is a close after the message an answer to the message. Milliseconds.
   */
  silenceMs: number
}

/** Resolves when all the messages are taken to have arrived; rejects with DeliveryError. */
export type Deliver = (messages: readonly Buffer[], attempt: Attempt) => Promise<void>

/** The longest that each step may take, in milliseconds. */
export interface DeliveryTimes {
  /** Until the connection is there, with the name looked up and TLS agreed on. */
  connectMs: number
  /** Without a byte taken. */
  idleMs: number
  /** Before the first byte and after the last: a receiver that has no use for us shows it in this time. */
  settleMs: number
  /** Until the receiver ends its side after we ended ours. */
  closeMs: number
}

export const DELIVERY_TIMES: DeliveryTimes = { connectMs: 15_000, idleMs: 30_000, settleMs: 100, closeMs: 30_000 }

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the receiver reset the connection',
  EPIPE: 'the receiver closed the connection',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to that machine',
  ENETUNREACH: 'there is no way to that network',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name servers do not answer',
  EMSGSIZE: 'a message is longer than a datagram can be; make it shorter with max-bytes',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; look at the clock of this machine, too',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an authority that is not known here; name that with ca',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; if it is the right one, name it with ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an authority that is not known here; name that with ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an authority that is not known here; name that with ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name; server-name says which one to expect',
}

/** What the system or TLS says, in words: `nobody listens there (ECONNREFUSED)`. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, errors, reason } = error as Error & { code?: unknown; errors?: unknown[]; reason?: unknown }
  // of several addresses that were tried, what the first said
  if (Array.isArray(errors) && errors.length > 0) return networkReason(errors[0])
  const known = REASONS[String(code)]
  if (known !== undefined) return `${known} (${code})`
  if (typeof reason === 'string' && typeof code === 'string') return `TLS: ${reason} (${code})`
  return error.message
}
