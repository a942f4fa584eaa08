/** A feed that is stopped: of a child that does not say what it leaves unread, everything is read first, or that is known. */

import { describe, expect, test } from 'vitest'
import type { Adapter } from '../../src/capture/live/adapter.ts'
import { dumpcap } from '../../src/capture/live/dumpcap.ts'
import { Feed } from '../../src/capture/live/feed.ts'

/** A child that writes a packet every 10 ms, stamped `behindMs` before now, until it is told to end. */
function child(behindMs: number): string {
  return `
    const head = Buffer.alloc(24)
    head.writeUInt32LE(0xa1b2c3d4, 0); head.writeUInt16LE(2, 4); head.writeUInt16LE(4, 6)
    head.writeUInt32LE(65535, 16); head.writeUInt32LE(1, 20)
    process.stdout.write(head)
    setInterval(() => {
      const record = Buffer.alloc(16 + 60)
      const ms = Date.now() - ${behindMs}
      record.writeUInt32LE(Math.floor(ms / 1000), 0); record.writeUInt32LE((ms % 1000) * 1000, 4)
      record.writeUInt32LE(60, 8); record.writeUInt32LE(60, 12)
      process.stdout.write(record)
    }, 10)
    process.on('SIGINT', () => process.exit(0))`
}

async function stopped(behindMs: number, tellsUnread: boolean): Promise<{ feed: Feed; ms: number }> {
  const command = () => ({ file: process.execPath, args: ['-e', child(behindMs)] })
  const adapter: Adapter = { ...dumpcap, tellsUnread, command }
  const feed = new Feed(
    adapter,
    { device: 'test', filter: '', ringMiB: 1 },
    { onBlock: async () => {}, onGap: () => {}, onReady: () => {} },
  )
  expect(await feed.start()).toBeNull()
  feed.begin()
  await new Promise((resolve) => setTimeout(resolve, 300))
  const beganMs = performance.now()
  await feed.stop(1500)
  return { feed, ms: performance.now() - beganMs }
}

describe('stopping', () => {
  test('is short where the packets are of now', async () => {
    const { feed, ms } = await stopped(0, false)
    expect(feed.isUnread).toBe(false)
    expect(ms).toBeLessThan(850)
  })

  test('waits for what came before, which is soon here', async () => {
    const { feed, ms } = await stopped(400, false)
    expect(feed.isUnread).toBe(false)
    expect(ms).toBeGreaterThan(380)
  })

  test('gives up in time where the child is far behind, and knows it', async () => {
    const { feed, ms } = await stopped(60_000, false)
    expect(feed.isUnread).toBe(true)
    expect(feed.behindUs).toBeGreaterThan(59e6)
    expect(ms).toBeLessThan(2500)
  })

  test('does not wait for a child that says itself what it left', async () => {
    const { feed, ms } = await stopped(60_000, true)
    expect(feed.isUnread).toBe(false)
    expect(ms).toBeLessThan(850)
  })
})
