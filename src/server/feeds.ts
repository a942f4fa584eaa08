/**
 * GET /feeds/: lists of names and addresses that firewalls and proxies fetch,
 * and an index of them. Plain text without a login, as those products want it.
 *
 * A firewall asks again every few minutes. `ETag` tells it that nothing has
 * changed (RFC 9110 section 8.8.3), so it need not load its rules anew.
 */

import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError } from './problem.ts'

/** One list. */
export interface Feed {
  /** Its file name: letters, digits, dots and hyphens. */
  name: string
  /** Lines, each with its end. */
  text: string
}

/** Adds the lists that `feeds` gives at the time of a request: an array that is not changed, but replaced. */
export function addFeedRoutes(app: FastifyInstance, feeds: () => readonly Feed[]): void {
  const index = async (request: FastifyRequest, reply: FastifyReply) => send(request, reply, indexOf(feeds()))
  app.get('/feeds', index)
  app.get('/feeds/', index)
  app.get<{ Params: { name: string } }>('/feeds/:name', async (request, reply) => {
    const feed = feeds().find(({ name }) => name === request.params.name)
    if (feed === undefined) throw new ProblemError(404, 'There is no such list; the index of all is at /feeds/.')
    return send(request, reply, feed.text)
  })
}

function indexOf(feeds: readonly Feed[]): string {
  const width = Math.max(0, ...feeds.map(({ name }) => name.length))
  const lines = feeds.map(
    ({ name, text }) => `${`/feeds/${name}`.padEnd(width + 9)}${text.split('\n').length - 1} entries\n`,
  )
  return `Lists of the rule packs of this sensor, confidence medium and high, one entry in a line.\n\n${lines.join('')}`
}

function send(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`
  reply.header('etag', tag).header('cache-control', 'no-cache')
  if (isKnown(request.headers['if-none-match'], tag)) return reply.code(304).send()
  return reply.type('text/plain; charset=utf-8').send(text)
}

/** True where the asker has this version; a weak tag counts, too (RFC 9110 section 13.1.2). */
function isKnown(header: string | undefined, tag: string): boolean {
  return (header ?? '').split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')))
}
