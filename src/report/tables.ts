/** Tables of the page: with heads that name their columns and repeat on each sheet of paper. */

import { type Content, type Html, html } from './html.ts'

export interface Column {
  title: string
  /** Numbers stand below each other; names and words shall not be broken into many lines. */
  kind?: 'number' | 'names' | 'words'
}

/** The first cell of a row is its head. @param name what the table is, for who does not see it */
export function table(columns: readonly Column[], rows: ReadonlyArray<readonly Content[]>, name: string): Html {
  const head = columns.map((column) => html`<th scope="col"${classOf(column)}>${column.title}</th>`)
  const body = rows.map((cells) => {
    const row = cells.map((cell, i) => {
      const kind = classOf(columns[i]!)
      return i === 0 ? html`<th scope="row"${kind}>${cell}</th>` : html`<td${kind}>${cell}</td>`
    })
    return html`<tr>${row}</tr>\n`
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>`
}

/** Things one below the other in a cell. */
export function lines(parts: ReadonlyArray<Content>): Content[] {
  return parts.filter((part) => part !== null && part !== '').map((part, i) => (i === 0 ? part : html`<br>${part}`))
}

function classOf({ kind }: Column): Html | null {
  return kind === undefined ? null : html` class="${kind}"`
}
