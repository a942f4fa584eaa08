import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flowId } from '../../src/flow/flow-id.ts'
import { fuzz } from '../support/random.ts'

const text = fc.uint8Array({ maxLength: 40 }).map((bytes) => `1:${createHash('sha1').update(bytes).digest('base64')}`)
const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

test('flow id: the first 48 bits of the hash, with the time laid over them', () => {
  // of the specification: 128.232.110.120:34855 to 66.35.250.204:80 over TCP
  expect(flowId('1:LQU9qZlK+B5F3KDmev6m5PMibrg=', 0)).toBe(0x2d053da9994a)
  expect(flowId('1:LQU9qZlK+B5F3KDmev6m5PMibrg=', 0xff_0000_00ff)).toBe(0x2dfa3da999b5)
  fc.assert(
    fc.property(text, time, (communityId, startUs) => {
      const hash = Buffer.from(communityId.slice(2), 'base64')
      const want = (BigInt(hash.readUIntBE(0, 6)) ^ BigInt(startUs)) & 0xffff_ffff_ffffn
      expect(flowId(communityId, startUs)).toBe(Number(want))
    }),
    fuzz(100),
  )
})

test('flow id: the same ports at another time are another flow', () => {
  fc.assert(
    fc.property(text, time, time, (communityId, one, other) => {
      fc.pre(one % 2 ** 48 !== other % 2 ** 48)
      expect(flowId(communityId, one)).not.toBe(flowId(communityId, other))
    }),
    fuzz(100),
  )
})
