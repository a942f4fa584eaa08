/**
 * Which requests may change something. There is no login, so this keeps out
 * other pages in the same browser, not people: a stranger's page can send a
 * form or plain text anywhere, but neither JSON (the server reads nothing else)
 * nor our origin.
 */

import type { FastifyRequest } from 'fastify'
import { isSameHost } from './host-check.ts'
import { ProblemError } from './problem.ts'

/** Changes that one client may make in a minute. */
const CHANGES_PER_MINUTE = 120
/** A reason, an owner, or a thousand ids. */
const BODY_BYTES_MAX = 64 * 1024

/** Options of every route that changes something. */
export function writeRoute(isWritable: boolean): object {
  return {
    bodyLimit: BODY_BYTES_MAX,
    config: { rateLimit: { max: CHANGES_PER_MINUTE, timeWindow: 60_000 } },
    onRequest: async (request: FastifyRequest): Promise<void> => {
      if (!isWritable)
        throw new ProblemError(
          403,
          'This server only reads, because others can reach it; start it with --allow-writes if they may change things.',
        )
      checkWrite(request)
    },
  }
}

function checkWrite({ headers }: FastifyRequest): void {
  const { origin, host } = headers
  if (origin === undefined)
    throw new ProblemError(403, 'Send the header Origin with the address of this server, as its page does.')
  const site = headers['sec-fetch-site']
  if (!isSameHost(origin, host) || (site !== undefined && site !== 'same-origin'))
    throw new ProblemError(403, 'Only the page of this server may change something here.')
}
