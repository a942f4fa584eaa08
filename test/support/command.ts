/** The command `seekwatch ...` in the process of the tests: what it says, and its exit code. */

import { vi } from 'vitest'
import { main } from '../../src/cli/main.ts'

export interface Said {
  code: number
  out: string
  err: string
}

export async function seekwatch(...args: string[]): Promise<Said> {
  const said: Said = { code: 0, out: '', err: '' }
  const hear = (where: 'out' | 'err') => (text: string | Uint8Array) => {
    said[where] += text
    return true
  }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(hear('out'))
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(hear('err'))
  process.exitCode = 0
  try {
    await main(args)
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
  said.code = Number(process.exitCode)
  process.exitCode = 0
  return said
}
