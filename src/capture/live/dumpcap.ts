/**
 * dumpcap: a packet arrives within a quarter of a second, and on Debian any
 * member of the group wireshark may use it. It says its losses at its end only:
 *
 * When it is told to end it ends at once, and counts what lies in the ring
 * then neither as received nor as dropped.
 *
 *   Packets received/dropped on interface 'eth1': 955379/32621 (pcap:32621/dumpcap:0/flushed:0/ps_ifdrop:0) (96.7%)
 */

import type { Adapter } from './adapter.ts'

const DROPPED = /: \d+\/\d+ \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:(\d+)\/ps_ifdrop:(\d+)\)/

export const dumpcap: Adapter = {
  name: 'dumpcap',
  stamps: 'kernel',
  tellsLosses: 'at its end',
  tellsUnread: false,
  delayMs: 400,
  askWith: null,
  command: ({ device, filter, ringMiB }) => ({
    file: 'dumpcap',
    args: ['-i', device, '-q', '-B', String(ringMiB), ...(filter === '' ? [] : ['-f', filter]), '-w', '-'],
  }),
  figures: (line) => {
    const [, kernel, own, flushed, device] = DROPPED.exec(line) ?? []
    if (device === undefined) return null
    return { kernel: Number(kernel) + Number(own) + Number(flushed), device: Number(device) }
  },
}
