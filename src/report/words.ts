/**
 * Numbers, times and lengths of time in the language and time zone of a
 * report, by Intl. What it returns may have no-break spaces.
 */

import { microseconds } from '../bytes/time.ts'

export const LANGUAGES = ['en', 'cs'] as const
export type Language = (typeof LANGUAGES)[number]

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', cs: 'cs-CZ' }
const NO_BREAK = '\u00a0'

export class Words {
  readonly language: Language
  readonly #numbers: Intl.NumberFormat
  readonly #digits: readonly Intl.NumberFormat[]
  readonly #plural: Intl.PluralRules
  readonly #list: Intl.ListFormat
  readonly #moment: Intl.DateTimeFormat
  readonly #day: Intl.DateTimeFormat

  /** Throws RangeError when this Node.js was built without the language. */
  constructor(language: Language, timeZone: string) {
    const locale = LOCALES[language]
    if (Intl.DateTimeFormat.supportedLocalesOf([locale]).length === 0) throw new RangeError(locale)
    this.language = language
    this.#numbers = new Intl.NumberFormat(locale)
    this.#digits = [0, 1, 2].map((digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }))
    this.#plural = new Intl.PluralRules(locale)
    this.#list = new Intl.ListFormat(locale, { type: 'conjunction' })
    this.#moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
    this.#day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  }

  count(count: number): string {
    return this.#numbers.format(count)
  }

  /** `1 contact`, `2 contacts`: the number with the form of the word that goes with it. @param few as Czech has for 2 to 4 */
  counted(count: number, one: string, other: string, few = other): string {
    return `${this.count(count)}${NO_BREAK}${this.form(count, one, other, few)}`
  }

  /** The form of a word that goes with a number. */
  form(count: number, one: string, other: string, few = other): string {
    const rule = this.#plural.select(count)
    return rule === 'one' ? one : rule === 'few' ? few : other
  }

  list(items: readonly string[]): string {
    return this.#list.format(items)
  }

  /** Two digits that mean something; never 0 % or 100 % where it is not nothing or all. */
  share(part: number, all: number): string {
    if (all === 0 || part === 0) return `0${NO_BREAK}%`
    const percent = (100 * part) / all
    if (percent < 0.01) return `<${NO_BREAK}${this.#digits[2]!.format(0.01)}${NO_BREAK}%`
    if (part < all && percent > 99.9) return `>${NO_BREAK}${this.#digits[1]!.format(99.9)}${NO_BREAK}%`
    return `${this.#digits[percent < 0.1 ? 2 : 1]!.format(percent)}${NO_BREAK}%`
  }

  /** Powers of a thousand: `12.3 kB`. */
  bytes(count: number): string {
    const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
    let unit = 0
    let rest = count
    while (rest >= 999.5 && unit < units.length - 1) {
      rest /= 1000
      unit++
    }
    return `${this.#digits[rest < 9.95 && unit > 0 ? 1 : 0]!.format(rest)}${NO_BREAK}${units[unit]}`
  }

  /** `3 h 20 min`: the two largest units. */
  duration(seconds: number): string {
    const minutes = Math.floor(seconds / 60)
    if (minutes === 0) return `${seconds}${NO_BREAK}s`
    if (minutes < 60) return joined([minutes, 'min'], [seconds % 60, 's'])
    const hours = Math.floor(minutes / 60)
    if (hours < 48) return joined([hours, 'h'], [minutes % 60, 'min'])
    return joined([Math.floor(hours / 24), 'd'], [hours % 24, 'h'])
  }

  /** A time in RFC 3339, in the time zone, to the second. */
  moment(iso: string): string {
    const timeUs = microseconds(iso)
    return Number.isNaN(timeUs) ? iso : this.#moment.format(timeUs / 1000)
  }

  /** `2026-10-31`, or only a part of it, which stays as it is. */
  day(text: string): string {
    return /^\d{4}-\d\d-\d\d$/.test(text) ? this.#day.format(Date.parse(`${text}T00:00:00Z`)) : text
  }
}

function joined(...parts: Array<[count: number, unit: string]>): string {
  return parts
    .filter(([count], i) => i === 0 || count > 0)
    .map(([count, unit]) => `${count}${NO_BREAK}${unit}`)
    .join(NO_BREAK)
}
