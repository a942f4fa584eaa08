/** Errors as the API tells them: application/problem+json (RFC 9457), never with a stack trace. */

import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Problem } from '../events/api.ts'

export const PROBLEM_TYPE = 'application/problem+json'

/** An answer that is no success; `message` is the detail that the asker reads. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly status: number

  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

/** The body for an HTTP status. */
export function problem(status: number, detail: string): Problem {
  return { status, title: STATUS_CODES[status] ?? 'Error', detail }
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problem(status, detail)))
}
