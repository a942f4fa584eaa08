/** A receiver of syslog for tests, which can be hostile; and what is in the messages that it got. */

import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

export interface Receiver {
  port: number
  /** All that came over each connection, as text with one character a byte. */
  connections: string[]
  /** Of all connections, framed by their length; a message that is not whole is left out. */
  messages: () => string[]
  close: () => Promise<void>
}

/**
 * Listens on 127.0.0.1 and takes all that comes.
 * @param onData does what is hostile with the socket; `text` is all that came over it
 * @param onConnection is told of each connection first
 */
export async function receiver({
  port = 0,
  tls,
  onData = () => {},
  onConnection = () => {},
  isReading = true,
}: {
  port?: number
  tls?: TlsOptions
  onData?: (socket: Socket, text: string) => void
  onConnection?: (socket: Socket, server: Server) => void
  isReading?: boolean
} = {}): Promise<Receiver> {
  const connections: string[] = []
  const sockets = new Set<Socket>()
  const take = (socket: Socket): void => {
    const index = connections.push('') - 1
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    onConnection(socket, server)
    if (!isReading) return
    socket.on('data', (bytes) => {
      connections[index] += bytes.toString('latin1')
      onData(socket, connections[index]!)
    })
  }
  const server: Server = tls ? createTlsServer(tls, take) : createServer(take)
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  onTestFinished(close)
  return {
    port: (server.address() as { port: number }).port,
    connections,
    messages: () => connections.flatMap(messagesIn),
    close,
  }
}

/** The messages in a stream that is framed by octet counts. Throws when it is not. */
export function messagesIn(stream: string): string[] {
  const messages: string[] = []
  for (let at = 0; at < stream.length; ) {
    const head = /^(\d{1,7}) /.exec(stream.slice(at, at + 8))
    if (head === null) {
      if (/^\d{0,7}$/.test(stream.slice(at))) break // cut within the length
      throw new Error(`no length at ${at}: ${JSON.stringify(stream.slice(at, at + 40))}`)
    }
    const start = at + head[0].length
    const end = start + Number(head[1])
    if (end > stream.length) break
    messages.push(Buffer.from(stream.slice(start, end), 'latin1').toString())
    at = end
  }
  return messages
}

/** The `id` in the structured data of a message. */
export function idOf(message: string): string {
  const id = / \[seekwatch@\d+ id="([^"]*)"/.exec(message)?.[1]
  if (id === undefined) throw new Error(`no id in ${message}`)
  return id
}
