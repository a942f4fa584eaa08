/** Opens captures: files, standard input; pcap and pcapng; as they are, in gzip or in zstd. */

import type { Capture } from './block.ts'
import { CaptureReader, type ReaderOptions } from './reader.ts'
import { type ByteSource, openSource } from './source.ts'

/** How a path becomes bytes. */
export type Opener = (path: string, signal?: AbortSignal) => Promise<ByteSource>

/**
 * Opens the capture at `path`; `-` is standard input. Never rejects: what
 * cannot be opened or is no capture gives no blocks and says why in `faults`.
 */
export function openCapture(path: string, options: ReaderOptions = {}, open: Opener = openSource): Promise<Capture> {
  return openReader(path, options, open)
}

/** Like `openCapture`; the reader also says what format it found. */
export async function openReader(
  path: string,
  options: ReaderOptions = {},
  open: Opener = openSource,
): Promise<CaptureReader> {
  let source: ByteSource | null = null
  let failure: unknown = null
  try {
    source = await open(path, options.signal)
  } catch (error) {
    failure = error
  }
  const reader = new CaptureReader(path, source, options)
  if (source === null) reader.refuse(failure)
  else await reader.begin()
  return reader
}
