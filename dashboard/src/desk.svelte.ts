/**
 * What people decide here: states of alerts, exemptions. Keeps the list of
 * exemptions, the log of the open alert, and the name that goes into the log.
 */
import type { TriageState } from '../../src/events/alert.ts'
import type { AddedExemption, EndedExemption, ExemptionView, PreviewAnswer } from '../../src/events/api.ts'
import type { AuditEntry, ExemptionDraft } from '../../src/events/exemption.ts'
import { addExemption, endExemption, getAudit, getExemptions, previewExemption, setState } from './api.ts'

const NAME_KEY = 'seekwatch.name'

export class Desk {
  exemptions = $state.raw<ExemptionView[]>([])
  /** True once the list has been answered. */
  isLoaded = $state(false)
  /** Why the last thing asked for did not happen; empty when all is well. */
  fault = $state('')
  /** What was just done, for a screen reader and the eye. */
  done = $state('')
  /** Changes of the alert that was last asked about, newest first; empty until they are known. */
  history = $state.raw<AuditEntry[]>([])
  /** What was last decided on which alert, and of how many. */
  decided = $state.raw({ id: '', words: '' })
  /** Whether what is decided on the open alert is meant for all of its contact. */
  isWholeContact = $state(false)
  /** Who is at the page, as they say; kept by the browser. */
  name = $state(storedName())

  #request: AbortController | null = null
  /** Whose changes `history` is. */
  #subject = ''
  readonly #onchange: () => void

  /** @param onchange is called when something was changed: what is shown is old */
  constructor(onchange: () => void) {
    this.#onchange = onchange
  }

  /** Asks for the list again. */
  async load(): Promise<void> {
    this.#request?.abort()
    const request = new AbortController()
    this.#request = request
    try {
      this.exemptions = await getExemptions(request.signal)
      this.isLoaded = true
    } catch (error) {
      if (!request.signal.aborted) this.fault = words(error)
    }
  }

  /** The exemption with this id, if the list has it. */
  find(id: string | undefined): ExemptionView | undefined {
    return this.exemptions.find((view) => view.id === id)
  }

  /** Remembers who is at the page. */
  rename(name: string): void {
    this.name = name
    try {
      localStorage.setItem(NAME_KEY, name)
    } catch {
      // A browser that keeps nothing: the name is asked for again next time.
    }
  }

  /** Asks for the changes of an alert; what another was asked about before is gone at once, and its answer passed over. */
  async loadHistory(subject: string): Promise<void> {
    if (subject !== this.#subject) this.history = []
    this.#subject = subject
    try {
      const entries = await getAudit(subject)
      if (subject === this.#subject) this.history = entries
    } catch (error) {
      if (subject === this.#subject) this.fault = words(error)
    }
  }

  /** Sets the state of an alert, and of the others of its contact when that is wanted. */
  async triage(id: string, state: TriageState, note: string): Promise<boolean> {
    const body = { by: this.name, note, state, ids: [id], whole_contacts: this.isWholeContact }
    const answer = await this.#answer('', () => setState(body))
    if (answer === null) return false
    this.done = `${answer.changed === 1 ? 'The alert is' : `${answer.changed} alerts are`} ${state}`
    this.decided = { id, words: this.done }
    this.isWholeContact = false
    return true
  }

  /** Puts an exemption on record; what may not be meant is said with it. */
  async add(exemption: Partial<ExemptionDraft>): Promise<AddedExemption | null> {
    const done = 'The exemption is on record'
    const added = await this.#answer(done, () => addExemption({ by: this.name, exemption }))
    if (added !== null) this.done = [done, ...added.warnings].join('. ')
    return added
  }

  /** @param at RFC 3339; empty for now */
  end(id: string, at: string): Promise<EndedExemption | null> {
    return this.#answer('The exemption has ended', () =>
      endExemption(id, { by: this.name, ...(at === '' ? {} : { at }) }),
    )
  }

  preview(exemption: Partial<ExemptionDraft>, days: number): Promise<PreviewAnswer | null> {
    this.fault = ''
    return previewExemption({ exemption, days }).catch((error: unknown) => {
      this.fault = words(error)
      return null
    })
  }

  async #answer<T>(done: string, work: () => Promise<T>): Promise<T | null> {
    this.fault = ''
    this.done = ''
    try {
      const answer = await work()
      this.done = done
      this.#onchange()
      return answer
    } catch (error) {
      this.fault = words(error)
      return null
    }
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function storedName(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? ''
  } catch {
    return ''
  }
}
