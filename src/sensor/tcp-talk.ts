/**
 * A TCP connection while its bytes may still tell something: both directions
 * put in order, and handed to those who read them (client-side.ts,
 * server-side.ts). In-order bytes are read where they lie; only what has to
 * wait is copied.
 */

import { Stream } from '../flow/stream.ts'
import type { StreamBudget } from '../flow/stream-budget.ts'
import { emptyHello } from '../protocol/tls/client-hello.ts'
import { ClientSide } from './client-side.ts'
import { ServerSide } from './server-side.ts'
import type { Side } from './side.ts'
import type { Sink } from './sink.ts'

export class TcpTalk {
  /** Segments of which some bytes could not be kept. */
  notKept = 0
  /** Holes that were given up. */
  holes = 0
  readonly #client: ClientSide
  readonly #server: ServerSide
  readonly #limit: number
  readonly #budget: StreamBudget
  #clientStream: Stream
  #serverStream: Stream | undefined
  #isFlipped = false

  /**
   * @param limit most bytes of one direction that wait
   * @param budget for all connections together; give back with `release`
   * @param mayFlip nobody's SYN was seen
   */
  constructor(sink: Sink, row: number, limit: number, budget: StreamBudget, isDnsPort: boolean, mayFlip: boolean) {
    this.#server = new ServerSide(sink, row, isDnsPort, mayFlip)
    this.#client = new ClientSide(sink, row, isDnsPort, this.#server)
    this.#clientStream = new Stream(limit, budget)
    this.#limit = limit
    this.#budget = budget
  }

  /** Gives back what it kept: the connection is not followed any more. */
  release(): void {
    this.#clientStream.release()
    this.#serverStream?.release()
  }

  /** True when no more bytes can tell anything. */
  get isOver(): boolean {
    return this.#client.phase === 'done' && this.#server.phase === 'done'
  }

  /** True when the client's bytes have been understood or given up. */
  get clientIsOver(): boolean {
    return this.#client.phase === 'done'
  }

  /** How many bytes from number `begin` on have come of the client without a hole. */
  clientReadFrom(begin: number): number {
    return -this.#clientStream.missingBefore(begin)
  }

  /** Says that the client has said its hello, of which nothing more is wanted, and the server's flight is next. */
  expectCertificate(): void {
    this.#client.phase = 'done'
    this.#server.expectTls(emptyHello())
  }

  /** Says that a direction begins with this sequence number; known from a SYN. */
  begin(fromClient: boolean, sequence: number): void {
    this.#stream(fromClient).begin(sequence)
  }

  /** The two are the other way round than was thought. */
  flip(): void {
    const stream = this.#clientStream
    this.#clientStream = this.#stream(false)
    this.#serverStream = stream
    this.#isFlipped = true
  }

  /** Says that one side has all bytes of the other that come before this number. */
  acknowledge(ofClient: boolean, sequence: number): void {
    if (ofClient) this.#clientStream.acknowledge(sequence)
    else this.#serverStream?.acknowledge(sequence)
  }

  /**
   * Takes the payload bytes[start, end) of a segment.
   * @param wireBytes its length on the wire; more than were captured when the frame was cut
   */
  add(fromClient: boolean, sequence: number, bytes: Uint8Array, start: number, end: number, wireBytes: number): void {
    const side = fromClient ? this.#client : this.#server
    const stream = this.#stream(fromClient)
    if (side.phase === 'done') {
      // a server is asked again when the client has said something more
      if (stream.isFirst(sequence)) stream.consume(wireBytes, sequence)
      return
    }
    this.#passLost(side, stream, sequence)
    if (stream.isFirst(sequence) && wireBytes === end - start) {
      const next = side.read(bytes, start, end)
      if (next > start) stream.consume(next - start, sequence)
      if (next < end) this.#keep(side, stream, (sequence + next - start) | 0, bytes, next, end)
      this.#readFlipped()
      return
    }
    if (!stream.add(sequence, bytes, start, end)) {
      this.notKept++
      if (stream.isFull) this.#giveUp(side, stream)
      else if (stream.farEnd !== undefined) this.#passFar(side, stream, stream.farEnd)
      else if (stream.isHopeless) {
        this.#passHole(side, stream, stream.hole)
        stream.add(sequence, bytes, start, end) // now there is room
      }
    }
    this.#readOn(side, stream)
    this.#readFlipped()
  }

  /** Says that no more will come: what is missing is given up, and what can be read of the rest is read. */
  finish(): void {
    for (const [side, stream] of [
      [this.#client, this.#clientStream],
      [this.#server, this.#stream(false)],
    ] as const) {
      while (side.phase !== 'done' && stream.hole > 0) this.#passHole(side, stream, stream.hole)
      side.readPartial(stream.buffer, 0, stream.contiguous)
    }
    this.#server.finish()
  }

  /** Keeps bytes[start, end) that were read, and of which more is needed. Without room for them they are as good as lost. */
  #keep(side: Side, stream: Stream, sequence: number, bytes: Uint8Array, start: number, end: number): void {
    if (stream.add(sequence, bytes, start, end)) return
    this.notKept++
    if (this.#isFlipped) return
    side.readPartial(bytes, start, end)
    stream.consume(end - start, sequence)
    if (side.phase !== 'done') side.lose(end - start)
  }

  /** That of the server is made when it is needed: most are not. */
  #stream(fromClient: boolean): Stream {
    if (fromClient) return this.#clientStream
    this.#serverStream ??= new Stream(this.#limit, this.#budget)
    return this.#serverStream
  }

  /** What was taken for the server's bytes, and is still there, is read as the client's. */
  #readFlipped(): void {
    if (!this.#isFlipped) return
    this.#isFlipped = false
    this.#readOn(this.#client, this.#clientStream)
  }

  /** Reads what waits, segment by segment, as if they had come in order. */
  #readOn(side: Side, stream: Stream): void {
    const { contiguous } = stream
    if (contiguous === 0 || contiguous < side.wantedBytes) return
    let at = 0
    let end = stream.border(Math.max(side.wantedBytes, 1))
    for (;;) {
      at = side.read(stream.buffer, at, end, stream.border(at + 1))
      const { looksAgain, wantedBytes } = side
      if (this.#isFlipped || (end === contiguous && !looksAgain)) break
      end = stream.border(Math.max(at + wantedBytes, looksAgain ? 0 : end + 1))
    }
    if (at > 0) stream.consume(at)
  }

  /** A message that is longer than what is ever kept: what can be read of it is read now. */
  #giveUp(side: Side, stream: Stream): void {
    side.readPartial(stream.buffer, 0, stream.contiguous)
    if (side === this.#server) this.#server.finish()
    side.phase = 'done'
    stream.consume(stream.contiguous)
  }

  /** Goes on behind what a segment with this number proves to be lost. */
  #passLost(side: Side, stream: Stream, sequence: number): void {
    for (let lost = stream.lostBefore(sequence); lost > 0; lost = stream.lostBefore(sequence)) {
      this.#passHole(side, stream, lost)
    }
  }

  /** Reads what is there between the holes, and goes on behind all that was too far away. */
  #passFar(side: Side, stream: Stream, end: number): void {
    while (stream.hole > 0) this.#passHole(side, stream, stream.hole)
    this.#passHole(side, stream, stream.missingBefore(end))
  }

  /** Gives up `lost` bytes behind the contiguous ones, and what these are the beginning of. */
  #passHole(side: Side, stream: Stream, lost: number): void {
    this.holes++
    side.readPartial(stream.buffer, 0, stream.contiguous)
    stream.consume(stream.contiguous + lost)
    if (side.phase !== 'done') side.lose(lost)
    this.#readOn(side, stream)
  }
}
