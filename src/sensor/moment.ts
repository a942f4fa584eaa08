/** What is true of the packet at hand. One object, changed from packet to packet. */

import type { Place } from '../events/observation.ts'

export class Moment {
  /** Name of the capture, and number of the packet in it. */
  file = ''
  packet = 0
  /** Time of that packet; earlier than now when a flow ends. */
  placeUs = 0
  nowUs = 0
  /** Length of the frame on the wire. */
  frameBytes = 0

  /** Says that this packet is taken now. */
  atPacket(file: string, packet: number): void {
    this.file = file
    this.packet = packet
    this.placeUs = this.nowUs
  }

  /** Where the packet is, to be kept. */
  get place(): Place {
    return { file: this.file, packet: this.packet }
  }
}
