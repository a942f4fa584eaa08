/** Types of the npm package pcap-parser, as far as the tests use it. */
declare module 'pcap-parser' {
  import type { Readable } from 'node:stream'

  interface Parser {
    on(
      event: 'packet',
      listener: (packet: {
        header: {
          timestampSeconds: number
          timestampMicroseconds: number
          capturedLength: number
          originalLength: number
        }
        data: Buffer
      }) => void,
    ): void
    on(event: 'end', listener: () => void): void
    on(event: 'error', listener: (error: Error) => void): void
  }

  export function parse(input: string | Readable): Parser
}
