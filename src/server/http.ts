/**
 * The server of the dashboard and its API: for few people, on a loopback
 * address unless told otherwise. What it changes is what people decide on
 * alerts and exemptions, and only where its caller allows that.
 *
 * What comes in is checked here, once for all routes: the name in `Host`, the
 * rate, the time a request may take. What goes out: security headers, problems
 * instead of stack traces.
 */

import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import staticFiles from '@fastify/static'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { CoverTestMaker } from '../events/exemption.ts'
import type { PublishedRules } from '../events/rules.ts'
import type { Vitals } from '../events/vitals.ts'
import { QueryError, StoreError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'
import { addAlertRoutes } from './api/alerts.ts'
import { addContactRoutes } from './api/contacts.ts'
import { addCoverageRoutes } from './api/coverage.ts'
import { addExemptionRoutes } from './api/exemptions.ts'
import { addHealthRoutes } from './api/health.ts'
import { addMetricsRoute } from './api/metrics.ts'
import { addOverviewRoutes } from './api/overview.ts'
import { addPolicyRoutes } from './api/policies.ts'
import { addTimelineRoutes } from './api/timeline.ts'
import { addFeedRoutes } from './feeds.ts'
import { hostCheck } from './host-check.ts'
import { ListenError } from './listen-error.ts'
import { LIVE_PATH, Live, type Publisher } from './live.ts'
import { PROBLEM_TYPE, ProblemError, problem, sendProblem } from './problem.ts'

const PORT_MAX = 65_535
const REQUEST_MS = 10_000
const KEEP_ALIVE_MS = 5000
const CONNECTIONS_MAX = 500
/** A page asks a handful of questions a second while alerts pour in. */
const REQUESTS_PER_MINUTE = 1200
/** Of requests that only read. */
const BODY_BYTES_MAX = 1024

export interface ServerOptions {
  store: Store
  /** Address or name to listen on. */
  host: string
  /** 0 takes a free one. */
  port: number
  /** Folder with the built page: `index.html` and what it needs. */
  dashboardDir: string
  version: string
  logger?: FastifyBaseLogger
  /** How the sensor of this process is; absent where there is none. */
  vitals?: () => Vitals
  /** Which exemption covers an alert. With it, people may change states and exemptions; the store must be open to write. */
  covers?: CoverTestMaker
  /** Names in `Host` that pass beside loopback names and `host`: those of a reverse proxy. */
  allowedHosts?: readonly string[]
  /** Milliseconds within which a request must be whole. */
  requestMs?: number
  /** What it shows of the rules in force, asked for at each request; without it there are no lists and no policies. */
  rules?: () => PublishedRules
}

export interface Server {
  /** Where the page is: `http://127.0.0.1:8787/`. */
  readonly url: string
  /** What to tell the open pages. */
  readonly publish: Publisher
  /** Ends every connection, within a second. The store stays open: it is the caller's. */
  close(): Promise<void>
}

/** Listens, and answers when it does. Throws ListenError. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { host, port, store, version, requestMs = REQUEST_MS } = options
  const isAllowedHost = hostCheck(host, options.allowedHosts ?? [])
  const live = new Live({ version, isAllowedHost })
  const app = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: requestMs,
    // Node looks every 30 seconds otherwise, and whoever dawdles keeps his connection so long
    http: { connectionsCheckingInterval: requestMs / 10 },
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    frameworkErrors: (_error, _request, reply) => void sendProblem(reply, 400, 'The address cannot be read.'),
    clientErrorHandler: (error, socket) => refuseClient(error, socket, requestMs),
  })
  app.server.headersTimeout = requestMs
  app.server.maxConnections = CONNECTIONS_MAX

  app.addHook('onRequest', async (request) => {
    if (!isAllowedHost(request.headers.host))
      throw new ProblemError(
        421,
        `This server does not answer for the name in the Host header. Open http://${hostInUrl(host)}:${request.socket.localPort}/, or start it with --allow-host NAME.`,
      )
  })
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
  })
  // a page of another origin may send plain text without asking; JSON it may not
  app.removeContentTypeParser('text/plain')
  addErrorHandlers(app)
  await app.register(helmet, SECURITY_HEADERS)
  await app.register(rateLimit, {
    max: REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    errorResponseBuilder: () =>
      new ProblemError(429, `More than ${REQUESTS_PER_MINUTE} requests a minute; wait a little.`),
  })

  addAlertRoutes(app, store)
  addContactRoutes(app, store)
  addTimelineRoutes(app, store)
  addOverviewRoutes(app, store, version, options.covers !== undefined)
  addExemptionRoutes(app, store, live, options.covers ?? null, () => options.rules?.().rules ?? [])
  addPolicyRoutes(app, () => options.rules?.().policies ?? [])
  if (options.rules) addFeedRoutes(app, options.rules)
  addCoverageRoutes(app, store)
  addHealthRoutes(app, { store, live, version, vitals: options.vitals })
  addMetricsRoute(app, live, options.store, options.vitals)
  app.get(LIVE_PATH, async () => {
    throw new ProblemError(426, 'This is a WebSocket; open it with one.')
  })
  await addPage(app, options.dashboardDir)

  live.attach(app.server)
  const bound = await listen(app, host, port)
  return {
    url: `http://${hostInUrl(host)}:${bound}/`,
    publish: live,
    close: async () => {
      await Promise.all([live.close(), app.close()])
    },
  }
}

/** Everything from ourselves, nothing inline, in nobody's frame. No HSTS: the server speaks plain HTTP. */
const SECURITY_HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  // Only means something where the browser trusts the origin; over plain HTTP it fills the console with warnings.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  referrerPolicy: { policy: 'no-referrer' as const },
  xFrameOptions: { action: 'deny' as const },
}

function addErrorHandlers(app: FastifyInstance): void {
  app.setNotFoundHandler(async (_request, reply) => {
    return sendProblem(reply, 404, 'There is nothing at this address; the page is at / and the API below /api/.')
  })
  app.setErrorHandler(async (error, request, reply) => {
    const { status, detail } = explainError(error)
    if (status >= 500) request.log.error(error)
    return sendProblem(reply, status, detail)
  })
}

function explainError(error: unknown): { status: number; detail: string } {
  if (error instanceof ProblemError) return { status: error.status, detail: error.message }
  if (error instanceof QueryError) return { status: 400, detail: error.message }
  if (error instanceof StoreError)
    return { status: 503, detail: 'The database cannot be used now; the log of the server says why.' }
  const status = (error as { statusCode?: number }).statusCode ?? 500
  return status < 500
    ? {
        status,
        detail:
          'The request cannot be read; ask with GET and without a body, or send JSON (Content-Type: application/json) that is whole and not too long.',
      }
    : { status: 500, detail: 'A fault of the program; the log of the server says more.' }
}

async function addPage(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', async () => {
      throw new ProblemError(503, 'The dashboard is not built: run "npm run build" and start again. The API works.')
    })
    return
  }
  await app.register(staticFiles, {
    root: folder,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (reply, path) => {
      // Files below assets/ carry a hash of their content in their name.
      const isHashed = path.startsWith(join(folder, 'assets'))
      reply.setHeader('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw listenError(
      error,
      `${hostInUrl(host)}:${port}`,
      `${hostInUrl(host)}:${port < PORT_MAX ? port + 1 : port - 1}`,
    )
  }
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

function listenError(error: unknown, place: string, other: string): unknown {
  const reasons: Record<string, string> = {
    EADDRINUSE: `in use, perhaps by another Seekwatch: end it, or choose another port with --listen ${other}`,
    EACCES: `this user may not listen on it: choose a port above 1023 with --listen`,
    EADDRNOTAVAIL: `not an address of this machine: choose one of "ip address" with --listen`,
    ENOTFOUND: `no such name: write an address with --listen`,
  }
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? '']
  return reason === undefined ? error : new ListenError(`${place}: ${reason}`, { cause: error })
}

/** Answers what does not become a request, so that there is none to reply to. */
function refuseClient({ code }: NodeJS.ErrnoException, socket: Socket, requestMs: number): void {
  if (socket.writable) {
    const [status, detail] = noRequest(code, requestMs)
    const answer = problem(status, detail)
    const body = JSON.stringify(answer)
    socket.write(
      `HTTP/1.1 ${status} ${answer.title}\r\nConnection: close\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  }
  socket.destroy()
}

function noRequest(code: string | undefined, requestMs: number): [status: number, detail: string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, `The request was not whole within ${requestMs / 1000} seconds; send it at once.`]
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'The head of the request is too long; send fewer or shorter fields.']
    default:
      return [400, 'This is not HTTP.']
  }
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
