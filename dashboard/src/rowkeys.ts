/**
 * Moving through the rows of a list with keys and clicks. Each row carries
 * `data-row` with its id and holds one button; the button is what the keyboard
 * and a screen reader use, a click anywhere in the row does the same.
 */

/** Moves the focus `step` rows on from the row `id`, or to the first row. Its button's focus handler does the rest. */
export function focusRow(id: string, step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.findIndex((row) => row.dataset['row'] === id)
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]
  next?.scrollIntoView({ block: 'nearest' })
  next?.querySelector('button')?.focus({ preventScroll: true })
}

/** For `{@attach}` on the body of a table: clicks in a row press its button, unless text is being selected. */
export function pressByRow(body: HTMLElement): () => void {
  const press = (event: MouseEvent): void => {
    const target = event.target
    if (!(target instanceof Element) || target.closest('button, a') !== null) return
    if (getSelection()?.isCollapsed === false) return
    target.closest('[data-row]')?.querySelector('button')?.click()
  }
  body.addEventListener('click', press)
  return () => body.removeEventListener('click', press)
}
