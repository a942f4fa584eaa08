/**
 * The WebSocket `/api/live`: pushes what is new to every open page.
 *
 * Everything has a bound: clients, alerts and bytes of a message, messages a
 * second, bytes that wait for a slow client. A page that is told `reload` asks
 * the API again, so nothing is lost when a bound is reached.
 */

import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Alert } from '../events/alert.ts'
import type { LiveMessage } from '../events/api.ts'
import type { Progress } from '../events/batch.ts'
import { isSameHost } from './host-check.ts'
import { Pacer } from './pacer.ts'

export const LIVE_PATH = '/api/live'

const CLIENTS_MAX = 100
const ALERTS_MAX = 200
/** Longest message, and most that may wait for one client, in bytes. */
const WAITING_BYTES_MAX = 1024 * 1024
/** Pages have nothing to say. */
const INCOMING_BYTES_MAX = 1024
/** An alert shall be on the page within a second of its packet, and the one before must not hold it up. */
const NEWS_EVERY_MS = 250
/** Of what makes every page ask again. */
const EVERY_MS = 1000
const PING_MS = 30_000
/** How long a client has to answer our goodbye. */
const GOODBYE_MS = 200

/** What the rest of the program tells the open pages. Never throws, never waits. */
export interface Publisher {
  /** Alerts that were just stored for the first time. */
  alerts(added: readonly Alert[]): void
  progress(progress: Progress): void
  /** Something changed that is not told one by one. */
  reload(): void
}

export interface LiveOptions {
  version: string
  isAllowedHost(header: string | undefined): boolean
  /** Time between two messages of a kind, in milliseconds; when absent, a quarter of a second for alerts, else one. */
  everyMs?: number
}

export class Live implements Publisher {
  readonly #options: LiveOptions
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: INCOMING_BYTES_MAX,
    perMessageDeflate: false,
  })
  /** Clients that have not answered the last ping. */
  readonly #silent = new Set<WebSocket>()
  readonly #news: Pacer
  readonly #reloads: Pacer
  readonly #progress: Pacer
  readonly #pings: NodeJS.Timeout
  #waiting: Alert[] = []
  #isReloadDue = false
  #dropped = 0

  constructor(options: LiveOptions) {
    const { everyMs = EVERY_MS, everyMs: newsEveryMs = NEWS_EVERY_MS } = options
    this.#options = options
    this.#news = new Pacer(newsEveryMs, (make) => this.#broadcast(make()))
    this.#reloads = new Pacer(everyMs, (make) => this.#broadcast(make()))
    this.#progress = new Pacer(everyMs, (make) => this.#broadcast(make()))
    this.#pings = setInterval(() => this.#ping(), PING_MS)
    this.#pings.unref()
  }

  /** Pages that listen now. */
  get clients(): number {
    return this.#sockets.clients.size
  }

  /** Clients that were cut off because they did not keep up or went silent. */
  get dropped(): number {
    return this.#dropped
  }

  /** Takes over the upgrade requests of `server`. */
  attach(server: HttpServer): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  alerts(added: readonly Alert[]): void {
    // a page that is about to ask again gets them, too
    if (added.length === 0 || this.clients === 0 || this.#isReloadDue) return
    if (this.#waiting.length + added.length > ALERTS_MAX) {
      this.reload()
      return
    }
    this.#waiting.push(...added)
    this.#news.offer(() => this.#takeNews())
  }

  progress(progress: Progress): void {
    this.#progress.offer(() => text({ type: 'progress', progress }))
  }

  reload(): void {
    this.#waiting = []
    this.#isReloadDue = true
    this.#reloads.offer(() => {
      this.#isReloadDue = false
      return text({ type: 'reload' })
    })
  }

  /** Ends all connections, within a fraction of a second. */
  async close(): Promise<void> {
    clearInterval(this.#pings)
    this.#news.stop()
    this.#reloads.stop()
    this.#progress.stop()
    const clients = [...this.#sockets.clients]
    for (const client of clients) client.close(1001, 'the server ends')
    if (clients.length > 0) await new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))
    for (const client of clients) client.terminate()
    this.#sockets.close()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const refusal = this.#refusal(request)
    if (refusal !== 0) {
      socket.end(`HTTP/1.1 ${refusal} ${STATUS_CODES[refusal]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#welcome(client))
  }

  /** The HTTP status to refuse with, or 0. A page of another origin may open a WebSocket here unless we look. */
  #refusal({ url, headers: { host, origin } }: IncomingMessage): number {
    if (!this.#options.isAllowedHost(host)) return 421
    if (origin !== undefined && !isSameHost(origin, host)) return 403
    if (url?.split('?')[0] !== LIVE_PATH) return 404
    return this.clients < CLIENTS_MAX ? 0 : 503
  }

  #welcome(client: WebSocket): void {
    // A broken frame or a message over the limit: ws closes the connection itself.
    client.on('error', () => client.terminate())
    client.on('pong', () => this.#silent.delete(client))
    client.on('close', () => this.#silent.delete(client))
    client.send(text({ type: 'hello', version: this.#options.version }))
  }

  /** Empty when pages are told to ask again instead. */
  #takeNews(): string {
    const alerts = this.#waiting
    this.#waiting = []
    if (alerts.length === 0) return ''
    const news = text({ type: 'alerts', alerts })
    return Buffer.byteLength(news) > WAITING_BYTES_MAX ? text({ type: 'reload' }) : news
  }

  #broadcast(message: string): void {
    if (message === '') return
    for (const client of this.#sockets.clients) {
      if (client.bufferedAmount > WAITING_BYTES_MAX) this.#drop(client)
      else client.send(message)
    }
  }

  #ping(): void {
    for (const client of this.#sockets.clients) {
      if (this.#silent.has(client)) this.#drop(client)
      else {
        this.#silent.add(client)
        client.ping()
      }
    }
  }

  #drop(client: WebSocket): void {
    this.#dropped++
    client.terminate()
  }
}

function text(message: LiveMessage): string {
  return JSON.stringify(message)
}
