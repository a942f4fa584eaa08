/** Plain columns for a terminal: one line a row, so that `grep` and the eye can follow. */

export interface Column {
  title: string
  /** May be cut when the line does not fit; the widest of these is cut first. */
  isFlexible?: boolean
  /** Colour of a cell. */
  paint?(cell: string, padded: string): string
}

const BETWEEN = '  '
const FLEXIBLE_MIN = 12

/**
 * The rows below their titles, each line with its end. Cells must be printable already.
 * @param width columns of the terminal; null where there is none, and nothing is cut
 */
export function columnLines(columns: readonly Column[], rows: readonly string[][], width: number | null): string[] {
  const widths = columns.map(({ title }, i) => rows.reduce((most, row) => Math.max(most, row[i]!.length), title.length))
  if (width !== null) shrink(columns, widths, width)
  const line = (cells: readonly string[], isTitle: boolean): string => {
    const padded = cells.map((cell, i) => {
      const shown = cut(cell, widths[i]!).padEnd(i === columns.length - 1 ? 0 : widths[i]!)
      const paint = columns[i]!.paint
      return isTitle || paint === undefined ? shown : paint(cell, shown)
    })
    return `${padded.join(BETWEEN).trimEnd()}\n`
  }
  return [
    line(
      columns.map(({ title }) => title),
      true,
    ),
    ...rows.map((row) => line(row, false)),
  ]
}

function shrink(columns: readonly Column[], widths: number[], width: number): void {
  let over = widths.reduce((sum, w) => sum + w + BETWEEN.length, -BETWEEN.length) - width
  for (; over > 0; over--) {
    let widest = -1
    columns.forEach(({ isFlexible }, i) => {
      if (isFlexible && widths[i]! > FLEXIBLE_MIN && (widest < 0 || widths[i]! > widths[widest]!)) widest = i
    })
    if (widest < 0) return
    widths[widest]!--
  }
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
