/**
 * What the programs that capture have in common: each is a child process that
 * writes pcap or pcapng to its standard output and says on standard error how
 * it goes. Node itself needs no right to capture; the child does.
 *
 * An adapter is only words: the command line, how the child is asked for its
 * figures, and how the figures are read from its lines. All sums are since
 * the child began.
 */

export const ADAPTER_NAMES = ['tcpdump', 'dumpcap', 'cap'] as const
export type AdapterName = (typeof ADAPTER_NAMES)[number]

export interface ChildOptions {
  /** Name of the network interface. */
  device: string
  /** pcap-filter(7); empty for everything. */
  filter: string
  /** Size of the kernel's ring for this child, in MiB. */
  ringMiB: number
}

/** Packets lost since the child began; null where a line says nothing about it. */
export interface Figures {
  /** For want of room in the kernel's ring, or read too late to be written. */
  kernel: number | null
  /** By the interface or its driver. */
  device: number | null
}

export interface Adapter {
  readonly name: AdapterName
  /** Who stamps the packets: the kernel when they came, or our child when it was given them. */
  readonly stamps: 'kernel' | 'arrival'
  /** When it says how many packets were lost. */
  readonly tellsLosses: 'each second' | 'at its end' | 'never'
  /** Whether it says what it left unread in the kernel's ring when it ended; one that does not is read to the end first. */
  readonly tellsUnread: boolean
  /** How long the kernel and the program may keep a packet back, in milliseconds. */
  readonly delayMs: number
  /** The signal that makes a running child say its figures; null where there is none. */
  readonly askWith: NodeJS.Signals | null
  command(options: ChildOptions): { file: string; args: string[] }
  /** The figures in a line of the child; null when there are none. */
  figures(line: string): Figures | null
}
