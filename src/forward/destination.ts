/**
 * A destination, as people write it: a URL with settings behind it.
 *
 *   syslog+tls://siem.example:6514?format=cef&ca=/etc/ssl/siem.pem&facility=local4
 *
 * Options of the command and lists of the settings file are turned into this
 * form, so each setting is checked here and nowhere else.
 */

import { isIP } from 'node:net'
import { readable, shownValue } from '../bytes/text.ts'
import { ALERT_FORMAT_NAMES, type AlertFormatName } from '../outputs/format/alert-formats.ts'
import { DOCUMENTATION_ENTERPRISE, FACILITIES, MESSAGE_BYTES_MIN, type SyslogStyle } from '../outputs/format/syslog.ts'
import { CONFIRMATIONS, type Confirmation, FRAMINGS, type Framing } from '../outputs/transport/syslog-stream.ts'
import type { TlsFiles } from '../outputs/transport/syslog-tls.ts'

/** What was written is no destination; the message says what, why and what to write instead. */
export class DestinationError extends Error {
  override name = 'DestinationError'
}

export type Transport = 'udp' | 'tcp' | 'tls'

/** Plain data: it goes to a thread. */
export interface Destination {
  /** By which it is known in the database; its URL unless it was given a name. */
  name: string
  /** Without the settings. */
  url: string
  transport: Transport
  host: string
  port: number
  format: AlertFormatName
  style: SyslogStyle
  framing: Framing
  confirm: Confirmation
  /** Tell it what is stored already, when it is new. */
  fromStart: boolean
  files: TlsFiles
  serverName: string | undefined
  insecure: boolean
}

const PORTS: Readonly<Record<Transport, number>> = { udp: 514, tcp: 514, tls: 6514 }
const EXAMPLE =
  'write for example syslog+tls://siem.example:6514, syslog+tcp://192.0.2.7:514 or syslog+udp://[2001:db8::7]:514'

const BYTES_DEFAULT = 8192
/** Of a datagram over IPv4, and of what any receiver may be expected to take. */
const BYTES_MAX: Readonly<Record<Transport, number>> = { udp: 65_507, tcp: 1 << 20, tls: 1 << 20 }
const ENTERPRISE_MAX = 2 ** 32 - 1
const NAME_CHARACTERS_MAX = 100

/** Settings that have no sense with a transport. */
const STREAM_SETTINGS = ['framing', 'confirm']
const TLS_SETTINGS = ['ca', 'cert', 'key', 'server-name', 'insecure']

export const SETTINGS: Readonly<Record<string, string>> = {
  name: 'what to call it; it keeps its place in the queue when its address changes (default: its address)',
  format: `form of the alerts: ${ALERT_FORMAT_NAMES.join(', ')} (default: eve)`,
  'from-start': 'when it is new, send the alerts that are stored already, too',
  facility: `facility of syslog, by name or number (default: local0)`,
  enterprise: `number of your enterprise, for structured data (default: ${DOCUMENTATION_ENTERPRISE}, that of documentation)`,
  'max-bytes': `most bytes of a message, from ${MESSAGE_BYTES_MIN} (default: ${BYTES_DEFAULT})`,
  bom: 'begin the text of a message with a byte order mark',
  framing: 'how messages are parted over TCP and TLS: octets, lf (default: octets)',
  confirm:
    'what is taken for arrived over TCP and TLS: close, when the receiver has read all and closes after us, or written (default: close)',
  ca: 'PEM file with the authorities that may have signed the certificate of the receiver (default: those of Node.js)',
  cert: 'PEM file with a certificate of our own, where the receiver asks for one',
  key: 'PEM file with its key (default: the file of the certificate)',
  'server-name': 'name that the certificate of the receiver has to be for (default: the host)',
  insecure: 'take any certificate: whoever sits between can read and change alerts',
}

/** The form of one URL. @param settings win over what stands in the URL */
export function withSettings(url: string, settings: Readonly<Record<string, string>>): string {
  const [address = '', query = ''] = splitOnce(url, '?')
  const parameters = new URLSearchParams(query)
  for (const [name, value] of Object.entries(settings)) parameters.set(name, value)
  return parameters.size === 0 ? address : `${address}?${parameters}`
}

/** Reads one. Throws DestinationError. */
export function readDestination(text: string): Destination {
  const [address = '', query = ''] = splitOnce(text, '?')
  const { transport, host, port } = readAddress(address)
  const url = `syslog+${transport}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
  const settings = new Settings(query, url)
  settings.refuse(transport === 'udp' ? [...STREAM_SETTINGS, ...TLS_SETTINGS] : transport === 'tcp' ? TLS_SETTINGS : [])
  return {
    name: settings.name(url),
    url,
    transport,
    host,
    port,
    format: settings.choice('format', ALERT_FORMAT_NAMES, 'eve'),
    style: {
      facility: settings.facility(),
      enterprise: settings.whole('enterprise', 1, ENTERPRISE_MAX, DOCUMENTATION_ENTERPRISE),
      bom: settings.flag('bom'),
      bytesMax: settings.whole('max-bytes', MESSAGE_BYTES_MIN, BYTES_MAX[transport], BYTES_DEFAULT),
    },
    framing: settings.choice('framing', FRAMINGS, 'octets'),
    confirm: settings.choice('confirm', CONFIRMATIONS, 'close'),
    fromStart: settings.flag('from-start'),
    files: settings.files(),
    serverName: settings.text('server-name'),
    insecure: settings.flag('insecure'),
  }
}

function readAddress(text: string): { transport: Transport; host: string; port: number } {
  const shown = shownValue(text)
  const match = /^syslog\+(udp|tcp|tls):\/\/(\[[^\]/]*\]|[^:/[\]@]*)(?::(\d{1,5}))?\/?$/i.exec(text)
  if (match === null) throw new DestinationError(`${shown} is no destination; ${EXAMPLE}`)
  const transport = match[1]!.toLowerCase() as Transport
  const written = match[2]!
  const host = written.startsWith('[') ? written.slice(1, -1) : written
  const isAddress = written.startsWith('[') ? isIP(host) === 6 : isIP(host) === 4
  if (!isAddress && !isHostName(written))
    throw new DestinationError(`${shown}: ${shownValue(written)} is no name or address of a machine; ${EXAMPLE}`)
  const port = match[3] === undefined ? PORTS[transport] : Number(match[3])
  if (port < 1 || port > 65_535) throw new DestinationError(`${shown}: ${port} is no port; write one from 1 to 65535`)
  return { transport, host: host.toLowerCase(), port }
}

function isHostName(text: string): boolean {
  const isNumber = /^[\d.]+$/.test(text) // 10.0.1 is neither
  return (
    text.length <= 253 &&
    !isNumber &&
    /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(text)
  )
}

/** What stands behind the address. */
class Settings {
  readonly #values = new Map<string, string>()
  readonly #where: string

  constructor(query: string, where: string) {
    this.#where = where
    for (const [key, value] of new URLSearchParams(query)) {
      if (!Object.hasOwn(SETTINGS, key))
        this.#fail(`there is no setting ${shownValue(key)}; there are ${Object.keys(SETTINGS).join(', ')}`)
      if (this.#values.has(key)) this.#fail(`${key} is given twice; leave one out`)
      if (value === '') this.#fail(`${key} is empty; leave it out instead`)
      this.#values.set(key, value)
    }
  }

  /** Throws for settings that mean nothing here. */
  refuse(names: readonly string[]): void {
    const found = names.find((name) => this.#values.has(name))
    if (found === undefined) return
    const where = TLS_SETTINGS.includes(found) ? 'syslog+tls' : 'syslog+tcp and syslog+tls'
    this.#fail(`${found} is for ${where} only; leave it out, or write another scheme`)
  }

  text(name: string): string | undefined {
    return this.#values.get(name)
  }

  name(otherwise: string): string {
    const name = this.text('name') ?? otherwise
    if (name.length > NAME_CHARACTERS_MAX && name !== otherwise)
      this.#fail(`name has more than ${NAME_CHARACTERS_MAX} characters`)
    if (readable(name) !== name || name.trim() !== name)
      this.#fail(`name: ${shownValue(name)} has characters that cannot be seen; write a word such as siem`)
    return name
  }

  flag(name: string): boolean {
    const text = this.text(name) ?? 'false'
    if (text !== 'true' && text !== 'false') this.#fail(`${name}: ${shownValue(text)} is neither true nor false`)
    return text === 'true'
  }

  choice<T extends string>(name: string, known: readonly T[], otherwise: T): T {
    const text = this.text(name) ?? otherwise
    const found = known.find((one) => one === text)
    if (found === undefined) this.#fail(`${name}: ${shownValue(text)} is none of ${known.join(', ')}`)
    return found!
  }

  whole(name: string, min: number, max: number, otherwise: number): number {
    const text = this.text(name) ?? String(otherwise)
    const value = Number(text)
    if (!/^\d{1,10}$/.test(text) || value < min || value > max)
      this.#fail(`${name}: ${shownValue(text)} is no whole number from ${min} to ${max}`)
    return value
  }

  facility(): number {
    const text = this.text('facility') ?? 'local0'
    const number = /^\d{1,2}$/.test(text) ? Number(text) : FACILITIES.indexOf(text)
    if (FACILITIES[number] === undefined)
      this.#fail(`facility: ${shownValue(text)} is none of ${FACILITIES.join(', ')}, and no number from 0 to 23`)
    return number
  }

  files(): TlsFiles {
    const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => this.text(name))
    if (key !== undefined && cert === undefined) this.#fail('key is there and cert is not; name the certificate, too')
    return { ...(ca ? { ca } : {}), ...(cert ? { cert, key: key ?? cert } : {}) }
  }

  #fail(text: string): never {
    throw new DestinationError(`${this.#where}: ${text}`)
  }
}

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
