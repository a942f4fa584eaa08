/** QUIC packets of a client and a server, with fixed bytes where real ends draw random ones. */

import { clientHello, crypto, initial } from '../../../test/support/quic-encoder.ts'
import { noise } from './tls.ts'

/** A client's first packet, which anybody on the path can read. */
export function quicInitial(name: string): Buffer {
  return initial({ frames: [crypto(0, clientHello(name))], id: noise(name, 8) })
}

/** A packet with a short header, RFC 9000 section 17.3.1: all but the first byte is encrypted or random. */
export function shortPacket(label: string, length: number): Buffer {
  return Buffer.concat([Buffer.of(0x4b), noise(label, length)])
}
