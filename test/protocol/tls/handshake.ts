/** A whole TLS handshake between two ends of OpenSSL, as built into Node, and what each of them sent. */

import { once } from 'node:events'
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import { LEAF, LEAF_KEY, ROOT } from './material.ts'

export interface Exchange {
  client: Buffer
  server: Buffer
  /** To go on with this session in the next handshake. */
  session: Buffer | undefined
}

export interface ExchangeOptions {
  version: 'TLSv1.2' | 'TLSv1.3'
  session?: Buffer
  /** Of the client; with one that the server's key does not fit, the server refuses. */
  ciphers?: string
  /** The server takes this group only, so that the client has to say hello again. */
  group?: string
  alpn?: string[]
}

/** Lets the two talk until the handshake is over, or one of them refuses. */
export async function exchange(options: ExchangeOptions): Promise<Exchange> {
  const { version, session, ciphers, group, alpn = ['h2', 'http/1.1'] } = options
  const said = { client: [] as Buffer[], server: [] as Buffer[] }
  const [clientEnd, serverEnd] = wire(
    (chunk) => said.client.push(chunk),
    (chunk) => said.server.push(chunk),
  )
  const server = new tls.TLSSocket(serverEnd, {
    isServer: true,
    secureContext: tls.createSecureContext({
      cert: `${LEAF}\n${ROOT}`,
      key: LEAF_KEY,
      ticketKeys: Buffer.alloc(48, 7),
      minVersion: version,
      maxVersion: version,
      ...(group ? { ecdhCurve: group } : {}),
    } as tls.SecureContextOptions),
    ALPNProtocols: alpn,
  })
  server.on('error', () => {})
  const client = tls.connect({
    socket: clientEnd,
    servername: 'api.example.org',
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ALPNProtocols: alpn,
    ...(session ? { session } : {}),
    ...(ciphers ? { ciphers } : {}),
  })
  let kept: Buffer | undefined
  client.on('session', (fresh) => {
    kept = fresh
  })
  await Promise.race([
    once(client, 'secureConnect'),
    once(client, 'error').catch(() => {}),
    once(server, 'error'),
  ]).catch(() => {})
  server.write('x') // with it come the session tickets of TLS 1.3
  await new Promise((done) => setTimeout(done, 50))
  client.destroy()
  server.destroy()
  return { client: Buffer.concat(said.client), server: Buffer.concat(said.server), session: kept }
}

/** Two ends of a wire; each chunk is shown before it arrives. */
function wire(onClient: (chunk: Buffer) => void, onServer: (chunk: Buffer) => void): [Duplex, Duplex] {
  const end = (show: (chunk: Buffer) => void, other: () => Duplex): Duplex =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        show(Buffer.from(chunk))
        other().push(chunk)
        done()
      },
    })
  const client: Duplex = end(onClient, () => server)
  const server: Duplex = end(onServer, () => client)
  return [client, server]
}
