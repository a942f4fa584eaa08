/**
 * ClientHellos for tests: one that OpenSSL writes, one that is made field by
 * field so that every field can also be wrong, and ways to cut them up.
 */

import { once } from 'node:events'
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import { u16 } from './frames.ts'

/**
 * The first bytes of a TLS connection as OpenSSL, which is built into Node, writes them: record header and ClientHello.
 * @param serverName none is sent when it is empty
 */
export async function openSslHello(
  serverName = 'www.example.com',
  alpn = ['h2', 'http/1.1'],
): Promise<Buffer<ArrayBuffer>> {
  const wire = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      this.emit('hello', chunk)
      done()
    },
  })
  const written = once(wire, 'hello')
  const name = serverName === '' ? {} : { servername: serverName }
  const client = tls.connect({ socket: wire, ALPNProtocols: alpn, ...name })
  client.on('error', () => {}) // it is cut off in the middle of its handshake
  const [record] = (await written) as [Buffer<ArrayBuffer>]
  client.destroy()
  return record
}

/** A part with its length in `bytes` bytes before it. */
export function prefixed(bytes: 1 | 2 | 3, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(bytes)
  length.writeUIntBE(body.length, 0, bytes)
  return Buffer.concat([length, body])
}

export function extensionOf(type: number, data: Uint8Array): Buffer {
  return Buffer.concat([u16(type), prefixed(2, data)])
}

/** A server_name extension with these names in its list. */
export function serverNames(...names: string[]): Buffer {
  const entries = names.map((name) => Buffer.concat([Buffer.of(0), prefixed(2, Buffer.from(name, 'latin1'))]))
  return extensionOf(0, prefixed(2, ...entries))
}

export interface HelloParts {
  /** With type and length each; no extensions at all, not even their length, when it is null. */
  extensions?: Uint8Array[] | null
  cipherSuites?: Uint8Array
  type?: number
}

/** A ClientHello without a record header. */
export function helloMessage({ extensions = [], cipherSuites, type = 1 }: HelloParts = {}): Buffer {
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 0xab),
    prefixed(1, Buffer.alloc(32, 0xcd)),
    prefixed(2, cipherSuites ?? Buffer.of(0x13, 0x01, 0x13, 0x02)),
    prefixed(1, Buffer.of(0)),
    ...(extensions === null ? [] : [prefixed(2, ...extensions)]),
  ])
  return Buffer.concat([Buffer.of(type), prefixed(3, body)])
}

/** The first bytes of a TLS connection that asks for `serverName`: as short as can be. */
export function shortHello(serverName: string): Buffer {
  return inRecords(helloMessage({ extensions: serverName === '' ? [] : [serverNames(serverName)] }))
}

/** Handshake records with `message` in pieces of `fragmentBytes`; one record when it is absent. */
export function inRecords(message: Uint8Array, fragmentBytes = message.length): Buffer {
  return Buffer.concat(
    cut(message, fragmentBytes).map((piece) => Buffer.concat([Buffer.of(22, 3, 1), prefixed(2, piece)])),
  )
}

/** `bytes` in pieces of `length`; the last one may be shorter. */
export function cut(bytes: Uint8Array, length: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length))
  return pieces
}
