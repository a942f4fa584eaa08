/**
 * The exemptions in force, for whoever judges alerts as they come. Read again
 * when the database changed, by whatever process: so a running sensor obeys a
 * new exemption from its next batch on, and an ended one no longer.
 */

import type { CoverTest, CoverTestMaker } from '../events/exemption.ts'
import type { Store } from './store.ts'

export class ExemptionList {
  readonly #store: Store
  readonly #make: CoverTestMaker
  #mark = -1
  #test: CoverTest = () => null

  /** @param make what turns exemptions into a test: `coverTest` of the detector */
  constructor(store: Store, make: CoverTestMaker) {
    this.#store = store
    this.#make = make
  }

  /** The exemption that covers an alert, as of now. Throws StoreError when the database cannot be read. */
  readonly covering: CoverTest = (alert) => {
    const mark = this.#store.auditMark()
    if (mark !== this.#mark) {
      this.#test = this.#make(this.#store.exemptions())
      this.#mark = mark
    }
    return this.#test(alert)
  }
}
