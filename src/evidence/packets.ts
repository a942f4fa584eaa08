/**
 * The packets of a bundle: finds the capture files that evidence names, makes
 * sure that they are those, takes the packets that prove the alerts, and tells
 * what it could not have and why.
 */

import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { systemReason } from '../bytes/system-error.ts'
import { printable } from '../bytes/text.ts'
import type { Alert } from '../events/alert.ts'
import { type Chosen, cut, digestOf } from './cut.ts'
import type { ContactBegin } from './identity.ts'
import { type Likeness, type Looked, look, lookByTime } from './look.ts'
import { absence, type Place, Places } from './places.ts'
import { type Budget, type FlowShare, type Selection, select } from './select.ts'
import type { SourceRecord, Taken } from './taken.ts'
import { evidenceOf, flowOf, namesOf, SKEW_US, Wanted, type WantedEvidence, type WantedFlow } from './wanted.ts'

/** Most that is taken; what is beyond is told. */
const BUDGET: Readonly<Budget> = { packets: 1_000_000, bytes: 2 ** 30 }
/** Further files that are searched for the rest of a flow, before and behind those that evidence names. */
const BEFORE_MAX = 4
const BEHIND_MAX = 64
const NOTE_CHARACTERS_MAX = 300

export interface PacketsJob {
  /** Whose packets are wanted. */
  alerts: readonly Alert[]
  /** What began the contact that an alert's id was made of, if that was something else. */
  begin: ContactBegin | null
  /** They were seen on an interface, and evidence names that. */
  isLive: boolean
  /** Files and folders in which files are looked for that are not where they were. */
  captures: readonly string[]
  /** Folder of the database. */
  home: string
  /** Where the packets are written to: a new file. */
  out: string
  budget?: Budget
  signal?: AbortSignal
}

/** A file of which packets are taken. */
interface Source {
  record: SourceRecord
  path: string
  selection: Selection | null
  /** What its packets show, by their numbers. */
  shown: Looked['shown']
  /** What was known of it on disk before it was read. */
  mark: string
}

/** Takes the packets. Rejects when they cannot be written or the signal aborts; what a capture holds or lacks is told. */
export async function takePackets(job: PacketsJob): Promise<Taken> {
  const search = new Search(job)
  if (job.isLive) await search.findRecorded()
  else await search.findNamed()
  await search.selectAll()
  await search.completeFlows()
  return search.write()
}

class Search {
  readonly #job: PacketsJob
  readonly #places: Places
  readonly #wanted: Wanted
  /** Those of the alerts. */
  readonly #flows = new Map<Alert, WantedFlow>()
  readonly #evidence: WantedEvidence[]
  readonly #budget: Budget
  readonly #records: SourceRecord[] = []
  readonly #sources: Source[] = []
  readonly #missing: string[] = []
  readonly #remarks: string[] = []

  constructor(job: PacketsJob) {
    this.#job = job
    this.#places = new Places(job.home, job.captures)
    this.#wanted = new Wanted(job.isLive)
    this.#budget = { ...(job.budget ?? BUDGET) }
    const { alerts, begin } = job
    for (const alert of alerts) {
      const flow = flowOf(alert)
      this.#flows.set(alert, flow)
      this.#wanted.add(flow)
      for (const name of namesOf(alert)) this.#wanted.addName(name)
    }
    this.#evidence = alerts.flatMap((alert) => evidenceOf(alert))
    if (begin !== null) {
      this.#wanted.add(flowOf(begin.alert, begin.timeUs))
      this.#evidence.push(...evidenceOf(begin.alert, begin.timeUs))
    }
  }

  /** Finds each file that evidence names, and looks at the packets that it names. */
  async findNamed(): Promise<void> {
    const byFile = new Map<string, WantedEvidence[]>()
    for (const one of this.#evidence) byFile.set(one.evidence.file, [...(byFile.get(one.evidence.file) ?? []), one])
    for (const [file, wanted] of byFile) {
      const record: SourceRecord = { file, packets: 0, checked: [] }
      this.#records.push(record)
      await this.#find(record, wanted)
      if (record.trouble === undefined) continue
      this.#missing.push(`${printable(file)}: ${record.trouble}.`)
    }
    this.#tellFaults()
  }

  /** Looks for what a live sensor saw in recordings of the same line. */
  async findRecorded(): Promise<void> {
    const times = this.#evidence.map(({ timeUs }) => timeUs)
    const places = near(await this.#places.given(), Math.min(...times), Math.max(...times) + SKEW_US)
    const best = new Map<WantedEvidence, Likeness>()
    const marks = new Map<string, string>()
    for (const { path } of places) {
      marks.set(path, await markOf(path))
      await lookByTime(path, this.#evidence, best, this.#job.signal)
    }
    for (const [path, mark] of marks) {
      const looked: Looked = { trouble: '', shown: new Map(), beside: [] }
      for (const [one, likeness] of best) {
        if (likeness.path !== path) continue
        looked.shown.set(likeness.number, [...(looked.shown.get(likeness.number) ?? []), one])
        if (likeness.beside !== null) looked.beside.push(likeness.beside)
      }
      if (looked.shown.size > 0) this.#take(path, mark, { file: basename(path), packets: 0, checked: [] }, looked)
    }
    this.#tellFaults()
    const interfaces = [...new Set(this.#evidence.map(({ evidence }) => evidence.file))].map(printable).join(', ')
    const seen = `The alert was raised by a live sensor, which keeps no packets, from the interface ${interfaces}`
    if (this.#sources.length > 0)
      this.#remarks.push(
        `${seen}. These packets are from a recording, where they were found by addresses, names and about the time: numbers and times of the evidence are those of the sensor, which differ a little from those of the recording.`,
      )
    const left = this.#evidence.length - best.size
    if (left === 0) return
    const recorded =
      this.#job.captures.length === 0
        ? 'If a recorder wrote files there, name their folder with --captures'
        : `${left} of ${this.#evidence.length} pieces of evidence were not found in the captures that were given`
    this.#missing.push(`${seen}. ${recorded}.`)
  }

  #tellFaults(): void {
    for (const { file, reason } of this.#places.faults) this.#remarks.push(`${printable(basename(file))}: ${reason}.`)
  }

  #take(path: string, mark: string, record: SourceRecord, { shown, beside }: Looked): void {
    record.checked = [...shown.keys()]
    for (const flow of beside) this.#wanted.add(flow)
    if (!this.#records.includes(record)) this.#records.push(record)
    // two names of one file
    const known = this.#sources.find((source) => source.mark === mark)
    if (known === undefined) this.#sources.push({ record, path, mark, shown, selection: null })
    else for (const [number, all] of shown) known.shown.set(number, [...(known.shown.get(number) ?? []), ...all])
  }

  async #find(record: SourceRecord, wanted: readonly WantedEvidence[]): Promise<void> {
    const { file } = record
    const timeUs = Math.min(...wanted.map((one) => one.timeUs))
    for await (const { path, isNamed } of this.#places.of(file, timeUs)) {
      const mark = await markOf(path)
      const looked = await look(path, wanted, this.#job.signal)
      if (looked.trouble !== '') {
        if (isNamed) record.trouble ??= looked.trouble
        continue
      }
      delete record.trouble
      if (basename(path) !== basename(file)) record.found_as = basename(path)
      this.#take(path, mark, record, looked)
      return
    }
    record.trouble ??= await absence(file)
  }

  async selectAll(): Promise<void> {
    for (const source of this.#sources) {
      const selection = await select(source.path, this.#wanted, this.#budget, this.#job.signal)
      source.selection = selection
      if (selection.trouble !== '') source.record.trouble = selection.trouble
    }
  }

  /** A recorder begins a new file now and then: the rest of a flow may lie in one that no evidence names. */
  async completeFlows(): Promise<void> {
    if (this.#sources.length === 0 || this.#isCut || this.#lacking().length === 0) return
    const around = await this.#places.around(this.#sources.map(({ path }) => path))
    const fromUs = Math.min(...this.#lacking().map((flow) => flow.fromUs))
    const toUs = Math.max(...this.#lacking().map((flow) => flow.toUs))
    for (const { path } of near(around, fromUs, toUs)) {
      if (this.#lacking().length === 0) break
      await this.#tryFurther(path)
    }
  }

  /** Takes a file where its packets lie before or behind those that are there: others would be the same ones again. */
  async #tryFurther(path: string): Promise<void> {
    const rest = new Wanted(this.#job.isLive)
    const whole = new Map<WantedFlow, WantedFlow>()
    for (const flow of this.#lacking()) {
      const copy = { ...flow }
      whole.set(copy, flow)
      rest.add(copy)
    }
    const mark = await markOf(path)
    const budget = { ...this.#budget }
    const found = await select(path, rest, budget, this.#job.signal)
    if (found.numbers.length === 0) return
    const shares = new Map([...found.shares].map(([flow, share]) => [whole.get(flow)!, share]))
    for (const [flow, share] of shares) if (!this.#fits(flow, share)) return
    Object.assign(this.#budget, budget)
    const record: SourceRecord = { file: basename(path), packets: 0, checked: [] }
    this.#records.push(record)
    this.#sources.push({ record, path, mark, shown: new Map(), selection: { ...found, shares } })
  }

  #fits(flow: WantedFlow, share: FlowShare): boolean {
    const others = this.#sharesOf(flow)
    const packets = others.reduce((sum, other) => sum + other.packets, share.packets)
    return packets <= flow.counted! && others.every((one) => share.lastUs < one.firstUs || share.firstUs > one.lastUs)
  }

  /** Flows of which fewer packets were found than the sensor counted. */
  #lacking(): WantedFlow[] {
    return this.#wanted.flows.filter((flow) => flow.counted !== null && this.#packetsOf(flow) < flow.counted)
  }

  /** There was more than a bundle holds. */
  get #isCut(): boolean {
    return this.#sources.some(({ selection }) => selection?.isCut)
  }

  #packetsOf(flow: WantedFlow): number {
    return this.#sharesOf(flow).reduce((sum, { packets }) => sum + packets, 0)
  }

  #sharesOf(flow: WantedFlow): FlowShare[] {
    return this.#sources.flatMap(({ selection }) => selection?.shares.get(flow) ?? [])
  }

  async write(): Promise<Taken> {
    const { out, signal } = this.#job
    const used = this.#sources.filter(({ selection }) => selection !== null && selection.numbers.length > 0)
    for (const source of used) source.record.packets = source.selection!.numbers.length
    const file =
      used.length === 0
        ? null
        : await cut(
            out,
            used.map((source) => this.#chosenOf(source)),
            signal,
          )
    for (const source of this.#sources) await this.#describe(source)
    this.#tellFlows()
    if (file === null && this.#missing.length === 0) this.#missing.push('The alert names no packet.')
    return {
      file,
      packets: used.reduce((sum, { record }) => sum + record.packets, 0),
      sources: this.#records,
      missing: this.#missing,
      remarks: this.#remarks,
      check: '',
    }
  }

  #chosenOf({ path, record, selection, shown }: Source): Chosen {
    const { numbers, firstUs, clocks } = selection!
    const notes = new Map<number, string[]>()
    for (const [number, all] of shown) {
      const words = all.map(({ evidence: { kind, value } }) =>
        `${kind} ${printable(value)}`.slice(0, NOTE_CHARACTERS_MAX),
      )
      notes.set(number, [...new Set(words)])
    }
    for (const number of clocks) notes.set(number, ['here for its time alone', ...(notes.get(number) ?? [])])
    return { path, file: record.file, numbers, firstUs, notes }
  }

  /** Its digest, taken after its packets were: a file that was written to meanwhile is told. */
  async #describe({ record, path, mark }: Source): Promise<void> {
    try {
      Object.assign(record, await digestOf(path, this.#job.signal))
    } catch (error) {
      this.#job.signal?.throwIfAborted()
      record.trouble = systemReason(error)
      this.#missing.push(`The SHA-256 of ${printable(record.file)}: ${systemReason(error)}.`)
    }
    if ((await markOf(path)) === mark) return
    record.trouble = 'it was changed while it was read'
    this.#missing.push(
      `${printable(record.file)} was changed while it was read, by a recorder that still writes to it or by somebody: make the bundle again when it is at rest.`,
    )
  }

  #tellFlows(): void {
    for (const { record, selection } of this.#sources) {
      for (const number of selection?.clocks ?? [])
        this.#remarks.push(
          `Packet ${number} of ${printable(record.file)} is in the bundle for its time alone: packets behind it carry older stamps, and for the sensor time never goes back.`,
        )
    }
    // a file that a recorder still writes to ends in the middle of something, and may have all that is wanted
    const places = this.#lacking().length > 0 ? this.#missing : this.#remarks
    for (const { record, selection } of this.#sources) {
      if (selection?.trouble) places.push(`${printable(record.file)} could be read only in part: ${selection.trouble}.`)
    }
    if (this.#isCut) {
      const { packets, bytes } = this.#job.budget ?? BUDGET
      this.#missing.push(
        `A bundle holds at most ${packets} packets and ${bytes} bytes of them: those behind were left out. They lie in the files that the evidence names.`,
      )
    }
    for (const [alert, flow] of this.#flows) {
      const { counted } = flow
      if (counted === null && alert.count > 1 && namesOf(alert).length === 0)
        this.#remarks.push(
          `The alert ${printable(alert.id)} stands for ${alert.count} observations: the packets are those of its evidence, not of each of them.`,
        )
      if (counted === null || this.#sources.length === 0) continue
      const packets = this.#packetsOf(flow)
      if (packets < counted && !this.#isCut)
        this.#missing.push(
          `Of the ${counted} packets that the sensor counted in the flow of ${printable(alert.id)}, ${counted - packets} were not found: the files that have them are not at hand. If a recorder wrote more files, name their folder with --captures.`,
        )
      if (packets > counted)
        this.#remarks.push(
          `The flow of ${printable(alert.id)} has ${packets} packets here and ${counted} in the alert: what was recorded twice counts once, and what came after the sensor told of the flow for the last time does not count.`,
        )
    }
  }
}

/** Of files by their first packet, those that may hold something of a span of time: begun in it, and the last ones before. */
function near(places: readonly Place[], fromUs: number, toUs: number): Place[] {
  const before = places.filter(({ firstUs }) => firstUs <= fromUs).slice(-BEFORE_MAX)
  const inside = places.filter(({ firstUs }) => firstUs > fromUs && firstUs <= toUs).slice(0, BEHIND_MAX)
  return [...before, ...inside]
}

/** Another one for another file, and for one that was written to; empty where it cannot be told. */
async function markOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs].join(' ')
  } catch (error) {
    return systemReason(error)
  }
}
