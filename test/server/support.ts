/** A server over a small store, and requests to it that may say anything. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Server, type ServerOptions, startServer } from '../../src/server/http.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/folder.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A folder with the least that is a page. */
export function pageFolder(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Seekwatch</title>')
  writeFileSync(join(folder, 'assets', 'index-abc123.js'), 'export {}')
  writeFileSync(join(folder, '.secret'), 'not for visitors')
  return folder
}

/** A server on a free loopback port that ends with the test. */
export async function testServer(options: Partial<ServerOptions> = {}): Promise<{ server: Server; store: Store }> {
  const store = options.store ?? openStore(':memory:')
  const server = await startServer({
    store,
    host: '127.0.0.1',
    port: 0,
    dashboardDir: pageFolder(),
    version: '1.2.3',
    ...options,
  })
  onTestFinished(async () => {
    await server.close()
    store.close()
  })
  return { server, store }
}

/** What the server answers to `path`, sent as it is. */
export function ask(
  server: Server,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {} } = options
    const sent = request({ host: hostname, port, path, method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end(options.body)
  })
}
