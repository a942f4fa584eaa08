/** What is written to a JsonWriter, as tests want it: the text of a line, or the value. */

import { JsonWriter } from '../../src/bytes/json-writer.ts'
import type { Observation } from '../../src/events/observation.ts'
import { writeEve } from '../../src/outputs/format/eve.ts'

/** A line as a sink of lines takes it. */
export function lineText(line: string | Uint8Array): string {
  return typeof line === 'string' ? line : Buffer.from(line).toString('latin1')
}

export function eveLine(observation: Observation, sensor: string): string {
  const json = new JsonWriter()
  writeEve(json, observation, sensor)
  return lineText(json.bytes)
}

/** The object whose members `write` writes. */
export function members(write: (json: JsonWriter) => void): Record<string, unknown> {
  const json = new JsonWriter()
  json.object()
  write(json)
  json.endObject()
  return JSON.parse(lineText(json.bytes)) as Record<string, unknown>
}
