/**
 * Fields of the forms that are text, CEF and LEEF: values that neither steer a
 * terminal nor end a line, of at most so many characters as there is room for.
 */

import { printable, readable } from '../../bytes/text.ts'
import type { Alert, AlertEndpoint } from '../../events/alert.ts'
import { cut, joined, type Room } from './line-room.ts'

/** Of one name or file in a list of several. */
const PIECE_MAX = 255

/** What makes values of texts, in a room. An absent text stays absent. */
export interface Texts {
  /** Of our own people: letters of any language stay. @param most characters, if fewer than there is room for */
  ours: (text: string | undefined, most?: number) => string | undefined
  /** From the wire: everything but printable ASCII is written out. */
  strangers: (text: string | undefined, most?: number) => string | undefined
  /** Ids that packs give, in one text. */
  ids: (all: readonly string[]) => string
  /** What was seen and where: `tls_sni chat.example (packet 4 of office.pcap)`. */
  evidence: (alert: Alert) => string
}

export function textsIn(room: Room): Texts {
  const made = (make: (text: string) => string): Texts['ours'] => {
    return (text, most = room.text) => (text === undefined ? undefined : cut(make(text), Math.min(room.text, most)))
  }
  const ours = made(readable)
  const strangers = made(printable)
  return {
    ours,
    strangers,
    ids: (all) => joined(all.map(readable), ' ', room),
    evidence: ({ evidence }) =>
      joined(
        evidence.map(
          ({ kind, value, packet, file }) =>
            `${kind} ${strangers(value, PIECE_MAX)} (packet ${packet} of ${ours(file, PIECE_MAX)})`,
        ),
        '; ',
        room,
      ),
  }
}

/** `AS64500 Example`; undefined where it is not known. */
export function systemText({ asn, as_name }: AlertEndpoint): string | undefined {
  return asn === undefined ? undefined : `AS${asn} ${as_name ?? ''}`.trim()
}
