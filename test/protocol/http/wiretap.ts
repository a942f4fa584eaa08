/** A relay on the loopback interface that keeps what both sides said: bytes that somebody else wrote, for parsers. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'

export interface Conversation {
  client: Buffer
  server: Buffer
}

/** Lets `talk(port)` speak to `server` (any server that can listen), and gives what went each way on all connections. */
export async function overhear(server: Server, talk: (port: number) => Promise<void>): Promise<Conversation> {
  const heard: { client: Buffer[]; server: Buffer[] } = { client: [], server: [] }
  await listen(server)
  const relay = createServer((near) => {
    const far = connect(portOf(server), '127.0.0.1')
    near.on('data', (bytes: Buffer) => heard.client.push(bytes))
    far.on('data', (bytes: Buffer) => heard.server.push(bytes))
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await listen(relay)
  try {
    await talk(portOf(relay))
  } finally {
    relay.close()
    server.close()
  }
  return { client: Buffer.concat(heard.client), server: Buffer.concat(heard.server) }
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
