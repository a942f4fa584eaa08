/** Certificates for the tests of TLS, made anew with openssl: an authority, and what it signs. */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Pair {
  /** Path of the certificate. */
  cert: string
  key: string
}

export interface Authority {
  /** Path of its certificate. */
  ca: string
  /** A certificate for `names` (`DNS:siem.example`, `IP:127.0.0.1`), or one that ended in 2020. */
  sign: (name: string, names: string, isExpired?: boolean) => Pair
}

/** A new authority with its files in `folder`. */
export function makeAuthority(folder: string, name = 'ca'): Authority {
  const key = join(folder, `${name}.key`)
  const ca = join(folder, `${name}.pem`)
  const subject = `/CN=${name} of a test`
  openssl('req', '-x509', ...NEW_KEY, '-nodes', '-keyout', key, '-out', ca, '-days', '2', '-subj', subject)
  const sign = (leaf: string, names: string, isExpired = false): Pair => {
    const paths = { cert: join(folder, `${leaf}.pem`), key: join(folder, `${leaf}.key`) }
    const request = join(folder, `${leaf}.csr`)
    const extensions = join(folder, `${leaf}.ext`)
    writeFileSync(extensions, `subjectAltName=${names}\n`)
    openssl('req', ...NEW_KEY, '-nodes', '-keyout', paths.key, '-out', request, '-subj', `/CN=${leaf}`)
    const issuer = ['-CA', ca, '-CAkey', key, '-CAcreateserial', '-extfile', extensions]
    const sign = ['x509', '-req', '-in', request, '-out', paths.cert, '-days', '2', ...issuer]
    if (isExpired) run('faketime', '2020-01-01 00:00:00', 'openssl', ...sign)
    else openssl(...sign)
    return paths
  }
  return { ca, sign }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

function openssl(...args: string[]): void {
  run('openssl', ...args)
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
