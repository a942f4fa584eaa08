/** What was taken of the capture files: what a bundle holds of packets, and what it does not. Types only. */

export interface Taken {
  /** The capture that was cut; null where no packet could be had. */
  file: CutFile | null
  /** Packets in it. */
  packets: number
  sources: readonly SourceRecord[]
  /** What could not be had and why, sentences for people. Empty when all is there. */
  missing: readonly string[]
  /** What else a reader of the packets should know, sentences for people. */
  remarks: readonly string[]
  /** Whether the same alert comes out of them again, a sentence for people; empty where that was not tried. */
  check: string
}

export interface CutFile {
  path: string
  bytes: number
  sha256: string
}

/** A capture that was asked for packets; goes into sources.json as it is. */
export interface SourceRecord {
  /** As the alert's evidence has it; the bare name of one that was only given beside. */
  file: string
  /** Its bare name, where it was found under another one. */
  found_as?: string
  /** As it lies on disk; absent where it was not read. */
  bytes?: number
  sha256?: string
  /** Packets that were taken of it. */
  packets: number
  /** Numbers of its packets that evidence names, each looked at and found to be what the alert says. */
  checked: number[]
  /** Why nothing, or not everything, could be taken of it. */
  trouble?: string
}
