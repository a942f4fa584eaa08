/** The manual page: all that commander knows, as roff that a strict reader takes. */

import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { manPage } from '../../src/cli/man-page.ts'
import { seekwatch } from '../../src/cli/seekwatch.ts'
import { isInstalled } from '../support/setup.ts'

const PAGE = manPage(seekwatch(), '2026-01-31')

/** The page as a terminal shows it, without overstriking; lines joined. */
function shown(page: string): string {
  const { stdout } = spawnSync('mandoc', ['-T', 'ascii', '-O', 'width=500'], { input: page, encoding: 'latin1' })
  return stdout.replace(/.[\b]/g, '').replace(/\s+/g, ' ')
}

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)]
}

describe('every command', () => {
  test.each(all(seekwatch()).map((command) => [command.name(), command] as const))(
    '%s: its options say what they do',
    (_, command) => {
      for (const { description, flags } of command.options) expect(`${flags}: ${description}`).toMatch(/: .{3}/)
      expect(command.description()).not.toBe('')
    },
  )

  test('no default is empty, or that of the machine where the page is made', () => {
    expect(PAGE).not.toMatch(/default: (""|\[\])/)
    expect(PAGE).not.toContain(`"${hostname()}"`)
    expect(PAGE).not.toContain(import.meta.dirname.split('/', 3).join('/'))
  })
})

describe.skipIf(!isInstalled('mandoc'))('roff', () => {
  test('a strict reader finds nothing to say', () => {
    const { stdout, stderr } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning'], { input: PAGE, encoding: 'utf8' })
    expect(stdout + stderr).toBe('')
  })

  test('every command and option is shown as it is written', () => {
    const text = shown(PAGE)
    for (const command of all(seekwatch())) {
      expect(text).toContain(command.name())
      for (const { flags } of command.options) if (!flags.includes('--version')) expect(text).toContain(flags)
    }
    expect(text).toContain('Exit codes: 0 all input was read')
  })

  test('hostile words are only words', () => {
    const words = '.so /etc/passwd\n\'br\nback\\\\slash \\*[x] "quoted" -dash'
    const program = new Command('seekwatch')
      .version('1')
      .addCommand(new Command('x').description(words).option('--a "b"', words))
    const page = manPage(program, '2026-01-31')
    expect(page).not.toMatch(/^[.'](so|br)/m)
    expect(shown(page)).toContain('.so /etc/passwd \'br back\\\\slash \\*[x] "quoted" -dash')
    expect(shown(page)).toContain('--a "b"')
  })
})
