/**
 * Builds dist/program.cjs and dist/program.cache, after all else in `dist`:
 * `node dist/cli/build-program.js`.
 *
 * Packages with native code, or with files of their own that they look for at
 * run time, stay packages; so does what only a sensor that stays up needs.
 */

import { realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { build, type Plugin } from 'esbuild'
import { cacheFile, loadProgram, programFile, YOUNG_GROWTH } from './program.ts'

const PACKAGES = ['better-sqlite3', 'cap', 'cli-progress', 'fastify', '@fastify/*', 'pino', 'prom-client', 'ws']

/** Makes one file of the modules in `dist`. Throws when one cannot be read or resolved. */
export async function buildProgram(dist: string): Promise<void> {
  rmSync(cacheFile(dist), { force: true })
  await build({
    entryPoints: [join(dist, 'cli/main.js')],
    outfile: programFile(dist),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: PACKAGES,
    // V8's kept code has lost from where its `import()` resolves: what is loaded late is required
    supported: { 'dynamic-import': false },
    plugins: [keepAddresses(dist)],
    logLevel: 'warning',
  })
}

/** Runs the program on `args`, and keeps what V8 compiled for that. */
export async function buildCache(dist: string, args: readonly string[]): Promise<void> {
  const program = loadProgram(dist)
  if (program === null) throw new Error(`${programFile(dist)}: is not there, or older than the modules`)
  await program.main(args)
  if (process.exitCode) throw new Error('the program that was built failed; see above')
  setFlagsFromString(YOUNG_GROWTH) // V8 takes code only under the flags it was made under: here those of a start
  const unfinished = `${cacheFile(dist)}.${process.pid}.unfinished`
  writeFileSync(unfinished, program.script.createCachedData())
  renameSync(unfinished, cacheFile(dist))
}

/** Modules look for files beside them: each keeps the address that it has in `dist`. */
function keepAddresses(dist: string): Plugin {
  return {
    name: 'addresses',
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        if (relative(dist, path).startsWith('..')) return undefined
        const text = await readFile(path, 'utf8')
        const file = `require('node:path').join(__dirname, ${JSON.stringify(relative(dist, path))})`
        const contents = text
          .replaceAll('import.meta.url', `require('node:url').pathToFileURL(${file}).href`)
          .replaceAll('import.meta.dirname', `require('node:path').dirname(${file})`)
          .replaceAll('import.meta.filename', file)
        return { contents, loader: 'js' }
      })
    },
  }
}

const started = process.argv[1]
if (started !== undefined && realpathSync(started) === import.meta.filename) {
  const dist = join(import.meta.dirname, '..')
  await buildProgram(dist)
  await buildCache(dist, ['replay', join(dist, '../captures/affiliate/input.pcap'), '--no-store', '--quiet'])
}
