/** The live connection: what it does when the server goes away, stays away, or talks nonsense. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectLive, type LiveSocket, pauseSeconds } from '../../dashboard/src/live.ts'
import type { LiveMessage } from '../../src/events/api.ts'

class TestSocket implements LiveSocket {
  onmessage: LiveSocket['onmessage'] = null
  onclose: LiveSocket['onclose'] = null
  isClosed = false
  close(): void {
    this.isClosed = true
    this.onclose?.()
  }
}

const HELLO = '{"type":"hello","version":"1"}'

let sockets: TestSocket[] = []
let messages: LiveMessage[] = []
let pauses: number[] = []

function connect(): () => void {
  return connectLive(
    () => {
      const socket = new TestSocket()
      sockets.push(socket)
      return socket
    },
    { message: (message) => messages.push(message), lost: (seconds) => pauses.push(seconds) },
  )
}

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  messages = []
  pauses = []
})
afterEach(() => {
  vi.useRealTimers()
})

describe('connectLive', () => {
  test('tries again with a pause that grows to 30 seconds', () => {
    connect()
    for (let i = 0; i < 8; i++) {
      sockets.at(-1)!.onclose!()
      vi.advanceTimersByTime(pauses.at(-1)! * 1000 - 1)
      expect(sockets).toHaveLength(i + 1)
      vi.advanceTimersByTime(1)
      expect(sockets).toHaveLength(i + 2)
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
  })

  test('a connection that brought something starts the pauses anew', () => {
    connect()
    sockets[0]!.onclose!()
    vi.advanceTimersByTime(1000)
    sockets[1]!.onclose!()
    vi.advanceTimersByTime(2000)
    sockets[2]!.onmessage!({ data: HELLO })
    sockets[2]!.onclose!()
    expect(pauses).toEqual([1, 2, 1])
  })

  test('a connection that opens and brings nothing does not', () => {
    connect()
    sockets[0]!.onmessage!({ data: 'not JSON' })
    sockets[0]!.onclose!()
    vi.advanceTimersByTime(1000)
    sockets[1]!.onmessage!({ data: '[1]' })
    sockets[1]!.onclose!()
    expect(pauses).toEqual([1, 2])
  })

  test.each<[story: string, data: unknown]>([
    ['not JSON', '{"type":'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['no type', '{"alerts":[]}'],
    ['bytes', new ArrayBuffer(8)],
    ['nothing', ''],
  ])('%s is not a message', (_story, data) => {
    connect()
    sockets[0]!.onmessage!({ data })
    expect(messages).toEqual([])
  })

  test('messages come through in order', () => {
    connect()
    sockets[0]!.onmessage!({ data: HELLO })
    sockets[0]!.onmessage!({ data: '{"type":"reload"}' })
    expect(messages).toEqual([{ type: 'hello', version: '1' }, { type: 'reload' }])
  })

  test('ended while connected: closed, and no new try', () => {
    const end = connect()
    end()
    vi.advanceTimersByTime(100_000)
    expect(sockets).toHaveLength(1)
    expect(sockets[0]!.isClosed).toBe(true)
    expect(pauses).toEqual([])
  })

  test('ended while waiting: no new try', () => {
    const end = connect()
    sockets[0]!.onclose!()
    end()
    vi.advanceTimersByTime(100_000)
    expect(sockets).toHaveLength(1)
  })
})

test('the pause is bounded after any number of losses', () => {
  expect(pauseSeconds(0)).toBe(1)
  expect(pauseSeconds(1_000_000)).toBe(30)
})
