import { createServer, type Server as HttpServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { LiveMessage } from '../../src/events/api.ts'
import type { Progress } from '../../src/events/batch.ts'
import { followDatabase } from '../../src/server/follow.ts'
import { Live } from '../../src/server/live.ts'
import { StoreError } from '../../src/store/errors.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ask, testServer } from './support.ts'

const EVERY_MS = 100

const PROGRESS: Progress = {
  file: 'a.pcap',
  files_done: 0,
  files: 1,
  bytes_done: 0,
  bytes: 10,
  packets: 0,
  alerts: 0,
  done: false,
}

interface Page {
  socket: WebSocket
  messages: LiveMessage[]
  times: number[]
  /** Waits until `count` messages came. */
  got(count: number): Promise<LiveMessage[]>
}

async function startLive(pace: { everyMs?: number } = { everyMs: EVERY_MS }): Promise<{
  live: Live
  url: string
  http: HttpServer
}> {
  const live = new Live({ version: '1.2.3', isAllowedHost: () => true, ...pace })
  const http = createServer()
  live.attach(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await live.close()
    http.close()
  })
  return { live, http, url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/api/live` }
}

async function openPage(url: string, headers: Record<string, string> = {}): Promise<Page> {
  const socket = new WebSocket(url, { headers })
  const page: Page = {
    socket,
    messages: [],
    times: [],
    got: (count) => until(() => page.messages.length >= count, page),
  }
  socket.on('message', (data) => {
    page.messages.push(JSON.parse(String(data)))
    page.times.push(performance.now())
  })
  onTestFinished(() => socket.terminate())
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  await page.got(1)
  return page
}

async function until(isDone: () => boolean, page?: Page): Promise<LiveMessage[]> {
  const end = performance.now() + 5000
  while (!isDone()) {
    if (performance.now() > end) throw new Error('it did not happen within 5 seconds')
    await pause(2)
  }
  return page?.messages ?? []
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const some = (count: number, from = 0) => Array.from({ length: count }, (_, i) => makeAlert(`a${from + i}`))

describe('the live channel', () => {
  test('says hello, then the first news at once and the rest together, later', async () => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    const began = performance.now()
    live.alerts(some(1))
    for (let i = 1; i < 50; i++) live.alerts(some(1, i))
    const messages = await page.got(3)
    expect(messages[0]).toEqual({ type: 'hello', version: '1.2.3' })
    expect(messages[1]).toEqual({ type: 'alerts', alerts: some(1) })
    expect(messages[2]).toMatchObject({ type: 'alerts', alerts: some(49, 1) })
    expect(page.times[2]! - began).toBeGreaterThan(EVERY_MS * 0.9)
    await pause(3 * EVERY_MS)
    expect(page.messages).toHaveLength(3)
  })

  test('as the program sets it, an alert does not wait a second for the one before, and asking again is rarer', async () => {
    const { live, url } = await startLive({})
    const page = await openPage(url)
    live.alerts(some(1))
    live.alerts(some(1, 1))
    await page.got(3)
    expect(page.times[2]! - page.times[1]!).toBeLessThan(900)
    live.reload()
    live.reload()
    await page.got(5)
    expect(page.times[4]! - page.times[3]!).toBeGreaterThan(900)
  })

  test('never sends more than one message of a kind in a while', async () => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    const end = performance.now() + 5 * EVERY_MS
    for (let i = 0; performance.now() < end; i++) {
      live.alerts(some(1, i))
      live.progress({ ...PROGRESS, packets: i })
      await pause(3)
    }
    await pause(2 * EVERY_MS)
    for (const type of ['alerts', 'progress']) {
      const times = page.times.filter((_, i) => page.messages[i]!.type === type)
      expect(times.length).toBeGreaterThan(2)
      expect(times.length).toBeLessThan(9)
    }
  })

  test('tells the newest progress, not the ones between', async () => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    for (let packets = 0; packets < 10; packets++) live.progress({ ...PROGRESS, packets })
    const messages = await page.got(3)
    expect(messages.slice(1)).toEqual([
      { type: 'progress', progress: { ...PROGRESS, packets: 0 } },
      { type: 'progress', progress: { ...PROGRESS, packets: 9 } },
    ])
  })

  test.each([
    ['201 at once', [some(201)]],
    ['201 while waiting', [some(100), some(101, 100)]],
  ])('%s: the page asks again instead', async (_, batches) => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    live.alerts(some(1))
    for (const batch of batches) live.alerts(batch)
    expect((await page.got(3))[2]).toEqual({ type: 'reload' })
    live.alerts(some(2))
    expect((await page.got(4))[3]).toMatchObject({ type: 'alerts', alerts: some(2) })
  })

  test('200 are told', async () => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    live.alerts(some(200))
    expect((await page.got(2))[1]).toMatchObject({ type: 'alerts', alerts: { length: 200 } })
  })

  test('alerts that are too large for a message are not sent', async () => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    live.alerts([makeAlert('a', { title: 'x'.repeat(2 ** 20) })])
    expect((await page.got(2))[1]).toEqual({ type: 'reload' })
  })

  test('a page that does not read is dropped and counted; the others are served', async () => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    const deaf = await deafClient(url)
    await until(() => live.clients === 2)
    const big = [makeAlert('a', { title: 'x'.repeat(900_000) })]
    const closed = new Promise((resolve) => deaf.once('close', resolve))
    while (live.dropped === 0) {
      const { length } = page.messages
      live.alerts(big)
      await page.got(length + 1) // the page that reads keeps up, however slow the machine is
    }
    expect(live.dropped).toBe(1)
    deaf.resume()
    await closed
    const before = page.messages.length
    live.alerts(some(1))
    await page.got(before + 1)
  })

  test('what a page says is ignored, unless it is long: then the page goes', async () => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    page.socket.send('{"type":"delete everything"}')
    page.socket.send(Buffer.alloc(1024))
    live.alerts(some(1))
    await page.got(2)
    const code = new Promise((resolve) => page.socket.once('close', resolve))
    page.socket.send(Buffer.alloc(1025))
    expect([1006, 1009]).toContain(await code)
    await until(() => live.clients === 0)
  })

  test('no more than 100 pages', async () => {
    const { live, url } = await startLive()
    for (let i = 0; i < 100; i++) await openPage(url)
    await expect(openPage(url)).rejects.toThrow('503')
    expect(live.clients).toBe(100)
  })

  test('close says goodbye, also to those who do not answer', async () => {
    const { live, url } = await startLive()
    const page = await openPage(url)
    const deaf = await deafClient(url)
    const code = new Promise((resolve) => page.socket.once('close', resolve))
    const gone = new Promise((resolve) => deaf.once('close', resolve))
    deaf.resume()
    const began = performance.now()
    await live.close()
    expect(performance.now() - began).toBeLessThan(1000)
    expect(await code).toBe(1001)
    await gone
  })
})

describe('who may open it', () => {
  test.each<[name: string, headers: Record<string, string>, refusal: string | null]>([
    ['a program without an origin', {}, null],
    ['another name in Host', { host: 'attacker.example' }, '421'],
    ['another name in Host and the same as origin', { host: 'a.example', origin: 'http://a.example' }, '421'],
    ['the page of another site', { origin: 'https://attacker.example' }, '403'],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, '403'],
    ['a sandboxed frame', { origin: 'null' }, '403'],
    ['an origin that is none', { origin: 'http://' }, '403'],
  ])('%s', async (_, headers, refusal) => {
    const { server } = await testServer()
    const url = `${server.url.replace('http', 'ws')}api/live`
    if (refusal === null) await openPage(url, headers)
    else await expect(openPage(url, headers)).rejects.toThrow(refusal)
  })

  test('the page itself', async () => {
    const { server, store } = await testServer()
    const page = await openPage(`${server.url.replace('http', 'ws')}api/live`, { origin: new URL(server.url).origin })
    const { added } = store.write(batchOf(makeAlert('a')))
    server.publish.alerts(added)
    expect((await page.got(2))[1]).toEqual({ type: 'alerts', alerts: added })
    expect(JSON.parse((await ask(server, '/healthz')).body).live_clients).toBe(1)
  })

  test('not at another path', async () => {
    const { server } = await testServer()
    await expect(openPage(`${server.url.replace('http', 'ws')}api/other`)).rejects.toThrow('404')
  })
})

describe('what another process writes', () => {
  test('reaches the page: new alerts as they are, the rest as reload', async () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const writer = openStore(path)
    writer.write(batchOf(makeAlert('old')))
    const reader = openStore(path, { readonly: true })
    const { server } = await testServer({ store: reader })
    const unfollow = followDatabase(reader, server.publish, (error) => {
      throw error
    })
    onTestFinished(() => {
      unfollow()
      writer.close()
    })
    const page = await openPage(`${server.url.replace('http', 'ws')}api/live`)
    const { added } = writer.write(batchOf(makeAlert('new', { minute: 99 })))
    expect((await page.got(2))[1]).toEqual({ type: 'alerts', alerts: added })
    writer.write(batchOf(makeAlert('new', { minute: 99, bytes_in: 1e9 })))
    expect((await page.got(3))[2]).toEqual({ type: 'reload' })
    writer.write(batchOf(...some(300)))
    expect((await page.got(4))[3]).toEqual({ type: 'reload' })
    writer.write(batchOf(makeAlert('last', { minute: 200 })))
    expect((await page.got(5))[4]).toMatchObject({ type: 'alerts', alerts: [{ id: 'last' }] })
  })

  test('reaches it when somebody decided in the second in which an alert came', async () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const writer = openStore(path)
    writer.write(batchOf(makeAlert('old')))
    const reader = openStore(path, { readonly: true })
    const { server } = await testServer({ store: reader })
    const page = await openPage(`${server.url.replace('http', 'ws')}api/live`)
    const unfollow = followDatabase(reader, server.publish, (error) => {
      throw error
    })
    onTestFinished(() => {
      unfollow()
      writer.close()
    })
    writer.triage(['old'], 'closed', { who: 'Eva', via: 'cli', note: '' })
    const { added } = writer.write(batchOf(makeAlert('new', { minute: 99 })))
    expect((await page.got(3)).slice(1)).toEqual(
      expect.arrayContaining([{ type: 'alerts', alerts: added }, { type: 'reload' }]),
    )
  })

  test('reaches it later when it could not be read', async () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const writer = openStore(path)
    const reader = openStore(path, { readonly: true })
    vi.spyOn(reader, 'arrivals').mockImplementationOnce(() => {
      throw new StoreError('the disk does not answer')
    })
    const { server } = await testServer({ store: reader })
    const errors: StoreError[] = []
    const unfollow = followDatabase(reader, server.publish, (error) => errors.push(error))
    onTestFinished(() => {
      unfollow()
      writer.close()
    })
    const page = await openPage(`${server.url.replace('http', 'ws')}api/live`)
    const { added } = writer.write(batchOf(makeAlert('new')))
    expect((await page.got(2))[1]).toEqual({ type: 'alerts', alerts: added })
    expect(errors.map(({ message }) => message)).toEqual(['the disk does not answer'])
  })
})

/** A client that opens the WebSocket and then reads nothing. */
async function deafClient(url: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  return socket
}
