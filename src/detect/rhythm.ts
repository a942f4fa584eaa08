/**
 * How client and server take turns in a flow, counted from the moment it has
 * an alert: a person who writes, a program that calls, a page that loads. Only
 * times and lengths of payloads; costs a few additions for each packet of a
 * flow with alerts, and nothing for others.
 *
 * A turn begins when the client speaks after a second of its own silence, and
 * lasts until the next one begins. What is shorter than a request does not
 * count: HTTP/2 says all the time that it has read (RFC 9113 section 6.9).
 *
 * A segment of TCP that comes again is nobody's turn: on a bad line each second
 * of waiting would make one. What lies far behind is none that comes again, but
 * the number before it was wrong, or a stranger's.
 *
 * An answer that is written while it is thought up comes in many small pieces
 * over seconds. A download on a slow line may look the same.
 */

const SILENCE_US = 1e6
const REQUEST_BYTES_MIN = 100
const STREAM_US = 1.5e6
const STREAM_PACKETS = 12
const STREAM_BYTES_PER_SECOND_MAX = 64_000
/** More than is ever on its way: systems let a window grow to 4 to 16 MiB. */
const COMES_AGAIN_BYTES_MAX = 1 << 24

export class Rhythm {
  /** Turns of the client. */
  turns = 0
  /** Turns in which the server's answer came in small pieces over seconds. */
  streamed = 0
  #lastRequestUs = Number.NEGATIVE_INFINITY
  #answerBeganUs = 0
  #answerPackets = 0
  #answerBytes = 0
  #isStreamed = false
  /** The numbers behind what each side has sent, where known. */
  #clientEnd: number | undefined
  #serverEnd: number | undefined

  /** A segment passed, with `bytes` of payload from number `sequence` on; signed 32-bit numbers. */
  addSegment(fromClient: boolean, sequence: number, bytes: number, nowUs: number): void {
    const before = fromClient ? this.#clientEnd : this.#serverEnd
    const end = (sequence + bytes) | 0
    const ahead = before === undefined ? bytes : (end - before) | 0
    if (ahead <= 0 && ahead > -COMES_AGAIN_BYTES_MAX) return
    if (fromClient) this.#clientEnd = end
    else this.#serverEnd = end
    this.add(fromClient, ahead > 0 ? Math.min(ahead, bytes) : bytes, nowUs)
  }

  /** A packet with `bytes` of payload passed. */
  add(fromClient: boolean, bytes: number, nowUs: number): void {
    if (fromClient) this.#fromClient(bytes, nowUs)
    else if (!this.#isStreamed) this.#fromServer(bytes, nowUs)
  }

  #fromClient(bytes: number, nowUs: number): void {
    if (bytes < REQUEST_BYTES_MIN) return
    if (nowUs - this.#lastRequestUs >= SILENCE_US) this.#beginTurn()
    this.#lastRequestUs = nowUs
  }

  #beginTurn(): void {
    this.turns++
    this.#answerPackets = 0
    this.#answerBytes = 0
    this.#isStreamed = false
  }

  #fromServer(bytes: number, nowUs: number): void {
    if (this.turns === 0) return
    if (this.#answerPackets++ === 0) this.#answerBeganUs = nowUs
    this.#answerBytes += bytes
    const lastedUs = nowUs - this.#answerBeganUs
    if (this.#answerPackets < STREAM_PACKETS || lastedUs < STREAM_US) return
    if (this.#answerBytes > (STREAM_BYTES_PER_SECOND_MAX * lastedUs) / 1e6) return
    this.#isStreamed = true
    this.streamed++
  }
}
