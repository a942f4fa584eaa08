/**
 * What is known of one flow beyond its columns: made when the first bytes of a
 * stream have to be kept, or when something is to be said about it. Most flows
 * need none before they end.
 */

import { ipText } from '../bytes/address.ts'
import type { AddressBytes } from '../detect/detector.ts'
import type { FlowFacts } from '../detect/flow-facts.ts'
import { stableNumber } from '../detect/identity.ts'
import type { FlowRef } from '../events/observation.ts'
import { communityId } from '../flow/community-id.ts'
import { FlowKey } from '../flow/key.ts'
import type { Stream } from '../flow/stream.ts'
import type { FlowTable } from '../flow/table.ts'
import { TCP, UDP } from '../packet/packet.ts'
import { ANSWERED, CLIENT_IS_HIGHER, IS_UDP } from './state.ts'

const key = new FlowKey()

export class FlowInfo implements FlowFacts {
  /** The client's bytes, while they are being put in order. */
  clientStream: Stream | undefined
  /** Least bytes of the stream worth another look at. */
  wantedBytes = 0
  readonly #table: FlowTable
  readonly #row: number
  #ref: FlowRef | undefined
  #server: AddressBytes | undefined

  /** @param row a live row of `table`; the object is good for as long as the row is */
  constructor(table: FlowTable, row: number) {
    this.#table = table
    this.#row = row
  }

  get ref(): FlowRef {
    this.#ref ??= this.#makeRef()
    return this.#ref
  }

  /** The server's address. */
  get server(): AddressBytes {
    if (!this.#server) this.#makeRef()
    return this.#server!
  }

  get startUs(): number {
    return this.#table.firstSeenUs[this.#row]!
  }

  get lastUs(): number {
    return this.#table.lastSeenUs[this.#row]!
  }

  get packetsOut(): number {
    return this.#table.packetsOut[this.#row]!
  }

  get packetsIn(): number {
    return this.#table.packetsIn[this.#row]!
  }

  get bytesOut(): number {
    return this.#table.bytesOut[this.#row]!
  }

  get bytesIn(): number {
    return this.#table.bytesIn[this.#row]!
  }

  get answered(): boolean {
    return (this.#table.state[this.#row]! & ANSWERED) !== 0
  }

  #makeRef(): FlowRef {
    const table = this.#table
    const row = this.#row
    table.readKey(row, key)
    const state = table.state[row]!
    const words = (key.length - 2) / 2 // of one address
    const addressBytes = words * 4
    const addresses = Buffer.alloc(2 * addressBytes)
    for (let i = 0; i < 2 * words; i++) addresses.writeInt32BE(key.words[i]!, 4 * i)
    const lowerPort = key.words[2 * words]! >>> 16
    const higherPort = key.words[2 * words]! & 0xffff
    const clientIsHigher = (state & CLIENT_IS_HIGHER) !== 0
    const clientAt = clientIsHigher ? addressBytes : 0
    const serverAt = addressBytes - clientAt
    const isUdp = (state & IS_UDP) !== 0
    const clientIp = ipText(addresses, clientAt, addressBytes)
    const serverIp = ipText(addresses, serverAt, addressBytes)
    const clientPort = clientIsHigher ? higherPort : lowerPort
    const serverPort = clientIsHigher ? lowerPort : higherPort
    const protocol = isUdp ? 'UDP' : 'TCP'
    this.#server = { bytes: addresses, at: serverAt, length: addressBytes }
    return {
      id: stableNumber('flow', clientIp, clientPort, serverIp, serverPort, protocol, this.startUs),
      protocol,
      clientIp,
      clientPort,
      serverIp,
      serverPort,
      communityId: communityId(
        addresses.subarray(clientAt, clientAt + addressBytes),
        addresses.subarray(serverAt, serverAt + addressBytes),
        clientPort,
        serverPort,
        isUdp ? UDP : TCP,
      ),
      vlans: vlanList(table.vlans[row]!),
      clientMac: macOf(table.clientMac[row]!),
      serverMac: macOf(table.serverMac[row]!),
    }
  }
}

function vlanList(packed: number): number[] {
  const outer = packed & 0xffff
  const inner = packed >>> 16
  return [outer, inner].filter((id) => id !== 0).map((id) => id - 1)
}

function macOf(number: number): string {
  if (number === 0) return ''
  return number
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?!$)/g, '$&:')
}
