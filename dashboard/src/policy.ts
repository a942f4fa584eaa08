/** Policies that alerts cite: where one comes from, as a link where there is one. */

/** A source of a policy: an address that may be opened, empty when there is none, and the words beside it. */
export interface SourceLink {
  href: string
  words: string
}

/** A source is an address, often with a remark behind it, or words alone. Nothing but the web is ever opened. */
export function sourceLink(source: string): SourceLink {
  const parts = /^(https?:\/\/\S+)\s*(.*)$/s.exec(source)
  if (parts === null || !URL.canParse(parts[1]!)) return { href: '', words: source }
  return { href: new URL(parts[1]!).href, words: parts[2]! }
}
