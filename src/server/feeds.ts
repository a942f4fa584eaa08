/**
 * GET /feeds/: lists of names and addresses that firewalls and proxies fetch,
 * and an index of them. Plain text without a login, as those products want it.
 *
 * A firewall asks again every few minutes. `ETag` tells it that nothing has
 * changed (RFC 9110 section 8.8.3), so it need not load its rules anew.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Feed, PublishedRules } from '../events/rules.ts'
import { ProblemError } from './problem.ts'

/** Adds the lists that `rules` has at the time of a request. */
export function addFeedRoutes(app: FastifyInstance, rules: () => PublishedRules): void {
  const index = async (_: FastifyRequest, reply: FastifyReply) =>
    reply.header('cache-control', 'no-cache').type(TEXT).send(indexOf(rules().feeds))
  app.get('/feeds', index)
  app.get('/feeds/', index)
  app.get<{ Params: { name: string } }>('/feeds/:name', async (request, reply) => {
    const feed = rules().feeds.find(({ name }) => name === request.params.name)
    if (feed === undefined) throw new ProblemError(404, 'There is no such list; the index of all is at /feeds/.')
    return send(request, reply, feed)
  })
}

function indexOf(feeds: readonly Feed[]): string {
  const width = Math.max(0, ...feeds.map(({ name }) => name.length))
  const lines = feeds.map(({ name, entries }) => `${`/feeds/${name}`.padEnd(width + 9)}${entries} entries\n`)
  return `Lists of the rule packs of this sensor, confidence medium and high, one entry in a line.\n\n${lines.join('')}`
}

function send(request: FastifyRequest, reply: FastifyReply, feed: Feed): FastifyReply {
  const tag = `"${feed.tag}"`
  reply.header('etag', tag).header('cache-control', 'no-cache')
  if (isKnown(request.headers['if-none-match'], tag)) return reply.code(304).send()
  return reply.type(TEXT).send(feed.text)
}

const TEXT = 'text/plain; charset=utf-8'

/** True where the asker has this version; a weak tag counts, too (RFC 9110 section 13.1.2). */
function isKnown(header: string | undefined, tag: string): boolean {
  return (header ?? '').split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')))
}
