/**
 * Makes one archive of everything that is needed to run, for machines without
 * a network: `npm run bundle -- --out FOLDER`, after `npm run build`.
 *
 *   seekwatch-VERSION-PLATFORM-ARCH-nodeMAJOR.tar.gz     and beside it .sha256
 *
 * Packages with native code are compiled for one major version of Node, which
 * is why the name says it. The same build gives the same bytes: names sorted,
 * one time for all (SOURCE_DATE_EPOCH, or that of the commit), no owners.
 * V8's code (program.cache) differs from build to build and stays out.
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { epochSeconds } from './epoch.ts'
import { unitText } from './unit.ts'
import { version } from './version.ts'

const ROOT = join(import.meta.dirname, '../..')
const FILES = ['LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md', 'package.json', 'bin', 'captures', 'dist', 'rules']
/** What a complete build leaves, by the step that makes it. */
const BUILT = ['dist/program.cjs', 'dist/seekwatch.1', 'dist/enrich/networks.bin', 'dist/dashboard/index.html']
/** Not for those who run it: how captures were made, what they were compared with, V8's code. */
const LEFT_OUT = [/^captures\/scenarios(\/|$)/, /^dist\/(program\.cache|seekwatch\.1)$/, /\.unfinished$/]
/** Of a package with native code: what is loaded, and what is to be read. */
const NATIVE_KEPT =
  /^(package\.json|lib(\/.*)?|LICEN[CS]E.*|README.*|build|build\/Release|build\/Release\/(?!test_)[^/]+\.node)$/i
/** Where the unit in the archive expects to be unpacked. */
const HOME = '/opt/seekwatch'
const TAR_MADE_BY = 'GNU tar'

/**
 * Writes the archive and its SHA-256 into `folder`; returns the path of the archive. Throws when something is not
 * built, or npm or tar fail.
 */
export function makeBundle(folder: string): string {
  for (const path of BUILT) {
    if (!existsSync(join(ROOT, path))) throw new Error(`${path} is not there: npm run build`)
  }
  const name = `seekwatch-${version()}-${process.platform}-${process.arch}-node${process.versions.node.split('.')[0]}`
  const staging = mkdtempSync(join(tmpdir(), 'seekwatch-bundle-'))
  try {
    stage(join(staging, name))
    mkdirSync(folder, { recursive: true })
    const archive = join(resolve(folder), `${name}.tar.gz`)
    pack(staging, name, archive)
    const digest = createHash('sha256').update(readFileSync(archive)).digest('hex')
    writeFileSync(`${archive}.sha256`, `${digest}  ${basename(archive)}\n`)
    return archive
  } finally {
    rmSync(staging, { recursive: true })
  }
}

function stage(target: string): void {
  for (const path of FILES) copy(join(ROOT, path), join(target, path), (one) => !isLeftOut(join(path, one)))
  for (const path of packages()) {
    const isNative = existsSync(join(path, 'binding.gyp'))
    const isKept = (one: string): boolean => one !== 'node_modules' && (!isNative || NATIVE_KEPT.test(one))
    copy(path, join(target, relative(ROOT, path)), isKept)
  }
  const unit = { config: '/etc/seekwatch/seekwatch.yaml', user: 'seekwatch', node: '/usr/bin/node' }
  copy(join(ROOT, 'dist/seekwatch.1'), join(target, 'share/man/man1/seekwatch.1'), () => true)
  put(join(target, 'share/seekwatch.service'), unitText({ ...unit, program: `${HOME}/bin/seekwatch` }))
}

/** Folders of the packages that run, with all that they need in turn, as npm knows them. */
function packages(): string[] {
  const said = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: ROOT, encoding: 'utf8' })
  const paths = said.split('\n').filter((path) => path.includes('node_modules') && existsSync(path))
  return [...new Set(paths)]
}

function isLeftOut(path: string): boolean {
  return LEFT_OUT.some((pattern) => pattern.test(path))
}

/** Copies a file, or a folder with what `isKept` says of paths below it. */
function copy(from: string, to: string, isKept: (path: string) => boolean): void {
  const filter = (path: string): boolean => path === from || isKept(relative(from, path))
  cpSync(from, to, { recursive: true, filter })
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function pack(staging: string, name: string, archive: string): void {
  if (!execFileSync('tar', ['--version'], { encoding: 'utf8' }).includes(TAR_MADE_BY))
    throw new Error(`${TAR_MADE_BY} is needed, which can sort names and set times`)
  const tar = ['--sort=name', `--mtime=@${epochSeconds()}`, '--owner=0', '--group=0', '--numeric-owner']
  const modes = ['--mode=u+rwX,go+rX,go-w', '--format=gnu']
  // through gzip by name, because the name and time of its own header must stay out
  const gzip = ['--use-compress-program=gzip -n']
  execFileSync('tar', [...tar, ...modes, ...gzip, '-cf', archive, '-C', staging, name])
}

const started = process.argv[1]
if (started !== undefined && realpathSync(started) === import.meta.filename) {
  const { values } = parseArgs({ options: { out: { type: 'string', default: 'bundle' } } })
  process.stdout.write(`${makeBundle(values.out)}\n`)
}
