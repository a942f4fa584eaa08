/**
 * Keeps the rows a reader looks at where they are on the screen while rows come
 * in above them. Browsers have scroll anchoring, but not at the top of a list
 * and not in all browsers; and there it is where analysts look.
 *
 * Rows carry `data-row` with their id. Call it while a component is set up.
 */

/**
 * When `rows()` changes, the row `marked()`, if it can be seen, keeps its place; else, in a list that is
 * scrolled, the first row that can be seen; else the list stays at its top, where new rows appear.
 */
export function keepPlace(scroller: () => HTMLElement | undefined, rows: () => unknown, marked: () => string): void {
  let held: { id: string; top: number } | null = null

  $effect.pre(() => {
    rows()
    held = hold(scroller(), marked())
  })
  $effect(() => {
    rows()
    const list = scroller()
    if (held === null || list === undefined) return
    const row = list.querySelector(`[data-row="${CSS.escape(held.id)}"]`)
    if (row !== null) list.scrollTop += row.getBoundingClientRect().top - held.top
    held = null
  })
}

function hold(list: HTMLElement | undefined, marked: string): { id: string; top: number } | null {
  if (list === undefined) return null
  const { top, bottom } = list.getBoundingClientRect()
  const seen = [...list.querySelectorAll<HTMLElement>('[data-row]')].filter((row) => {
    const box = row.getBoundingClientRect()
    return box.bottom > top && box.top < bottom
  })
  const row = seen.find(({ dataset }) => dataset['row'] === marked) ?? (list.scrollTop > 0 ? seen[0] : undefined)
  return row === undefined ? null : { id: row.dataset['row'] ?? '', top: row.getBoundingClientRect().top }
}
