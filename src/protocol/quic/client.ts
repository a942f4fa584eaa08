/**
 * What one client says in the first packets of a UDP flow: the state that leads
 * from its datagrams to its hello.
 *
 * A flow may hold several attempts to connect. Each has the connection id that
 * its keys are made of, and its own CRYPTO stream:
 *
 * - after a Retry the client begins again with the id that the Retry gave it,
 *   and new keys (RFC 9001 section 5.2);
 * - after the server's first Initial the client uses the server's id, but the
 *   keys stay (the same section);
 * - after a version negotiation it begins again, in another version;
 * - in a compatible version negotiation the version changes and nothing else
 *   (RFC 9369 section 4.1).
 *
 * From one side of the traffic the first two look alike, so keys are tried: of
 * the attempt with this id; of the other attempts; of the packet's own id. A
 * packet that no key opens changes nothing, for a server does not see it either.
 *
 * All of it is bounded: attempts, datagrams, decryptions. A decryption with its
 * keys costs about 10 us, so `work` lets the caller bound it per client address.
 */

import { LIMIT_REACHED, MALFORMED_VALUE, NEED_MORE, UNSUPPORTED } from '../../bytes/outcome.ts'
import { u24 } from '../../bytes/read.ts'
import {
  type ClientHello,
  emptyHello,
  HANDSHAKE_HEADER_BYTES,
  readClientHello,
  readPartialClientHello,
} from '../tls/client-hello.ts'
import { readGoogleHello } from './chlo.ts'
import { CRYPTO_BYTES_MAX, CryptoStream } from './crypto-stream.ts'
import { readFrames, readGoogleFrames } from './frames.ts'
import { plainVersion, readPlainPacket } from './gquic.ts'
import { LongHeader, readLongHeader } from './header.ts'
import { openInitial } from './initial.ts'
import { clientKeys, type InitialKeys } from './keys.ts'
import { INITIAL, RETRY, type Version } from './versions.ts'

/** Most decryptions for one flow. A hello in two Initials, each sent three times, and a Retry take fewer. */
const DECRYPTIONS_MAX = 10

/** Most datagrams looked at for one flow: 0-RTT data may overtake the hello, and a client may be stubborn. */
const DATAGRAMS_MAX = 64

const ATTEMPTS_MAX = 3

/** One attempt to connect. */
interface Attempt {
  /** Destination id of its first Initial; a copy. */
  id: Uint8Array
  /** Keys for `version`; another version makes others of the same id. */
  version: Version
  keys: InitialKeys
  stream: CryptoStream
}

// written and read within one call; nothing is kept in it
const header = new LongHeader()

export class QuicClient {
  /** Of the packet that held the hello, or of the last one that could be one; 0 before. */
  version = 0
  /** Empty until `hasHello` or `readPartial`. Google's own hello gives only a server name. */
  hello: ClientHello = emptyHello()
  /** What Google's own hello says; empty otherwise. */
  userAgent = ''
  hasHello = false
  /** Decryptions so far, those that failed as well. */
  work = 0
  #datagrams = 0
  #gaveUp = false
  #attempts: Attempt[] = [] // newest first
  #retryId: Uint8Array | null = null
  #plainStream: CryptoStream | null = null

  /** True when no further datagram can change anything: the hello is there, or a limit was reached. */
  get isOver(): boolean {
    return this.hasHello || this.#gaveUp
  }

  /** True when a packet of a client could be opened, so that somebody does begin a connection. */
  get hasBegun(): boolean {
    return this.hasHello || this.#attempts.length > 0
  }

  /**
   * Reads a datagram of the client: the UDP payload bytes[start, end).
   * Returns `end` when the hello is complete and in `hello`; NEED_MORE when the datagram was understood; LIMIT_REACHED
   * when the client is given up. Any other reason is about this datagram alone: UNSUPPORTED for short headers and
   * unknown versions, MALFORMED_VALUE when no key opens it. A server skips such a datagram; so should the caller.
   */
  datagram(bytes: Uint8Array, start: number, end: number): number {
    if (this.isOver || ++this.#datagrams > DATAGRAMS_MAX) return this.#giveUp()
    const plain = plainVersion(bytes, start, end)
    if (plain !== 0) return this.#plainPacket(bytes, start, end, plain)

    let outcome = UNSUPPORTED
    for (let at = start; at < end; at = header.packetEnd) {
      const read = readLongHeader(bytes, at, end, header)
      if (read < 0) return at === start ? read : outcome // what follows the first packet may be padding
      this.version = header.version
      const packet = header.type === INITIAL ? this.#initial(bytes, at) : NEED_MORE
      if (packet >= 0) return end
      if (packet === LIMIT_REACHED) return this.#giveUp()
      if (outcome !== NEED_MORE) outcome = packet
    }
    return outcome
  }

  /**
   * Reads a datagram of the server. Only a Retry tells anything: the id from which the client's next keys are made.
   * Nothing is lost without it but one decryption.
   */
  serverDatagram(bytes: Uint8Array, start: number, end: number): void {
    if (this.isOver || readLongHeader(bytes, start, end, header) < 0 || header.type !== RETRY) return
    this.#retryId = bytes.slice(header.sourceIdStart, header.sourceIdEnd)
  }

  /**
   * What can be read when no more datagrams will come and the hello is not complete (an Initial that was lost); see
   * `readPartialClientHello`. True when `hello` now holds something; it then says `isPartial`.
   */
  readPartial(): boolean {
    if (this.hasHello) return false
    for (const { stream, version } of this.#attempts) {
      const hello = emptyHello()
      if (version.googleHello || readPartialClientHello(stream.buffer, 0, stream.contiguous, hello) < 0) continue
      this.hello = hello
      return true
    }
    return false
  }

  #giveUp(): number {
    this.#gaveUp = !this.hasHello
    return LIMIT_REACHED
  }

  /** Reads the Initial whose header is in `header`. Returns 0 when the hello is complete. */
  #initial(bytes: Uint8Array, start: number): number {
    const { idStart, idEnd } = header
    const version = header.layout!
    const own = this.#attempts.find((attempt) => isEqual(attempt.id, bytes, idStart, idEnd))
    const isAfterRetry = this.#retryId !== null && isEqual(this.#retryId, bytes, idStart, idEnd)
    const likely = own !== undefined ? [own] : isAfterRetry ? [] : this.#attempts
    for (const attempt of likely) {
      if (this.work >= DECRYPTIONS_MAX) return LIMIT_REACHED
      const keys = attempt.version === version ? attempt.keys : clientKeys(version, attempt.id, 0, attempt.id.length)
      const frames = this.#open(bytes, start, keys)
      if (frames === null) continue
      attempt.version = version
      attempt.keys = keys
      return this.#frames(frames, attempt)
    }
    if (own !== undefined) return MALFORMED_VALUE

    if (this.work >= DECRYPTIONS_MAX) return LIMIT_REACHED
    const keys = clientKeys(version, bytes, idStart, idEnd)
    const frames = this.#open(bytes, start, keys)
    if (frames === null) return MALFORMED_VALUE
    const attempt = { id: bytes.slice(idStart, idEnd), version, keys, stream: new CryptoStream() }
    this.#attempts.unshift(attempt)
    this.#attempts.length = Math.min(this.#attempts.length, ATTEMPTS_MAX)
    return this.#frames(frames, attempt)
  }

  #open(bytes: Uint8Array, start: number, keys: InitialKeys): Uint8Array | null {
    this.work++
    return openInitial(bytes, start, header, keys)
  }

  /** Puts the CRYPTO frames into the attempt's stream and looks for the hello. Returns 0 when it is complete. */
  #frames(frames: Uint8Array, attempt: Attempt): number {
    const { stream, version } = attempt
    const read = version.googleFrames ? readGoogleFrames : readFrames
    const rest = read(frames, 0, frames.length, (offset, a, b) => stream.adopt(offset, frames, a, b))
    const outcome = version.googleHello ? this.#googleHello(stream) : this.#tlsHello(stream)
    if (outcome < 0 && outcome !== NEED_MORE) return MALFORMED_VALUE // no limit of ours: another attempt may be fine
    return outcome === NEED_MORE && rest < 0 ? rest : outcome
  }

  #tlsHello(stream: CryptoStream): number {
    const { buffer, contiguous } = stream
    if (contiguous < HANDSHAKE_HEADER_BYTES) return NEED_MORE
    if (HANDSHAKE_HEADER_BYTES + u24(buffer, 1) > CRYPTO_BYTES_MAX) return LIMIT_REACHED
    const hello = emptyHello()
    const outcome = readClientHello(buffer, 0, contiguous, hello)
    if (outcome < 0) return outcome
    return this.#complete(hello)
  }

  #googleHello(stream: CryptoStream): number {
    const found = { serverName: '', userAgent: '' }
    const outcome = readGoogleHello(stream.buffer, 0, stream.contiguous, found)
    if (outcome < 0) return outcome
    this.userAgent = found.userAgent
    return this.#complete({ ...emptyHello(), serverName: found.serverName })
  }

  #complete(hello: ClientHello): number {
    this.hello = hello
    this.hasHello = true
    this.#attempts = []
    this.#plainStream = null
    return 0
  }

  /** Reads an unencrypted packet of Google QUIC. */
  #plainPacket(bytes: Uint8Array, start: number, end: number, version: number): number {
    this.version = version
    this.#plainStream ??= new CryptoStream()
    const stream = this.#plainStream
    const rest = readPlainPacket(bytes, start, end, version, (offset, a, b) => stream.add(offset, bytes, a, b))
    const outcome = this.#googleHello(stream)
    if (outcome >= 0) return end
    if (outcome !== NEED_MORE) {
      this.#plainStream = null // it may begin again
      return MALFORMED_VALUE
    }
    return rest < 0 ? rest : NEED_MORE
  }
}

function isEqual(id: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (id.length !== end - start) return false
  for (let i = 0; i < id.length; i++) if (id[i] !== bytes[start + i]) return false
  return true
}
