/** Lines as bytes, one after the other with their ends, until somebody takes them to write them out. */

const LINE_END = 0x0a

export class LineBuffer {
  /** Bytes that wait. */
  length = 0
  readonly #bytesAtFirst: number
  #bytes: Buffer

  /** @param bytesAtFirst room for that much, again after each `take` */
  constructor(bytesAtFirst: number) {
    this.#bytesAtFirst = bytesAtFirst
    this.#bytes = Buffer.allocUnsafeSlow(bytesAtFirst)
  }

  /** Takes a line without its end. @param line ASCII; bytes are copied */
  add(line: string | Uint8Array): void {
    this.#reserve(line.length + 1)
    if (typeof line === 'string') this.#bytes.write(line, this.length, 'latin1')
    else this.#bytes.set(line, this.length)
    this.length += line.length
    this.#bytes[this.length++] = LINE_END
  }

  /** All that waits; it belongs to the caller. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length)
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytesAtFirst)
    this.length = 0
    return taken
  }

  #reserve(bytes: number): void {
    const wanted = this.length + bytes
    if (wanted <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(2 * wanted)
    grown.set(this.#bytes.subarray(0, this.length))
    this.#bytes = grown
  }
}
