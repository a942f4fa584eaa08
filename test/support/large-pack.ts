/** A pack with two long lists beside it, as a feed of a site may be: nothing that any test's traffic holds. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface LargePack {
  /** Names, and as many ranges. */
  entries: number
  /** One more name at the end of the list. */
  spare?: string
  /** Names that stand in the pack itself. */
  names?: readonly string[]
}

/** The name in the list that comes as number `i`. */
export function listedName(i: number): string {
  return `host${i}.zone${i % 977}.example`
}

/** Writes big.yaml, names.txt and cidrs.txt into `folder`. */
export function writeLargePack(folder: string, { entries, spare, names = [] }: LargePack): void {
  const listed = Array.from({ length: entries }, (_, i) => listedName(i))
  const cidrs = Array.from({ length: entries }, (_, i) => `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`)
  writeFileSync(join(folder, 'names.txt'), [...listed, ...(spare === undefined ? [] : [spare])].join('\n'))
  writeFileSync(join(folder, 'cidrs.txt'), cidrs.join('\n'))
  const sourced = 'role: web, confidence: high, sources: [made up]'
  const more = names.length === 0 ? '' : `      - { names: [${names.join(', ')}], ${sourced} }\n`
  writeFileSync(
    join(folder, 'big.yaml'),
    `pack: big
title: Big
version: 2026.11.22
licence: CC0-1.0
rules:
  - id: big
    title: Big contacted
    service: Big
    category: service
    severity: high
    domains:
      - { names_file: names.txt, ${sourced} }
${more}    networks:
      - { cidrs_file: cidrs.txt, shared: false, ${sourced} }
`,
  )
}
