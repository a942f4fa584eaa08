/** A TCP connection or a UDP exchange as frames, a millisecond apart, with the numbers kept right. */

import type { TimedFrame } from './feed.ts'
import { ACK, type End, type EthernetOptions, FIN, PSH, RST, SYN, tcpFrame, udpFrame } from './frames.ts'

const MILLISECOND = 0.001
const NOTHING: Uint8Array = new Uint8Array(0)

export class Talk {
  readonly frames: TimedFrame[] = []
  readonly #client: End
  readonly #server: End
  readonly #link: EthernetOptions
  #at: number
  #clientNext: number
  #serverNext = 7000

  /**
   * @param at seconds after BEGIN_US of the first frame
   * @param begin sequence number of the client's SYN
   */
  constructor(client: End, server: End, at = 0, begin = 1000, link: EthernetOptions = {}) {
    this.#client = client
    this.#server = server
    this.#at = at
    this.#clientNext = begin
    this.#link = link
  }

  /** SYN, SYN and ACK, ACK. */
  open(): this {
    return this.syn().synAck().out(ACK)
  }

  syn(): this {
    this.out(SYN)
    this.#clientNext++
    return this
  }

  synAck(): this {
    this.back(SYN | ACK)
    this.#serverNext++
    return this
  }

  /** Payload of the client, one segment for each piece. */
  send(...pieces: Uint8Array[]): this {
    for (const piece of pieces) this.out(ACK | PSH, piece)
    return this
  }

  /** Payload of the server. */
  answer(payload: Uint8Array = Buffer.from('answer')): this {
    return this.back(ACK | PSH, payload)
  }

  /** FIN of both. */
  close(): this {
    this.out(FIN | ACK)
    this.back(FIN | ACK)
    return this.out(ACK)
  }

  finOut(): this {
    return this.out(FIN | ACK)
  }

  finBack(): this {
    return this.back(FIN | ACK)
  }

  /** RST of the server. */
  refuse(): this {
    return this.back(RST | ACK)
  }

  /** Lets time pass. */
  wait(seconds: number): this {
    this.#at += seconds
    return this
  }

  out(flags: number, payload: Uint8Array = NOTHING): this {
    const numbers = { sequence: this.#clientNext, acknowledgment: (flags & ACK) === 0 ? 0 : this.#serverNext, flags }
    this.#add(tcpFrame(this.#client, this.#server, numbers, payload, this.#link))
    this.#clientNext += payload.length + ((flags & FIN) === 0 ? 0 : 1)
    return this
  }

  back(flags: number, payload: Uint8Array = NOTHING): this {
    const numbers = { sequence: this.#serverNext, acknowledgment: this.#clientNext, flags }
    this.#add(tcpFrame(this.#server, this.#client, numbers, payload, this.#link))
    this.#serverNext += payload.length + ((flags & FIN) === 0 ? 0 : 1)
    return this
  }

  /** A datagram of the client. */
  ask(payload: Uint8Array): this {
    return this.#add(udpFrame(this.#client, this.#server, payload, this.#link))
  }

  /** A datagram of the server. */
  reply(payload: Uint8Array): this {
    return this.#add(udpFrame(this.#server, this.#client, payload, this.#link))
  }

  #add(bytes: Uint8Array): this {
    this.frames.push({ at: this.#at, bytes })
    this.#at += MILLISECOND
    return this
  }
}

/** Frames of several talks in the order of time. */
export function mixed(...talks: ReadonlyArray<{ frames: readonly TimedFrame[] }>): TimedFrame[] {
  return talks.flatMap((talk) => talk.frames).sort((a, b) => a.at - b.at)
}
