/** Who goes on with what exemptions that were added or ended do to stored alerts; see store/reviews.ts. */

import { setTimeout as pause } from 'node:timers/promises'
import { coverTest } from '../detect/exemption.ts'
import { StoreError } from '../store/errors.ts'
import type { Store } from '../store/store.ts'

/** Longer than a process that waits for the database sleeps before it asks again, while it has waited less than 150 ms. */
const TURN_OF_OTHERS_MS = 60
/** A process that has other things to do gives a fifth of its time to it. */
const OTHERS_TO_OURS = 4
const LOOK_MS = 1000

/** Goes on to the end; returns how many alerts became exempt or new. Between two portions others may write. Throws StoreError. */
export async function finishReviews(store: Store): Promise<number> {
  let changed = 0
  while (store.isReviewing()) {
    await pause(TURN_OF_OTHERS_MS)
    changed += store.goOnReviewing(coverTest)
  }
  return changed
}

/** Goes on beside everything else until the returned function is called. @param onDone is called when nothing is left */
export function keepReviewing(store: Store, onDone: () => void): () => void {
  let timer = setTimeout(look, LOOK_MS)
  let isAtWork = false
  function look(): void {
    let waitMs = LOOK_MS
    try {
      const beganMs = performance.now()
      const isLeft = store.isReviewing()
      if (isLeft) {
        store.goOnReviewing(coverTest)
        waitMs = Math.max(TURN_OF_OTHERS_MS, OTHERS_TO_OURS * (performance.now() - beganMs))
      } else if (isAtWork) onDone()
      isAtWork = isLeft
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      // it is tried again; that the database cannot be used is told by those who have to
    }
    timer = setTimeout(look, waitMs)
  }
  return () => clearTimeout(timer)
}
