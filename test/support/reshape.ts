/**
 * The same traffic in another shape: what a network, a mirror port, a sender or
 * a file does to packets without a word of them changing. Times stay in order.
 *
 * Shapes that open a packet leave alone what is no whole Ethernet frame with IP
 * and TCP or UDP straight in it.
 */

import { decodePacket } from '../../src/packet/decode.ts'
import { ACK, FIN, Packet, RST, SYN, TCP } from '../../src/packet/packet.ts'
import type { TimedFrame } from './feed.ts'
import { ethernet, ipv4, u16, udp } from './frames.ts'
import { random } from './random.ts'

const ETHERNET = 1
const IPV6_FRAGMENT = 44
const FRAGMENT_UNIT = 8
const COPY_S = 0.02 // later than a mirror port's second copy can come

/** @param next random numbers: `next(below)` */
export type Shape = (frames: readonly TimedFrame[], next: (below: number) => number) => TimedFrame[]

/** A packet opened. */
interface Opened {
  isIpv4: boolean
  isTcp: boolean
  /** Offsets in the frame. */
  ip: number
  transport: number
  payload: number
  end: number
}

// each frame around another one
export const inVlan = around((frame) => Buffer.concat([frame.subarray(0, 12), u16(0x8100), u16(9), frame.subarray(12)]))
export const inTwoVlans = around((frame) => {
  return Buffer.concat([frame.subarray(0, 12), ...[0x88a8, 9, 0x8100, 7].map(u16), frame.subarray(12)])
})
export const inVxlan = around((frame) => {
  return ethernet(ipv4(udp(Buffer.concat([Buffer.of(8, 0, 0, 0, 0, 0, 5, 0), frame]), { targetPort: 4789 }), OUTER_UDP))
})
export const inGeneve = around((frame) => {
  const header = Buffer.of(0, 0, 0x65, 0x58, 0, 0, 5, 0)
  return ethernet(ipv4(udp(Buffer.concat([header, frame]), { targetPort: 6081 }), OUTER_UDP))
})
export const inGre = around((frame) => {
  return ethernet(ipv4(Buffer.concat([Buffer.of(0, 0, 0x65, 0x58), frame]), { ...OUTER_UDP, protocol: 47 }))
})
export const inErspan = around((frame) => {
  const header = Buffer.of(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 9, 0, 1, 0, 0, 0, 0)
  return ethernet(ipv4(Buffer.concat([header, frame]), { ...OUTER_UDP, protocol: 47 }))
})
export const inMpls = around((frame) => {
  return ethernet(Buffer.concat([Buffer.of(0, 1, 1, 64), Buffer.alloc(4), frame]), { type: 0x8847 })
})
/** As switches and drivers leave them: short ones filled up, and bytes behind long ones. */
export const padded = around((frame) => {
  return Buffer.concat([frame, frame.length < 60 ? Buffer.alloc(60 - frame.length, 0xaa) : Buffer.of(0xde, 0xad)])
})

/** Each frame twice, as a mirror port gives them that shows both ends of a link. */
export const mirroredTwice: Shape = (frames) => frames.flatMap((frame) => [frame, frame])

/** Without segments that only acknowledge. */
export const withoutAcks: Shape = (frames) =>
  frames.filter((frame) => {
    const opened = open(frame)
    if (!opened?.isTcp || opened.payload < opened.end) return true
    return (flagsOf(frame.bytes, opened) & (SYN | FIN | RST | ACK)) !== ACK
  })

/** With options behind the header of IPv4, and headers for each hop and for the target behind that of IPv6. */
export const withIpOptions: Shape = (frames) =>
  frames.map((frame) => {
    const opened = open(frame)
    if (!opened) return frame
    const { ip, transport, isIpv4 } = opened
    const extra = isIpv4
      ? Buffer.of(0x94, 4, 0, 0, 1, 1, 1, 1)
      : Buffer.of(60, 0, 1, 4, 0, 0, 0, 0, frame.bytes[ip + 6]!, 0, 1, 4, 0, 0, 0, 0)
    const bytes = rebuilt(frame.bytes, opened, Buffer.concat([extra, frame.bytes.subarray(transport, opened.end)]))
    if (isIpv4) bytes[ip]! += extra.length / 4
    else bytes[ip + 6] = 0
    return { ...frame, bytes }
  })

/** Packets in fragments, now and then the last one first. Copies of a packet are cut alike. */
export const fragmented: Shape = (frames) => {
  let lastId = 0
  return frames.flatMap((frame) => {
    const opened = open(frame)
    if (!opened) return [frame]
    const { ip, transport, end, isIpv4 } = opened
    // the sender's, so that copies stay copies; where there is none he would give it one
    const id = (isIpv4 && Buffer.from(frame.bytes).readUInt16BE(ip + 4)) || ++lastId
    const body = frame.bytes.subarray(transport, end)
    const next = random(body.length)
    const step = FRAGMENT_UNIT * (1 + next(Math.ceil(body.length / FRAGMENT_UNIT)))
    const pieces: TimedFrame[] = []
    for (let at = 0; at < body.length; at += step) {
      const piece = body.subarray(at, at + step)
      const hasMore = at + step < body.length
      if (isIpv4) {
        const bytes = rebuilt(frame.bytes, opened, piece)
        bytes.writeUInt16BE(id, ip + 4)
        bytes.writeUInt16BE((hasMore ? 0x2000 : 0) | (at / FRAGMENT_UNIT), ip + 6)
        pieces.push({ at: frame.at, bytes })
      } else {
        const header = Buffer.concat([Buffer.of(frame.bytes[ip + 6]!, 0), u16(at | (hasMore ? 1 : 0)), u16(0), u16(id)])
        const bytes = rebuilt(frame.bytes, opened, Buffer.concat([header, piece]))
        bytes[ip + 6] = IPV6_FRAGMENT
        pieces.push({ at: frame.at, bytes })
      }
    }
    return next(2) === 0 ? pieces : pieces.reverse()
  })
}

/** Segments cut in pieces at any places, in order. */
export const cut: Shape = segmented((length, next) => {
  return Array.from({ length: 1 + next(4) }, () => 1 + next(length - 1))
})

/** The same, of each segment the last piece first. */
export const cutAndTurned: Shape = segmented(
  (length, next) => Array.from({ length: 1 + next(4) }, () => 1 + next(length - 1)),
  (pieces) => pieces.reverse(),
)

/** The first twenty bytes of each segment one at a time: what begins something comes so, too. */
export const byteByByte: Shape = segmented((length) =>
  Array.from({ length: Math.min(20, length - 1) }, (_, i) => i + 1),
)

/** Cut, and now and then a piece is sent again. */
export const cutAndSentAgain: Shape = segmented(
  (length, next) => Array.from({ length: 1 + next(4) }, () => 1 + next(length - 1)),
  (pieces, next) => pieces.flatMap((piece) => (next(2) === 0 ? [piece] : [piece, piece])),
)

/** Each segment with payload is sent again a while later. */
export const sentAgain: Shape = (frames) => {
  const number = identification()
  const again = frames.flatMap((frame) => {
    const opened = open(frame)
    if (!opened?.isTcp || opened.payload === opened.end) return []
    const { transport, end } = opened
    return [
      {
        at: frame.at + COPY_S,
        bytes: number(rebuilt(frame.bytes, opened, frame.bytes.subarray(transport, end)), opened),
      },
    ]
  })
  return [...frames, ...again].sort((one, other) => one.at - other.at)
}

/** Now and then two neighbours have changed places, as on a mirror port that puts two directions together. */
export const swapped: Shape = (frames, next) => {
  const shown = [...frames]
  for (let i = 0; i + 1 < shown.length; i++) {
    if (next(4) > 0) continue
    const [first, second] = [shown[i]!, shown[i + 1]!]
    shown[i] = { ...second, at: first.at }
    shown[i + 1] = { ...first, at: second.at }
    i++
  }
  return shown
}

const OUTER_UDP = { source: '203.0.113.1', target: '203.0.113.2', protocol: 17 }

/** One shape after the other. */
export function both(first: Shape, second: Shape): Shape {
  return (frames, next) => second(first(frames, next), next)
}

function around(wrap: (frame: Buffer) => Buffer): Shape {
  return (frames) =>
    frames.map(({ at, bytes, originalLength = bytes.length }) => {
      const wrapped = wrap(Buffer.from(bytes))
      return { at, bytes: wrapped, originalLength: originalLength + wrapped.length - bytes.length }
    })
}

/**
 * Segments in pieces.
 * @param cutsOf where a payload of `length` bytes is cut: from 1 to length - 1, in any order, perhaps twice
 */
function segmented(
  cutsOf: (length: number, next: (below: number) => number) => number[],
  arrange: (pieces: Uint8Array[], next: (below: number) => number) => Uint8Array[] = (pieces) => pieces,
): Shape {
  return (frames, next) => {
    const number = identification()
    return frames.flatMap((frame) => {
      const opened = open(frame)
      if (!opened?.isTcp || opened.end - opened.payload < 2) return [frame]
      const { bytes } = frame
      if ((flagsOf(bytes, opened) & SYN) !== 0) return [frame]
      const payload = bytes.subarray(opened.payload, opened.end)
      const bounds = [...new Set([0, ...cutsOf(payload.length, next), payload.length])].sort((a, b) => a - b)
      const pieces = bounds.slice(1).map((to, i) => {
        const header = Buffer.from(bytes.subarray(opened.transport, opened.payload))
        header.writeUInt32BE((header.readUInt32BE(4) + bounds[i]!) >>> 0, 4)
        if (to < payload.length) header[13]! &= ~FIN
        return Buffer.concat([header, payload.subarray(bounds[i]!, to)])
      })
      return arrange(pieces, next).map((piece) => ({
        at: frame.at,
        bytes: number(rebuilt(bytes, opened, piece), opened),
      }))
    })
  }
}

const packet = new Packet()

function open({ bytes, originalLength = bytes.length }: TimedFrame): Opened | undefined {
  if (originalLength !== bytes.length) return undefined
  if (decodePacket(bytes, 0, bytes.length, originalLength, ETHERNET, packet) < 0 || packet.depth > 0) return undefined
  const isIpv4 = packet.ipVersion === 4
  if (packet.transportStart !== packet.ipStart + (isIpv4 ? 20 : 40)) return undefined
  return {
    isIpv4,
    isTcp: packet.protocol === TCP,
    ip: packet.ipStart,
    transport: packet.transportStart,
    payload: packet.payloadStart,
    end: packet.payloadEnd,
  }
}

function flagsOf(frame: Uint8Array, { transport }: Opened): number {
  return frame[transport + 13]!
}

/** The frame with other bytes behind its IP header, whose length is right. */
function rebuilt(frame: Uint8Array, { ip, transport, isIpv4 }: Opened, behind: Uint8Array): Buffer {
  const bytes = Buffer.concat([frame.subarray(0, transport), behind])
  if (isIpv4) bytes.writeUInt16BE(bytes.length - ip, ip + 2)
  else bytes.writeUInt16BE(behind.length, ip + 4)
  return bytes
}

/** Gives each packet of IPv4 an identification of its own, as a sender does: else the second is a mirror's copy. */
function identification(): (frame: Buffer, opened: Opened) => Buffer {
  let id = 0
  return (frame, { ip, isIpv4 }) => {
    id = (id % 0xffff) + 1
    if (isIpv4) frame.writeUInt16BE(id, ip + 4)
    return frame
  }
}
