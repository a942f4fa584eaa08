/**
 * The flow table: every live flow is a row number, every property a column.
 *
 * Room for all rows is set aside at construction (the system gives memory only
 * to what is used), so the table cannot grow under a flood: when it is full,
 * `find` says so and the sensor counts the refusal.
 *
 *   buckets   hash of the key -> row + 1, 0 for none
 *   next      row -> next row + 1 in the same bucket; free rows hang together
 *             through the same column
 *   used      rows [0, used) have been live at some time: the only ones a sweep
 *             has to look at. Freed rows are taken again first, the last one
 *             freed before the others, so `used` stays as small as the crowd was.
 *
 * The hash is seeded per process, because an outsider chooses the addresses
 * and must not be able to choose the bucket. No result depends on the seed.
 */

import type { FlowKey } from './key.ts'
import { KEY_WORDS_MAX } from './key.ts'

export const FULL = -1

/** Bits of the `state` column. What they mean is the sensor's business but for these. */
export const CLIENT_IS_HIGHER = 1 << 0

export class FlowTable {
  readonly capacity: number
  /** Time of the first packet. */
  readonly firstSeenUs: Float64Array
  /** Time of the newest packet. */
  readonly lastSeenUs: Float64Array
  readonly packetsOut: Uint32Array
  readonly packetsIn: Uint32Array
  /** Bytes of frames on the wire, client to server. */
  readonly bytesOut: Float64Array
  readonly bytesIn: Float64Array
  /** Bits, see sensor/state.ts. */
  readonly state: Int32Array
  /** All TCP flags seen: client's in the low byte, server's in the next. */
  readonly tcpFlags: Uint16Array
  /** Sequence number of the client's first byte; valid when its SYN was seen. */
  readonly clientBegin: Int32Array
  /** MAC addresses as 48-bit numbers, 0 for none. */
  readonly clientMac: Float64Array
  readonly serverMac: Float64Array
  /** The two outermost VLAN ids, each plus one so that 0 is none: the outer one in the low 16 bits. */
  readonly vlans: Uint32Array
  /** Live flows. */
  size = 0
  /** Set by `find`: the row is new, its columns are zero. */
  isNew = false

  readonly #seed: number
  readonly #mask: number
  readonly #buckets: Int32Array
  readonly #next: Int32Array
  readonly #keys: Int32Array
  readonly #live: Uint8Array
  #free = 0
  #used = 0

  /**
   * @param capacity most flows at once
   * @param seed of the hash; random in production, fixed in tests
   */
  constructor(capacity: number, seed: number) {
    this.capacity = capacity
    this.firstSeenUs = new Float64Array(capacity)
    this.lastSeenUs = new Float64Array(capacity)
    this.packetsOut = new Uint32Array(capacity)
    this.packetsIn = new Uint32Array(capacity)
    this.bytesOut = new Float64Array(capacity)
    this.bytesIn = new Float64Array(capacity)
    this.state = new Int32Array(capacity)
    this.tcpFlags = new Uint16Array(capacity)
    this.clientBegin = new Int32Array(capacity)
    this.clientMac = new Float64Array(capacity)
    this.serverMac = new Float64Array(capacity)
    this.vlans = new Uint32Array(capacity)
    this.#seed = seed | 0
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(capacity, 2))) - 1
    this.#buckets = new Int32Array(this.#mask + 1)
    this.#next = new Int32Array(capacity)
    this.#keys = new Int32Array(capacity * KEY_WORDS_MAX)
    this.#live = new Uint8Array(capacity)
  }

  /** The row of the flow with this key, made if there is none (then `isNew` is true); FULL if there is no room. */
  find(key: FlowKey): number {
    const bucket = this.#hash(key.words, 0, key.length) & this.#mask
    this.isNew = false
    for (let link = this.#buckets[bucket]!; link !== 0; link = this.#next[link - 1]!) {
      if (this.#hasKey(link - 1, key)) return link - 1
    }
    return this.#add(key, bucket)
  }

  /** The words of a row's key, `length` of FlowKey; copied into `key`. */
  readKey(row: number, key: FlowKey): void {
    const at = row * KEY_WORDS_MAX
    key.length = this.#keyLength(row)
    for (let i = 0; i < key.length; i++) key.words[i] = this.#keys[at + i]!
  }

  /** Calls `visit(row)` for every live flow, in the order of rows; `visit` may release that row. */
  each(visit: (row: number) => void): void {
    for (let row = 0; row < this.#used; row++) if (this.#live[row] === 1) visit(row)
  }

  /** Gives a live row back. Its columns keep their values until the row is taken again. */
  release(row: number): void {
    const at = row * KEY_WORDS_MAX
    const bucket = this.#hash(this.#keys, at, this.#keyLength(row)) & this.#mask
    let previous = 0
    for (let link = this.#buckets[bucket]!; link !== row + 1; link = this.#next[link - 1]!) previous = link
    if (previous === 0) this.#buckets[bucket] = this.#next[row]!
    else this.#next[previous - 1] = this.#next[row]!
    this.#next[row] = this.#free
    this.#free = row + 1
    this.#live[row] = 0
    this.size--
  }

  #add(key: FlowKey, bucket: number): number {
    let row: number
    if (this.#free !== 0) {
      row = this.#free - 1
      this.#free = this.#next[row]!
    } else if (this.#used < this.capacity) {
      row = this.#used++
    } else {
      return FULL
    }
    this.#next[row] = this.#buckets[bucket]!
    this.#buckets[bucket] = row + 1
    const at = row * KEY_WORDS_MAX
    for (let i = 0; i < key.length; i++) this.#keys[at + i] = key.words[i]!
    // the last word tells how many there are, so it has a fixed place, too
    this.#keys[at + KEY_WORDS_MAX - 1] = key.words[key.length - 1]!
    this.#live[row] = 1
    this.packetsOut[row] = 0
    this.packetsIn[row] = 0
    this.bytesOut[row] = 0
    this.bytesIn[row] = 0
    this.state[row] = 0
    this.tcpFlags[row] = 0
    this.clientMac[row] = 0
    this.serverMac[row] = 0
    this.vlans[row] = 0
    this.size++
    this.isNew = true
    return row
  }

  #keyLength(row: number): number {
    return this.#keys[row * KEY_WORDS_MAX + KEY_WORDS_MAX - 1]! >> 8 === 4 ? 4 : KEY_WORDS_MAX
  }

  #hasKey(row: number, key: FlowKey): boolean {
    const at = row * KEY_WORDS_MAX
    const { words, length } = key
    // IPv6 keys are longer: the fourth word of one may equal any of IPv4's, so the kind is compared first
    if (this.#keys[at + KEY_WORDS_MAX - 1] !== words[length - 1]) return false
    for (let i = 0; i < length - 1; i++) if (this.#keys[at + i] !== words[i]) return false
    return true
  }

  #hash(words: Int32Array, at: number, length: number): number {
    let h = this.#seed
    for (let i = 0; i < length; i++) {
      h = Math.imul(h ^ words[at + i]!, 0x85ebca6b)
      h ^= h >>> 15
    }
    return h
  }
}
