/**
 * tcpdump: the kernel's ring is read block by block, which costs a quarter of
 * what dumpcap costs and loses nothing at rates where that does, and it says
 * its figures whenever it is asked with SIGUSR1. The price: on a quiet line
 * the kernel keeps a packet back for up to a second, until the block is full.
 *
 *   tcpdump: 12 packets captured, 15 packets received by filter, 3 packets dropped by kernel
 *
 * At its end it says the same in lines of their own. What was received and
 * neither captured nor dropped lay in the ring when it ended: lost, too.
 */

import type { Adapter, Figures } from './adapter.ts'

const CAPTURED = /(\d+) packets? captured/
const RECEIVED = /(\d+) packets? received by filter/
const BY_KERNEL = /(\d+) packets? dropped by kernel/
const BY_DEVICE = /(\d+) packets? dropped by interface/

export const tcpdump: Adapter = {
  name: 'tcpdump',
  stamps: 'kernel',
  tellsLosses: 'each second',
  tellsUnread: true,
  delayMs: 1000,
  askWith: 'SIGUSR1',
  command: ({ device, filter, ringMiB }) => ({
    file: 'tcpdump',
    args: ['-i', device, '-n', '-U', '-s', '262144', '-B', String(ringMiB * 1024), '-w', '-', '--', filter],
  }),
  figures: (line) => {
    const kernel = number(BY_KERNEL, line)
    const device = number(BY_DEVICE, line)
    return kernel === null && device === null ? null : { kernel, device }
  },
}

/** What tcpdump left unread in the ring, from all its lines after its end; 0 when they do not tell. */
export function unread(lines: readonly string[]): number {
  const text = lines.slice(-8).join('\n')
  const [captured, received, dropped] = [CAPTURED, RECEIVED, BY_KERNEL].map((pattern) => last(pattern, text))
  if (captured === undefined || received === undefined || dropped === undefined) return 0
  return Math.max(received - captured - dropped, 0)
}

function number(pattern: RegExp, line: string): Figures['kernel'] {
  const match = pattern.exec(line)
  return match === null ? null : Number(match[1])
}

function last(pattern: RegExp, text: string): number | undefined {
  const found = [...text.matchAll(new RegExp(pattern, 'g'))].at(-1)?.[1]
  return found === undefined ? undefined : Number(found)
}
