/**
 * The npm package cap, for machines where neither tcpdump nor dumpcap is but
 * libpcap: run in a child of ours (cap-child.ts), so that its loop cannot
 * starve the sensor's. It gives no time stamps (the child takes the moment of
 * arrival) and no figures of loss.
 */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Adapter } from './adapter.ts'

/** From the sources it runs as it is, by whatever runs them; built, beside this file. */
const CHILD = fileURLToPath(new URL('./cap-child.js', import.meta.url))
const CHILD_BUILT = fileURLToPath(new URL('../../../dist/capture/live/cap-child.js', import.meta.url))

export const cap: Adapter = {
  name: 'cap',
  stamps: 'arrival',
  tellsLosses: 'never',
  tellsUnread: false,
  delayMs: 50,
  askWith: null,
  command: ({ device, filter, ringMiB }) => ({
    file: process.execPath,
    args: [existsSync(CHILD) ? CHILD : CHILD_BUILT, device, String(ringMiB), filter],
  }),
  figures: () => null,
}
