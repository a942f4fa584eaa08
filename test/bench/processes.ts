/** What running processes cost so far, as /proc tells (proc(5)). */

import { readFileSync } from 'node:fs'

/** USER_HZ: the unit of times in /proc, the same on all Linux systems that Node runs on. */
const TICKS_PER_SECOND = 100

/** Seconds of the processor, user and system, that all threads of a process used; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Fields from the third on; the second, the name of the program, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return 0
  }
}

/** Ids of the processes that `pid` started and that still run. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  } catch {
    return []
  }
}
