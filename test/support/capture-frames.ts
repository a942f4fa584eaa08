/** The frames of a recorded capture, for `feed`. */

import { openCapture } from '../../src/capture/open.ts'
import { BEGIN_US, type TimedFrame } from './feed.ts'

export interface CaptureFrames {
  frames: TimedFrame[]
  /** LINKTYPE_ numbers of its interfaces. */
  linkTypes: number[]
}

export async function framesOf(path: string): Promise<CaptureFrames> {
  const capture = await openCapture(path)
  const frames: TimedFrame[] = []
  for (let block = await capture.next(); block !== null; block = await capture.next()) {
    for (let i = 0; i < block.count; i++) {
      const bytes = Buffer.from(block.bytes.subarray(block.start[i]!, block.end[i]!))
      frames.push({ at: (block.timeUs[i]! - BEGIN_US) / 1e6, bytes, originalLength: block.originalLength[i]! })
    }
  }
  await capture.close()
  return { frames, linkTypes: capture.links.map(({ linkType }) => linkType) }
}
