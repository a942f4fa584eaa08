/** Small readers of CEF and LEEF, written from their definitions and not from what writes them. */

export interface TextLine {
  head: string[]
  fields: Map<string, string>
}

/** Head and extension of a line of CEF. Throws when a key comes twice. */
export function readCef(line: string): TextLine {
  const head: string[] = ['']
  let at = 0
  // seven fields; a backslash makes the next character an ordinary one
  while (head.length <= 7) {
    if (at >= line.length) throw new Error('the head ends early')
    const c = line[at++]!
    if (c === '|') head.push('')
    else head.push(head.pop()! + (c === '\\' ? line[at++] : c))
  }
  head.pop()
  const extension = line.slice(at)
  // a key is a word before an = that is not escaped; what lies between is the value
  const keys = [...extension.matchAll(/(?:^| )([A-Za-z0-9]+)=/g)]
  const pairs = keys.map((match, i): [string, string] => {
    const value = extension.slice(match.index + match[0].length, keys[i + 1]?.index)
    return [match[1]!, value.replace(/\\(.)/gs, '$1')]
  })
  return { head, fields: fieldsOf(pairs) }
}

/** Head and attributes of a line of LEEF 2.0. Throws when a key comes twice. */
export function readLeef(line: string): TextLine {
  const parts = line.split('|')
  const head = parts.slice(0, 6)
  const separator = head[5]!
  const pairs = parts
    .slice(6)
    .join('|')
    .split(separator)
    .map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])
  return { head, fields: fieldsOf(pairs) }
}

function fieldsOf(pairs: Array<[string, string]>): Map<string, string> {
  const fields = new Map(pairs)
  if (fields.size !== pairs.length) throw new Error(`a key comes twice in ${pairs.map(([key]) => key).join(' ')}`)
  return fields
}
