/** Delivery over UDP: a message is a datagram, and a refusal is heard. */

import { createSocket, type Socket } from 'node:dgram'
import { expect, onTestFinished, test } from 'vitest'
import { DeliveryError } from '../../../src/outputs/transport/delivery.ts'
import { syslogOverUdp } from '../../../src/outputs/transport/syslog-udp.ts'

const TIMES = { connectMs: 2000, settleMs: 50 }

async function listener(): Promise<{ socket: Socket; port: number; heard: string[] }> {
  const socket = createSocket('udp4')
  const heard: string[] = []
  socket.on('message', (bytes) => heard.push(bytes.toString()))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  let isOpen = true
  socket.on('close', () => {
    isOpen = false
  })
  onTestFinished(() => {
    if (isOpen) socket.close()
  })
  return { socket, port: socket.address().port, heard }
}

async function delivery(host: string, port: number, messages: Buffer[], signal = new AbortController().signal) {
  try {
    await syslogOverUdp(host, port, TIMES)(messages, { signal, silenceMs: 0 })
    return 'delivered'
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error
    return `${error.kind}: ${error.message}`
  }
}

test('each message is a datagram, in order, and many do not run over the buffer of a receiver', async () => {
  const { port, heard } = await listener()
  const messages = Array.from({ length: 1000 }, (_, i) => Buffer.from(`${i} `.padEnd(2000, 'ž')))
  const beganMs = performance.now()
  expect(await delivery('localhost', port, messages)).toBe('delivered')
  await expect.poll(() => heard.length).toBe(1000)
  expect(heard).toEqual(messages.map(String))
  expect(performance.now() - beganMs, 'it takes its time').toBeGreaterThan(450)
})

test('a machine on which nobody listens refuses', async () => {
  const { socket, port } = await listener()
  socket.close()
  expect(await delivery('127.0.0.1', port, [Buffer.from('x')])).toBe('broken: nobody listens there (ECONNREFUSED)')
})

test('a message that is longer than a datagram can be', async () => {
  const { port } = await listener()
  const want = /^broken: a message is longer than a datagram can be; make it shorter with max-bytes \(EMSGSIZE\)$/
  expect(await delivery('127.0.0.1', port, [Buffer.alloc(66_000)])).toMatch(want)
})

test('a name that does not resolve', async () => {
  expect(await delivery('siem.invalid', 514, [Buffer.from('x')])).toMatch(/^unreachable: the name/)
})

test('it ends when it is told to', async () => {
  const { port, heard } = await listener()
  const stop = new AbortController()
  const messages = Array.from({ length: 5000 }, (_, i) => Buffer.from(String(i)))
  setTimeout(() => stop.abort(), 30)
  expect(await delivery('127.0.0.1', port, messages, stop.signal)).toBe('broken: it was told to end')
  expect(heard.length).toBeLessThan(5000)
})
