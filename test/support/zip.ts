/** Reads a ZIP whose entries are stored, by its central directory (APPNOTE 4.3.12), to look into bundles. */

import { readFileSync } from 'node:fs'

const END = 0x06054b50
const END_BYTES = 22
const CENTRAL_BYTES = 46
const LOCAL_BYTES = 30

export interface Zip {
  /** Paths in the order of the directory. */
  names: string[]
  /** The bytes of the entry with this name, whatever its folder. Throws when there is none. */
  bytes(name: string): Buffer
  text(name: string): string
  json<T>(name: string): T
}

export function readZip(path: string): Zip {
  const file = readFileSync(path)
  const end = file.length - END_BYTES
  if (file.readUInt32LE(end) !== END) throw new Error('it does not end as a ZIP without a comment does')
  const entries = new Map<string, Buffer>()
  for (let at = file.readUInt32LE(end + 16), i = file.readUInt16LE(end + 10); i > 0; i--) {
    if (file.readUInt16LE(at + 10) !== 0) throw new Error('an entry is compressed')
    const size = file.readUInt32LE(at + 24)
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => file.readUInt16LE(at + offset))
    const name = file.toString('utf8', at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes!)
    const local = file.readUInt32LE(at + 42)
    const data = local + LOCAL_BYTES + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
    entries.set(name, file.subarray(data, data + size))
    at += CENTRAL_BYTES + nameBytes! + extraBytes! + commentBytes!
  }
  const bytes = (name: string): Buffer => {
    const found = [...entries].find(([path]) => path.endsWith(`/${name}`))
    if (!found) throw new Error(`there is no ${name} in ${path}`)
    return found[1]
  }
  return {
    names: [...entries.keys()],
    bytes,
    text: (name) => bytes(name).toString('utf8'),
    json: (name) => JSON.parse(bytes(name).toString('utf8')),
  }
}
