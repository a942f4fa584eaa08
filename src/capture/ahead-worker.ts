/**
 * A thread that decompresses captures for ahead.ts, one file at a time. It
 * never has more pieces out than it may, and stops when the reader closes.
 */

import { type MessagePort, parentPort } from 'node:worker_threads'
import { AHEAD_PIECES, type AheadJob, type AheadMessage, PIECE_BYTES } from './ahead.ts'
import { causeOf } from './faults.ts'
import { type ByteSource, openSource } from './source.ts'

parentPort!.on('message', ({ path, port }: AheadJob) => void give(path, port))

async function give(path: string, port: MessagePort): Promise<void> {
  const pieces = new Pieces(port)
  let source: ByteSource | undefined
  try {
    source = await openSource(path)
    for (let bytes = await pieces.next(); bytes !== null; bytes = await pieces.next()) {
      const { length, failure } = await fill(source, bytes)
      const { bytesRead } = source
      if (length > 0) tell({ kind: 'piece', bytes, length, bytesRead }, [bytes.buffer as ArrayBuffer])
      if (failure !== undefined) throw failure
      if (length === 0) {
        tell({ kind: 'end', bytesRead })
        break
      }
    }
  } catch (error) {
    tell({ kind: 'failure', cause: causeOf(error), bytesRead: source?.bytesRead ?? 0 })
  }
  await source?.close()

  function tell(message: AheadMessage, lent: ArrayBuffer[] = []): void {
    port.postMessage(message, lent)
  }
}

/** Reads until the piece is full, the source ends or fails: then what came before the failure counts, too. */
async function fill(source: ByteSource, bytes: Uint8Array): Promise<{ length: number; failure?: unknown }> {
  let length = 0
  try {
    while (length < bytes.length) {
      const count = await source.read(bytes, length, bytes.length)
      if (count === 0) break
      length += count
    }
    return { length }
  } catch (failure) {
    return { length, failure }
  }
}

/** The pieces of a file that are not with its reader. */
class Pieces {
  readonly #back: Uint8Array[] = []
  #made = 0
  #isClosed = false
  #wake: () => void = () => {}

  constructor(port: MessagePort) {
    port.on('message', (piece: Uint8Array) => {
      this.#back.push(piece)
      this.#wake()
    })
    port.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  /** One to fill, as soon as there is one; null when the reader has closed. */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#isClosed) return null
      const piece = this.#back.pop()
      if (piece !== undefined) return piece
      if (this.#made < AHEAD_PIECES) {
        this.#made++
        return new Uint8Array(PIECE_BYTES)
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
