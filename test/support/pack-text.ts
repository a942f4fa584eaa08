/** The beginning of a pack as text, up to the lists of its one rule, which begin in line 11. */

export const HEAD = `pack: example
title: Example
version: 2026.11.22
licence: CC0-1.0
rules:
  - id: example-service
    title: Example contacted
    service: Example
    category: service
    severity: high
`

/** What every entry of a list needs. */
export const SOURCED = 'role: web, confidence: high, sources: [a page]'

/** A list with one entry. */
export const DOMAIN = `    domains:\n      - { name: example.com, ${SOURCED} }\n`
