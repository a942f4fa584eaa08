import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'

/** Runs the program with these arguments, from its sources. */
function seekwatch(...args: string[]): { code: number | null; out: string; err: string } {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const script = `import('${main}').then(({ main }) => main(${JSON.stringify(args)}))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

test('rules check: the shipped packs are right', () => {
  const { code, out, err } = seekwatch('rules', 'check')
  expect(err).toMatch(/^seekwatch: \d+ packs with \d+ rules and \d+ entries, all right\n$/)
  expect({ code, out }).toEqual({ code: 0, out: '' })
})

test('rules check: a wrong pack is told with its place, and the exit code is that of wrong configuration', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'x.yaml'), 'pack: X\n')
  const { code, err } = seekwatch('rules', 'check', '--rules', folder)
  expect(err).toContain(`${folder}/x.yaml:1:7: pack is not an id`)
  expect(code).toBe(2)
})

test('rules: a subcommand that there is not is wrong usage', () => {
  expect(seekwatch('rules', 'chekc').code).toBe(2)
  expect(seekwatch('rules', 'check', '--nothing').code).toBe(2)
})
