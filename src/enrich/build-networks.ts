/**
 * Builds dist/enrich/networks.bin, after tsc: `node dist/enrich/build-networks.js`.
 *
 * The npm packages come as CSV, a million lines; reading those at each start
 * would take seconds, and the file that is made of them opens in milliseconds.
 */

import { readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { type CsvFile, compileNetworks } from './compile-networks.ts'

const COUNTRIES = '@ip-location-db/geo-whois-asn-country/geo-whois-asn-country'
const SYSTEMS = '@ip-location-db/asn/asn'

/** Writes the table of the installed packages to `file`. Throws when a package is missing or holds what it should not. */
export function buildNetworks(file: string): void {
  const bytes = compileNetworks({
    countriesIpv4: csv(`${COUNTRIES}-ipv4-num.csv`),
    countriesIpv6: csv(`${COUNTRIES}-ipv6-num.csv`),
    systemsIpv4: csv(`${SYSTEMS}-ipv4-num.csv`),
    systemsIpv6: csv(`${SYSTEMS}-ipv6-num.csv`),
  })
  // A build that is stopped half way leaves the old file or none, never half of one.
  const unfinished = `${file}.${process.pid}.unfinished`
  writeFileSync(unfinished, bytes)
  renameSync(unfinished, file)
}

function csv(path: string): CsvFile {
  return { name: basename(path), text: readFileSync(createRequire(import.meta.url).resolve(path), 'utf8') }
}

const started = process.argv[1]
if (started !== undefined && realpathSync(started) === import.meta.filename)
  buildNetworks(join(import.meta.dirname, 'networks.bin'))
