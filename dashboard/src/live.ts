/**
 * The live connection: messages of the server as they come, and a new try
 * after each loss, with a pause that grows to half a minute so that a hundred
 * open pages do not storm a server that has just come back.
 */
import type { LiveMessage } from '../../src/events/api.ts'

/** What this needs of a WebSocket. */
export interface LiveSocket {
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: (() => void) | null
  close(): void
}

export interface LiveHandlers {
  message(message: LiveMessage): void
  /** The connection is lost; the next try is in `seconds`. */
  lost(seconds: number): void
}

const PAUSE_SECONDS_MAX = 30

/**
 * Connects, and connects again, until the function it returns is called.
 * `open` makes a socket; one that fails to connect closes, as a WebSocket does.
 * The connection counts as good once the server has said something.
 */
export function connectLive(open: () => LiveSocket, handlers: LiveHandlers): () => void {
  let losses = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let socket: LiveSocket | null = null

  const connect = (): void => {
    socket = open()
    socket.onmessage = (event) => {
      const message = parse(event.data)
      if (message === null) return
      losses = 0
      handlers.message(message)
    }
    socket.onclose = () => {
      const seconds = pauseSeconds(losses++)
      handlers.lost(seconds)
      timer = setTimeout(connect, seconds * 1000)
    }
  }

  connect()
  return () => {
    clearTimeout(timer)
    if (socket === null) return
    socket.onclose = null
    socket.close()
  }
}

/** Seconds to wait before the next try, after `losses` (0 and up) tries in a row that brought nothing. */
export function pauseSeconds(losses: number): number {
  return Math.min(PAUSE_SECONDS_MAX, 2 ** Math.min(losses, 10))
}

function parse(data: unknown): LiveMessage | null {
  if (typeof data !== 'string') return null
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null && 'type' in value ? (value as LiveMessage) : null
  } catch {
    return null
  }
}
