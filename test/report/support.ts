/** A report for tests: of the whole database, in UTC, as of the next day, with no rules in place. */

import { makeReport, type ReportOptions } from '../../src/report/model.ts'
import type { Report } from '../../src/report/report.ts'
import { Zone } from '../../src/report/zone.ts'
import type { Store } from '../../src/store/store.ts'
import { NINE_O_CLOCK } from '../support/alerts.ts'

export function reportOf(store: Store, changes: Partial<ReportOptions> = {}): Report {
  return makeReport(store, {
    fromUs: null,
    toUs: null,
    zone: new Zone('UTC'),
    title: '',
    seekwatch: '1.2.3',
    madeUs: NINE_O_CLOCK + 86_400e6,
    rules: { packs: [], services: [], cited: new Set(), policies: [] },
    rowsMax: 10_000,
    ...changes,
  })
}
