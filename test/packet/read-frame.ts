/** What decoding a frame gives, in words that a table of stories can hold: no offsets, text instead of bytes. */

import { ipText } from '../../src/bytes/address.ts'
import { latin1 } from '../../src/bytes/text.ts'
import { decodePacket } from '../../src/packet/decode.ts'
import { Packet, TCP } from '../../src/packet/packet.ts'
import { REASON_NAMES } from '../../src/packet/reason.ts'
import { parseTwice } from '../support/arena.ts'

export interface Decoded {
  vlans: number[]
  source: string
  target: string
  payload: string
  /** On the wire. */
  payloadLength: number
  /** Only of TCP. */
  flags?: number
  sequence?: number
}

/**
 * `decodePacket` of `frame` inside arenas that differ outside of it; the name of the reason when it is not decoded.
 * What earlier frames leave in a packet must not show, so half of the time it is one that was used before.
 */
export function decode(frame: Uint8Array, originalLength = frame.length, linkType = 1): Decoded | string {
  let turn = 0
  return parseTwice(frame, (bytes, start, end) => {
    const packet = turn++ % 2 === 0 ? new Packet() : usedPacket()
    const outcome = decodePacket(bytes, start, end, originalLength, linkType, packet)
    if (outcome < 0) return REASON_NAMES[-outcome]!
    if (outcome !== packet.payloadEnd || outcome > end) return `data ends at ${outcome - start} of ${end - start}`
    if (packet.payloadStart > outcome) return `payload begins at ${packet.payloadStart - start}, behind its end`
    const { addressBytes, protocol } = packet
    return {
      vlans: Array.from({ length: packet.vlanCount }, (_, i) => packet.vlans[i]!),
      source: `${ipText(bytes, packet.sourceStart, addressBytes)} ${packet.sourcePort}`,
      target: `${ipText(bytes, packet.targetStart, addressBytes)} ${packet.targetPort}`,
      payload: latin1(bytes, packet.payloadStart, packet.payloadEnd),
      payloadLength: packet.payloadLength,
      ...(protocol === TCP ? { flags: packet.tcpFlags, sequence: packet.sequence } : {}),
    }
  })
}

function usedPacket(): Packet {
  const packet = new Packet()
  const { vlans } = packet
  Object.assign(packet, {
    etherStart: 77,
    vlanCount: 4,
    ipVersion: 9,
    addressBytes: 16,
    protocol: TCP,
    payloadLength: 999,
    payloadEnd: 2 ** 30,
    tcpFlags: 0xff,
  })
  vlans.fill(0xfff)
  return packet
}
