/**
 * The list of alerts in memory: newest first by the time first seen, each id
 * once, never more than a bound. The server's pages and the alerts it pushes
 * overlap (a new alert moves the pages along), so ids decide.
 */

/** What a list needs to know of its rows. */
export interface Row {
  id: string
  /** RFC 3339 in UTC with microseconds: sorts as text. */
  first_seen: string
}

export interface Merged<T> {
  rows: T[]
  /** Ids that were not in the list before. */
  added: string[]
}

/**
 * `rows` with `incoming` in it: known ids are replaced where they stand, unknown ones take the place their time
 * gives them, and the oldest beyond `limit` are dropped. With `more` (the server has older rows than ours), unknown
 * rows older than our last one are left to "load older", or they would stand below a gap.
 */
export function mergeRows<T extends Row>(
  rows: readonly T[],
  incoming: readonly T[],
  limit: number,
  more: boolean,
): Merged<T> {
  const byId = new Map(incoming.map((row) => [row.id, row]))
  const kept = rows.map((row) => byId.get(row.id) ?? row)
  for (const row of rows) byId.delete(row.id)
  const last = kept.at(-1)
  const unknown = [...byId.values()].filter((row) => !more || last === undefined || newestFirst(row, last) < 0)
  const merged = [...unknown, ...kept].sort(newestFirst).slice(0, limit)
  const present = new Set(merged.map((row) => row.id))
  return { rows: merged, added: unknown.map((row) => row.id).filter((id) => present.has(id)) }
}

function newestFirst(a: Row, b: Row): number {
  if (a.first_seen !== b.first_seen) return a.first_seen > b.first_seen ? -1 : 1
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0
}
