/**
 * Writes classic pcap to disk as a stream (draft-ietf-opsawg-pcap section 4):
 * little-endian, microseconds, Ethernet. Its memory is one chunk of 4 MiB,
 * whatever the size of the file.
 *
 * The caller writes the bytes of a frame straight into the chunk:
 *
 *   const at = writer.begin(frameBytes, timeUs)
 *   writer.bytes.set(frame, at)      valid until the next `begin`
 */

import { closeSync, openSync, writeSync } from 'node:fs'

const CHUNK_BYTES = 4 * 1024 * 1024
const FILE_HEADER_BYTES = 24
export const RECORD_HEADER_BYTES = 16

const MAGIC_MICROSECONDS = 0xa1b2c3d4
const SNAP_BYTES = 262_144 // what tcpdump writes
const LINK_ETHERNET = 1

export class PcapWriter {
  readonly bytes = Buffer.alloc(CHUNK_BYTES)
  packets = 0
  /** Bytes of frames, without the headers of the file. */
  frameBytes = 0
  readonly #file: number
  #used = FILE_HEADER_BYTES

  /** Makes the file anew. Throws what `openSync` throws. */
  constructor(path: string) {
    this.#file = openSync(path, 'w')
    this.bytes.writeUInt32LE(MAGIC_MICROSECONDS, 0)
    this.bytes.writeUInt16LE(2, 4) // version 2.4
    this.bytes.writeUInt16LE(4, 6)
    this.bytes.writeUInt32LE(SNAP_BYTES, 16)
    this.bytes.writeUInt32LE(LINK_ETHERNET, 20)
  }

  /** Length of the file once it is closed. */
  get fileBytes(): number {
    return FILE_HEADER_BYTES + this.packets * RECORD_HEADER_BYTES + this.frameBytes
  }

  /**
   * Starts a record.
   * @param length bytes of the frame, at most 65,535
   * @param timeUs microseconds since 1970
   * @returns where in `bytes` the frame belongs
   */
  begin(length: number, timeUs: number): number {
    if (this.#used + RECORD_HEADER_BYTES + length > CHUNK_BYTES) this.#flush()
    const at = this.#used
    const { bytes } = this
    bytes.writeUInt32LE(Math.floor(timeUs / 1e6), at)
    bytes.writeUInt32LE(timeUs % 1e6, at + 4)
    bytes.writeUInt32LE(length, at + 8)
    bytes.writeUInt32LE(length, at + 12)
    this.#used = at + RECORD_HEADER_BYTES + length
    this.packets++
    this.frameBytes += length
    return at + RECORD_HEADER_BYTES
  }

  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    for (let from = 0; from < this.#used; ) from += writeSync(this.#file, this.bytes, from, this.#used - from)
    this.#used = 0
  }
}
