/**
 * Builds dist/program.cjs and dist/program.cache, after all else in `dist`:
 * `node dist/cli/build-program.js`.
 *
 * Packages with native code, or with files of their own that they look for at
 * run time, stay packages; so does what only a sensor that stays up needs.
 */

import { realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { cacheFile, loadProgram, programFile, YOUNG_GROWTH } from './program.ts'

const PACKAGES = ['better-sqlite3', 'cap', 'cli-progress', 'fastify', '@fastify/*', 'pino', 'prom-client', 'ws']

/** What runs for each packet: with all that they import they become one module. */
const PER_PACKET = ['capture/pcap.js', 'capture/pcapng.js', 'cli/run.js']

/** Makes one file of the modules in `dist`. Throws when one cannot be read or resolved. */
export async function buildProgram(dist: string): Promise<void> {
  rmSync(cacheFile(dist), { force: true })
  const packetPath = await packetModule(dist)
  await build({ ...options(dist, [packetPath]), entryPoints: [join(dist, 'cli/main.js')], outfile: programFile(dist) })
}

function options(dist: string, plugins: Plugin[]) {
  return {
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: PACKAGES,
    // V8's kept code has lost from where its `import()` resolves: what is loaded late is required
    supported: { 'dynamic-import': false },
    plugins: [...plugins, keepAddresses(dist)],
    logLevel: 'warning',
  } satisfies BuildOptions
}

/**
 * esbuild puts a module that may be loaded late into a function of its own, and all that it imports as well, and makes
 * its constants variables that the function sets: V8 then looks for each of them each time. So what runs for each packet
 * is made into one module first, with constants that are constants, and whoever imports a part of it gets it from there.
 */
async function packetModule(dist: string): Promise<Plugin> {
  const entry = (paths: readonly string[]) => ({
    ...options(dist, []),
    stdin: { contents: paths.map((path, i) => `export * as part${i} from './${path}'`).join('\n'), resolveDir: dist },
    write: false as const,
  })
  const { metafile } = await build({ ...entry(PER_PACKET), metafile: true })
  const inputs = Object.keys(metafile.inputs).map((path) => relative(dist, resolve(path)))
  const files = inputs.filter((path) => path.endsWith('.js') && !path.startsWith('..'))
  const { outputFiles } = await build(entry(files))
  const whole = outputFiles[0]!.text
  const parts = new Map(files.map((path, i) => [join(dist, path), `part${i}`]))
  return {
    name: 'packet module',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^packet-module$/ }, ({ path }) => ({ path, namespace: 'packet-module' }))
      onLoad({ filter: /.*/, namespace: 'packet-module' }, () => ({ contents: whole, resolveDir: dist }))
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        const part = parts.get(path)
        if (part === undefined) return undefined
        const names = Object.keys(await import(path))
        const exports = names.map((name) => `export const ${name} = part.${name}`)
        return { contents: [`const part = require('packet-module').${part}`, ...exports].join('\n') }
      })
    },
  }
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
