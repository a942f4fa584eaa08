/**
 * What somebody most likely did with a service: not only that it was touched.
 *
 * Known are the name (packs say what each is for), how many bytes went each
 * way, how client and server took turns, and for what else of the same service
 * the client asked in the same contact. The content is encrypted, so this is a
 * guess, and it stops where the evidence does: then the use is null.
 *
 *   what the name is for   and                                               use
 *   telemetry              anything                                          telemetry
 *   app_start              anything                                          app_start
 *   api                    anything                                          api
 *   file_transfer          16 kB or more one way                             file_transfer
 *   chat                   256 kB or more left, and less came                file_transfer
 *   chat                   an answer that was written while it went, or      chat
 *                          3 turns and 4 kB left
 *   chat                   else, beside a name of the app's start            app_start
 *   chat                   else                                              page
 *   page                   1 MB or more came, ten times what left            file_transfer
 *   page                   else                                              page
 *   nothing is said        256 kB or more left, and less came                file_transfer
 *   nothing is said        else                                              -
 *
 * An attempt and a question to DNS are no use of anything.
 */

import type { Use } from '../events/alert.ts'

const TRANSFER_BYTES = 16e3
const UPLOAD_BYTES = 256e3
const DOWNLOAD_BYTES = 1e6
const DOWNLOAD_RATIO = 10
const CHAT_TURNS = 3
const CHAT_BYTES = 4e3

export interface UseFacts {
  /** What the pack says the name or address is for; null when it says nothing. */
  hint: Use | null
  /** What the pack calls it: `web chat`. */
  role: string
  /** The service answered, and something may have been done with it. */
  isUsed: boolean
  /** Bytes on the wire. */
  bytesOut: number
  bytesIn: number
  /** Turns of the client, and those with an answer that was written while it went; 0 where they were not counted. */
  turns: number
  streamed: number
  /** What other names of the service are for that the client asked for in the same contact. */
  together: ReadonlySet<Use>
}

export interface FoundUse {
  use: Use | null
  /** Why, in a sentence for people; empty when nothing can be said. */
  why: string
}

const UNKNOWN: FoundUse = { use: null, why: '' }

/** What the figures say, and why. */
export function useOf(facts: UseFacts): FoundUse {
  if (!facts.isUsed) return UNKNOWN
  switch (facts.hint) {
    case 'telemetry':
      return found('telemetry', facts, 'where a program reports to by itself')
    case 'app_start':
      return found('app_start', facts, 'asked for when the app starts')
    case 'api':
      return found('api', facts, `programs call it; ${turnsWords(facts)}`)
    case 'file_transfer':
      return Math.max(facts.bytesOut, facts.bytesIn) < TRANSFER_BYTES
        ? UNKNOWN
        : found('file_transfer', facts, 'files go through it')
    case 'chat':
      return chatUse(facts)
    case 'page':
      return facts.bytesIn >= DOWNLOAD_BYTES && facts.bytesIn >= DOWNLOAD_RATIO * facts.bytesOut
        ? found('file_transfer', facts, 'far more came than a page needs: a download')
        : found('page', facts, 'pages to read')
    case null:
      return isUpload(facts) ? found('file_transfer', facts, 'far more left than came: an upload') : UNKNOWN
  }
}

function chatUse(facts: UseFacts): FoundUse {
  const { turns, streamed, bytesOut, together } = facts
  if (isUpload(facts)) return found('file_transfer', facts, 'far more left than came: an upload')
  if (streamed > 0)
    return found('chat', facts, `${turnsWords(facts)}, ${streamed} answered piece by piece over seconds`)
  if (turns >= CHAT_TURNS && bytesOut >= CHAT_BYTES) return found('chat', facts, turnsWords(facts))
  if (together.has('app_start'))
    return found('app_start', facts, 'the app was started beside it, and nothing looks like a conversation')
  return found('page', facts, 'opened, and nothing looks like a conversation')
}

function isUpload({ bytesOut, bytesIn }: UseFacts): boolean {
  return bytesOut >= UPLOAD_BYTES && bytesOut > bytesIn
}

const WORDS: Readonly<Record<Use, string>> = {
  chat: 'a chat',
  file_transfer: 'a transfer of files',
  api: 'a program that calls the API',
  page: 'a page that was looked at',
  app_start: 'the start of an app',
  telemetry: 'telemetry in the background',
}

function found(use: Use, { role, bytesOut, bytesIn }: UseFacts, why: string): FoundUse {
  const bytes = `${bytesWords(bytesOut)} left, ${bytesWords(bytesIn)} came`
  return { use, why: `Looks like ${WORDS[use]}: ${role}; ${why}; ${bytes}.` }
}

function turnsWords({ turns }: UseFacts): string {
  if (turns === 0) return 'turns were not counted'
  return turns === 1 ? 'the client spoke once' : `the client spoke ${turns} times`
}

/** A count of bytes for people: `1.2 MB`. */
function bytesWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 999_500) return `${(bytes / 1e3).toFixed(bytes < 9950 ? 1 : 0)} kB`
  return `${(bytes / 1e6).toFixed(1)} MB`
}
