/**
 * Templates of HTML. What is put into one is escaped, unless it is a template
 * itself; so a name of a stranger cannot become markup, wherever it stands
 * between tags or in a quoted attribute. Characters that nobody would see, or
 * that turn the reading direction, are written out.
 */

import { printable, readable } from '../bytes/text.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Of a name that is shown: longer ones are cut in the middle, because the end says whose it is. */
const CHARACTERS_MAX = 100

/** Markup that is ready. Only `html` and `trusted` make it. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Content = Html | string | number | null | readonly Content[]

/** A template: texts and numbers in it are escaped, lists are joined, null is nothing. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, i) => part + (i < contents.length ? markup(contents[i]!) : '')).join(''))
}

/** Markup of our own that no template made: a style. */
export function trusted(text: string): Html {
  return new Html(text)
}

/** A name or address from the wire: what is not printable ASCII is written out, and it turns nothing around it. */
export function wire(text: string): Html {
  return html`<bdi class="wire" translate="no">${cut(printable(text))}</bdi>`
}

/** Text that our own people wrote, in whatever language: its letters stay, and turn nothing around it. */
export function written(text: string): Html {
  return html`<bdi>${text}</bdi>`
}

function markup(content: Content): string {
  if (content === null) return ''
  if (content instanceof Html) return content.text
  if (typeof content === 'object') return content.map(markup).join('')
  return readable(String(content)).replace(/[&<>"']/g, (character) => ESCAPES[character]!)
}

function cut(text: string): string {
  if (text.length <= CHARACTERS_MAX) return text
  const head = Math.floor(CHARACTERS_MAX / 3)
  return `${text.slice(0, head)}…${text.slice(text.length - (CHARACTERS_MAX - 1 - head))}`
}
