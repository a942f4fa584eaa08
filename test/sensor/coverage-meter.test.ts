/** Whose share what grew is, and of which hour: against a model that looks at the counters around each push. */

import { describe, expect, test } from 'vitest'
import { NOT_IP, REASON_NAMES } from '../../src/packet/reason.ts'
import { Coverage } from '../../src/sensor/coverage.ts'
import { CoverageMeter } from '../../src/sensor/coverage-meter.ts'
import { random } from '../support/random.ts'

const HOUR_US = 3600e6
const NOBODY = ''

describe('what grew', () => {
  test.each([1, 2, 3, 4, 5])('is the share of whose turn it was (seed %i)', (seed) => {
    const next = random(seed)
    const coverage = new Coverage()
    const meter = new CoverageMeter(coverage)
    const shares = new Map<string, { packets: number; notIp: number }>()
    const stored = new Map<string, { packets: number; notIp: number }>()
    const store = () => {
      for (const { interface: device, hourUs, counts, notDecoded } of meter.waiting) {
        const share = stored.get(`${device} ${hourUs}`) ?? { packets: 0, notIp: 0 }
        share.packets += counts.packets
        share.notIp += notDecoded[REASON_NAMES[-NOT_IP]!] ?? 0
        stored.set(`${device} ${hourUs}`, share)
      }
      meter.forget()
    }
    for (let i = 0; i < 2000; i++) {
      const device = [NOBODY, 'eth0', 'eth1', 'eth1', 'eth1'][next(5)]!
      const hour = i >> 8
      if (device === NOBODY) meter.turnAway()
      else meter.turnTo(device, hour * HOUR_US + next(HOUR_US))
      const packets = next(100)
      const notIp = next(3)
      coverage.packets += packets
      coverage.notDecoded[-NOT_IP]! += notIp
      if (device !== NOBODY) {
        const key = `${device} ${hour * HOUR_US}`
        const share = shares.get(key) ?? { packets: 0, notIp: 0 }
        shares.set(key, { packets: share.packets + packets, notIp: share.notIp + notIp })
      }
      if (next(50) === 0) store()
    }
    store()
    expect(stored).toEqual(shares)
  })

  test('is given up for the oldest hours when too many wait', () => {
    const meter = new CoverageMeter(new Coverage())
    for (let hour = 0; hour < 1003; hour++) meter.turnTo('eth0', hour * HOUR_US)
    expect([meter.lost, meter.waiting.length, meter.waiting[0]!.hourUs]).toEqual([3, 1000, 3 * HOUR_US])
  })
})
