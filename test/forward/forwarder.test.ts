/** Forwarding from the database: each alert arrives at least once, in order, whatever the receiver and the database do. */

import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { carrierOf } from '../../src/forward/carrier.ts'
import { readDestination } from '../../src/forward/destination.ts'
import { Forwarder, type ForwarderOptions } from '../../src/forward/forwarder.ts'
import { type Deliver, DeliveryError, type DeliveryFailure } from '../../src/outputs/transport/delivery.ts'
import { StoreError } from '../../src/store/errors.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { idOf, receiver } from '../support/receiver.ts'

const TIMES = { lookMs: 5, pauseMsMin: 2, pauseMsMax: 20, silenceMs: 30, graceMs: 50 }
const DELIVERY = { connectMs: 1000, idleMs: 500, settleMs: 10, closeMs: 300 }

function filled(count: number, path = ':memory:'): Store {
  const store = openStore(path)
  onTestFinished(() => store.close())
  if (count > 0) store.write(batchOf(...ids(count).map((id) => makeAlert(id))))
  return store
}

function ids(count: number, start = 0): string[] {
  return Array.from({ length: count }, (_, i) => `a${String(start + i).padStart(5, '0')}`)
}

interface Trial {
  forwarder: Forwarder
  /** Ids that arrived, as often as they did. */
  heard: string[]
  said: string[]
  /** How large the portions were. */
  portions: number[]
}

/** A forwarder to a made-up receiver. @param answer how a delivery of these ids ends; null when it arrives */
function trial(
  store: Store,
  answer: (ids: string[], silenceMs: number) => DeliveryFailure | null = () => null,
  options: Partial<ForwarderOptions> = {},
): Trial {
  const destination = readDestination('syslog+tcp://siem?name=siem')
  store.outgoing.begin(destination, true)
  const heard: string[] = []
  const said: string[] = []
  const portions: number[] = []
  const deliver: Deliver = async (messages, { silenceMs }) => {
    const these = messages.map((message) => idOf(message.toString()))
    portions.push(these.length)
    const failure = answer(these, silenceMs)
    if (failure !== 'unreachable') heard.push(...these)
    if (failure !== null) throw new DeliveryError(failure, `it was ${failure}`)
  }
  const forwarder = new Forwarder({
    destination,
    queue: store.outgoing,
    dataVersion: () => store.dataVersion(),
    deliver,
    product: { version: '0' },
    say: (level, text) => said.push(`${level} ${text}`),
    times: TIMES,
    ...options,
  })
  return { forwarder, heard, said, portions }
}

const never = new AbortController().signal

function state(store: Store) {
  return store.outgoing.states()[0]!
}

describe('what is outstanding', () => {
  test('is sent in order, in portions, each once', async () => {
    const store = filled(1234)
    const { forwarder, heard, portions } = trial(store)
    expect(await forwarder.sendAll(never)).toBe(true)
    expect(heard).toEqual(ids(1234))
    expect(portions).toEqual([500, 500, 234])
    expect(state(store)).toMatchObject({ outstanding: 0, sent: 1234, doubtful: 0, reason: '' })
    expect(await forwarder.sendAll(never)).toBe(true)
    expect(heard).toHaveLength(1234)
  })

  test('is nothing in an empty database', async () => {
    const { forwarder, portions } = trial(filled(0))
    expect(await forwarder.sendAll(never)).toBe(true)
    expect(portions).toEqual([])
  })

  test('is in memory in pieces of some megabytes, however long messages may be', async () => {
    const store = filled(0)
    const alerts = ids(100).map((id) => makeAlert(id, { title: 'x'.repeat(200_000) }))
    store.write(batchOf(...alerts))
    const destination = readDestination('syslog+tcp://siem?name=siem&max-bytes=1000000')
    const { forwarder, portions } = trial(store, () => null, { destination })
    expect(await forwarder.sendAll(never)).toBe(true)
    expect(Math.max(...portions)).toBeLessThan(22)
    expect(portions.reduce((a, b) => a + b)).toBe(100)
  })

  test('stays outstanding when nobody listens; it is said, and is on record', async () => {
    const store = filled(3)
    const { forwarder, heard, said } = trial(store, () => 'unreachable')
    expect(await forwarder.sendAll(never)).toBe(false)
    expect(heard).toEqual([])
    expect(said).toEqual(['error siem: alerts wait: it was unreachable; it is tried again'])
    expect(state(store)).toMatchObject({ outstanding: 3, sent: 0, reason: 'it was unreachable' })
  })

  test('is all sent after a while of failures, none is left out, and little comes twice', async () => {
    const store = filled(800)
    let failures = 5
    const { forwarder, heard, portions, said } = trial(store, () => (failures-- > 0 ? 'broken' : null))
    expect(await forwarder.sendAll(never)).toBe(true)
    expect([...new Set(heard)]).toEqual(ids(800))
    expect(portions.slice(0, 9)).toEqual([500, 1, 1, 1, 1, 1, 4, 16, 64])
    expect(said.at(-1)).toBe('info siem: takes alerts again')
    expect(state(store)).toMatchObject({ sent: 800, failing_us: null, reason: '' })
  })

  test('is sent again when it arrived and the next process does not know', async () => {
    const store = filled(3)
    const queue = {
      mark: (name: string) => store.outgoing.mark(name),
      portion: (after: number, limit: number) => store.outgoing.portion(after, limit),
      failed: () => {},
      arrived: () => {
        throw new StoreError('the disk is full')
      },
    }
    const { forwarder, heard } = trial(store, () => null, { queue })
    await expect(forwarder.sendAll(never)).rejects.toThrow('the disk is full')
    await expect(forwarder.sendAll(never), 'marked first, and not sent again').rejects.toThrow('the disk is full')
    expect(heard).toEqual(ids(3))
    const next = trial(store)
    expect(await next.forwarder.sendAll(never)).toBe(true)
    expect(next.heard).toEqual(ids(3))
  })

  test('an alert that is too long for a message is said, once', async () => {
    const store = filled(0)
    store.write(batchOf(...ids(3).map((id) => makeAlert(id, { reasons: ['x'.repeat(20_000)] }))))
    const { forwarder, said } = trial(store)
    await forwarder.sendAll(never)
    expect(said).toEqual([expect.stringMatching(/^warn siem: alert a00000 does not fit into 8192 bytes/)])
  })
})

describe('a receiver that closes on each message', () => {
  test('gets all of them, because it keeps silent connections', async () => {
    const store = filled(5)
    const silences: number[] = []
    const { forwarder, heard, said } = trial(store, (_, silenceMs) => {
      silences.push(silenceMs)
      return 'answered'
    })
    expect(await forwarder.sendAll(never)).toBe(true)
    expect([...new Set(heard)]).toEqual(ids(5))
    expect(silences).toEqual([0, 30, 30, 30, 30, 30, 30])
    expect(state(store)).toMatchObject({ outstanding: 0, sent: 5, doubtful: 5 })
    expect(said.filter((line) => line.startsWith('warn'))).toEqual([expect.stringContaining('Alerts go one by one')])
  })

  test('is a receiver like others when it keeps them again', async () => {
    const store = filled(40)
    let count = 0
    const silences: number[] = []
    const { forwarder, portions } = trial(store, (_, silenceMs) => {
      silences.push(silenceMs)
      return count++ < 8 ? 'answered' : null
    })
    expect(await forwarder.sendAll(never)).toBe(true)
    expect(portions.slice(-4)).toEqual([1, 4, 16, 13])
    expect(state(store)).toMatchObject({ outstanding: 0, sent: 40, doubtful: 6 })
    store.write(batchOf(makeAlert('b')))
    await forwarder.sendAll(never)
    expect(silences.at(-1)).toBe(0)
  })

  test('is not one that closes all connections, as something in front of a SIEM that is down: nothing is given up', async () => {
    const store = filled(5)
    const { forwarder } = trial(store, (_, silenceMs) => (silenceMs > 0 ? 'unreachable' : 'answered'))
    expect(await forwarder.sendAll(never)).toBe(false)
    expect(state(store)).toMatchObject({ outstanding: 5, sent: 0, doubtful: 0 })
  })
})

describe('what comes', () => {
  test('is sent as it comes, also what another process writes, until it is told to end', async () => {
    const path = join(temporaryFolder(), 'a.db')
    const store = filled(2, path)
    const stop = new AbortController()
    const { forwarder, heard } = trial(store)
    const following = forwarder.follow(stop.signal)
    await expect.poll(() => heard).toEqual(ids(2))
    const other = filled(0, path)
    other.write(batchOf(makeAlert('b')))
    await expect.poll(() => heard).toEqual([...ids(2), 'b'])
    stop.abort()
    await following
  })

  test('that is under way when it is told to end has some time to arrive', async () => {
    const stop = new AbortController()
    const store = filled(1)
    let isArriving = false
    const deliver: Deliver = async (_, { signal }) => {
      isArriving = true
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (signal.aborted) throw new DeliveryError('broken', 'too late')
    }
    const { forwarder } = trial(store, () => null, { deliver })
    const following = forwarder.follow(stop.signal)
    await expect.poll(() => isArriving, { interval: 1 }).toBe(true)
    stop.abort()
    await following
    expect(state(store)).toMatchObject({ sent: 1, outstanding: 0 })
  })

  test('and not more than that', async () => {
    const stop = new AbortController()
    const store = filled(1)
    const deliver: Deliver = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new DeliveryError('answered', 'it was told to end')))
        stop.abort()
      })
    const { forwarder, said } = trial(store, () => null, { deliver })
    await forwarder.follow(stop.signal)
    expect([said, state(store).outstanding]).toEqual([[], 1])
  })

  test('waits while the database cannot be read, and is said once', async () => {
    const store = filled(2)
    let isBroken = true
    const dataVersion = (): number => {
      if (isBroken) throw new StoreError('it is locked')
      return store.dataVersion()
    }
    const stop = new AbortController()
    const { forwarder, heard, said } = trial(store, () => null, { dataVersion })
    const following = forwarder.follow(stop.signal)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([heard, said]).toEqual([[], ['error siem: alerts wait: it is locked; it is tried again']])
    isBroken = false
    await expect.poll(() => heard).toEqual(ids(2))
    stop.abort()
    await following
  })

  test('a failure of ours is not taken for one of the receiver', async () => {
    const deliver = (): Promise<void> => Promise.reject(new TypeError('a bug'))
    const { forwarder } = trial(filled(1), () => null, { deliver })
    await expect(forwarder.follow(never)).rejects.toThrow('a bug')
  })
})

describe('over TCP', () => {
  /** Forwards all of `store` to a port. */
  async function sent(store: Store, port: number, tries = 1): Promise<boolean> {
    const destination = readDestination(`syslog+tcp://127.0.0.1:${port}?name=siem`)
    const { forwarder } = trial(store, () => null, { destination, deliver: carrierOf(destination, DELIVERY) })
    for (let i = 1; ; i++) if ((await forwarder.sendAll(never)) || i === tries) return state(store).outstanding === 0
  }

  test('a receiver that is down, comes back, breaks off in the middle three times and is up then', async () => {
    const store = filled(1000)
    const { port, close } = await receiver()
    await close()
    expect(await sent(store, port)).toBe(false)
    let breaks = 3
    const up = await receiver({
      port,
      onData: (socket, text) => {
        if (breaks > 0 && text.length > 2000) {
          breaks--
          socket.resetAndDestroy()
        }
      },
    })
    expect(await sent(store, port)).toBe(true)
    const heard = up.messages().map(idOf)
    expect([...new Set(heard)]).toEqual(ids(1000))
    expect(heard.length - 1000, 'what one read of the receiver took before it broke off').toBeLessThan(200)
  })

  test('a receiver that resets after each message gets each, in order', async () => {
    const store = filled(6)
    const { port, messages } = await receiver({ onData: (socket) => socket.resetAndDestroy() })
    expect(await sent(store, port)).toBe(true)
    expect([...new Set(messages().map(idOf))]).toEqual(ids(6))
    expect(state(store)).toMatchObject({ sent: 6, doubtful: 6 })
  })

  test('one that never reads is not taken for one that does', async () => {
    const store = filled(6)
    const { port } = await receiver({ isReading: false })
    expect(await sent(store, port)).toBe(false)
    expect(state(store).reason).toMatch(/^the receiver does not close the connection after us/)
  })
})
