/**
 * Counts all that JavaScript code allocates, also what is garbage at once.
 *
 * Between two collections V8's heap only grows, so what was allocated is the
 * sum of "used when this collection began" - "used when the one before ended".
 * V8 hands out both figures for each collection (`v8.GCProfiler`).
 *
 * Bytes behind Buffers lie outside of the heap and are given back at any time
 * after a collection. For them the counter adds up the growth from one `look`
 * to the next, so the figure is a lower bound: the more looks, the closer.
 *
 * It sees the thread it runs in, no other, and not what native code takes for
 * itself. Objects that the optimising compiler dissolved into registers were
 * never allocated, and are not counted.
 */

import { GCProfiler, getHeapStatistics } from 'node:v8'

export interface Allocated {
  /** Bytes on V8's heap. */
  heap: number
  /** Bytes of Buffers and the like; at least so many. */
  external: number
  collections: number
}

/** Counts from its construction until `stop`. */
export class AllocationCounter {
  readonly #profiler = new GCProfiler()
  readonly #heapAtStart: number
  #externalBefore: number
  #external = 0

  constructor() {
    this.#profiler.start()
    const { used_heap_size, external_memory } = getHeapStatistics()
    this.#heapAtStart = used_heap_size
    this.#externalBefore = external_memory
  }

  /** Notes how much external memory is in use. Itself allocates about 300 bytes. */
  look(): void {
    const { external_memory } = getHeapStatistics()
    this.#external += Math.max(0, external_memory - this.#externalBefore)
    this.#externalBefore = external_memory
  }

  stop(): Allocated {
    this.look()
    const heapAtEnd = getHeapStatistics().used_heap_size
    const { statistics } = this.#profiler.stop()
    let heap = 0
    let before = this.#heapAtStart
    for (const { beforeGC, afterGC } of statistics) {
      heap += beforeGC.heapStatistics.usedHeapSize - before
      before = afterGC.heapStatistics.usedHeapSize
    }
    return { heap: heap + heapAtEnd - before, external: this.#external, collections: statistics.length }
  }
}
