/** Opens captures: files, standard input; pcap and pcapng; as they are, in gzip or in zstd. */

import type { Capture } from './block.ts'
import { CaptureReader, type ReaderOptions } from './reader.ts'
import { type ByteSource, openSource } from './source.ts'

/**
 * Opens the capture at `path`; `-` is standard input. Never rejects: what
 * cannot be opened or is no capture gives no blocks and says why in `faults`.
 * @param options for tests and measurements: the frames do not depend on them
 */
export function openCapture(path: string, options: ReaderOptions = {}): Promise<Capture> {
  return openReader(path, options)
}

/** Like `openCapture`; the reader also says what format it found. */
export async function openReader(path: string, options: ReaderOptions = {}): Promise<CaptureReader> {
  let source: ByteSource | null = null
  let failure: unknown = null
  try {
    source = await openSource(path)
  } catch (error) {
    failure = error
  }
  const reader = new CaptureReader(path, source, options)
  if (source === null) reader.refuse(failure)
  else await reader.begin()
  return reader
}
