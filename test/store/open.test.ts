import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { explain, StoreError } from '../../src/store/errors.ts'
import { APPLICATION_ID, migrate, readMigrations } from '../../src/store/migrate.ts'
import { openStore } from '../../src/store/store.ts'
import { batchOf, makeAlert } from '../support/alerts.ts'
import { temporaryFolder } from '../support/folder.ts'

/** A database with one alert in it. */
function filled(name = 'seekwatch.db'): string {
  const path = join(temporaryFolder(), name)
  const store = openStore(path)
  store.write(batchOf(makeAlert('a')))
  store.close()
  return path
}

function change(path: string, sql: string): void {
  const db = new Database(path)
  db.exec(sql)
  db.close()
}

describe('a database file', () => {
  test('is made, and opened again with everything in it', () => {
    const path = filled()
    const again = openStore(path)
    expect(again.alert('a')?.id).toBe('a')
    again.close()
  })

  test('says in its header whose it is and in which form', () => {
    const db = new Database(filled())
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID)
    expect(db.pragma('user_version', { simple: true })).toBe(readMigrations().length)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    db.close()
  })

  test('an empty file becomes a database', () => {
    const path = join(temporaryFolder(), 'empty.db')
    writeFileSync(path, '')
    openStore(path).close()
    openStore(path, { readonly: true }).close()
  })

  test('one of an older form is not read, and it is said what brings it up to date, which does', () => {
    const path = join(temporaryFolder(), 'old.db')
    const old = new Database(path)
    migrate(old, path, readMigrations().slice(0, 1))
    old.close()
    expect(() => openStore(path, { readonly: true })).toThrow(
      /older Seekwatch \(form 1, .*"seekwatch serve --db .*old.db"/,
    )
    openStore(path).close()
    openStore(path, { readonly: true }).close()
  })

  test('a name with SQL, quotes and a question mark is only a name', () => {
    const path = filled("'; DROP TABLE alerts; --?mode=memory #.db")
    expect(existsSync(path)).toBe(true)
    const store = openStore(path, { readonly: true })
    expect(store.alerts({}).total).toBe(1)
    store.close()
  })

  test.each([
    ['SQLITE_FULL', 'the disk is full: make room'],
    ['SQLITE_IOERR_SHMSIZE', 'the disk is full: make room'],
    ['SQLITE_READONLY_DIRECTORY', 'use a copy in a folder of your own'],
    ['SQLITE_READONLY', 'may not be written'],
    ['SQLITE_CANTOPEN', 'change the permissions of the file and its folder, or name another one with --db'],
  ])('%s is told with what to do', (code, advice) => {
    const error = explain('x.db', Object.assign(new Error('no'), { code }))
    expect(error).toBeInstanceOf(StoreError)
    expect((error as StoreError).message).toMatch(new RegExp(`^x\\.db: .*${advice}.* \\(${code}\\)$`))
  })

  test('opened to read only it is not written', () => {
    const store = openStore(filled(), { readonly: true })
    expect(() => store.write(batchOf(makeAlert('b')))).toThrow('was opened to read only')
    expect(() => store.startRun({ id: 'r', command: 'replay' })).toThrow(StoreError)
    store.close()
  })
})

describe('is refused, unchanged, with what to do', () => {
  const cases: Array<[name: string, make: (path: string) => void, message: RegExp]> = [
    ['text', (path) => writeFileSync(path, 'a diary, not a database. '.repeat(200)), /not a SQLite database.*--db/],
    ['a folder', (path) => mkdirSync(path), /a folder, not a database/],
    [
      'a database of another program',
      (path) => change(path, 'CREATE TABLE songs (name TEXT); PRAGMA user_version = 1'),
      /of another program.*--db/,
    ],
    [
      'another application id',
      (path) => change(path, `PRAGMA application_id = 1; PRAGMA user_version = 1`),
      /of another program/,
    ],
    [
      'a newer form',
      (path) => {
        copyFileSync(filled(), path)
        change(path, 'PRAGMA user_version = 99')
      },
      /newer Seekwatch \(form 99.*update this program/,
    ],
    [
      'a header over rubbish',
      (path) => {
        const bytes = readFileSync(filled())
        writeFileSync(path, bytes.fill(0x5a, 100))
      },
      /(damaged|not a SQLite database)/,
    ],
    [
      'one cut in half',
      (path) => {
        const bytes = readFileSync(filled())
        writeFileSync(path, bytes.subarray(0, 4096))
      },
      /damaged/,
    ],
    [
      'one without its tables',
      (path) =>
        change(path, `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${readMigrations().length}`),
      /no such table/,
    ],
  ]
  for (const readonly of [false, true]) {
    test.each(cases)(`%s (readonly: ${readonly})`, (_, make, message) => {
      const path = join(temporaryFolder(), 'seekwatch.db')
      make(path)
      const before = statSync(path).isFile() ? readFileSync(path) : null
      let error: unknown
      try {
        openStore(path, { readonly }).overview()
      } catch (caught) {
        error = caught
      }
      expect(error).toBeInstanceOf(StoreError)
      const text = (error as Error).message
      expect(text).toMatch(message)
      expect(text.startsWith(path)).toBe(true)
      if (before !== null && !/damaged|no such table/.test(text)) expect(readFileSync(path).equals(before)).toBe(true)
    })
  }

  test('one whose alerts are damaged, found while they are listed', () => {
    const path = join(temporaryFolder(), 'seekwatch.db')
    const store = openStore(path)
    store.write(batchOf(...Array.from({ length: 1000 }, (_, i) => makeAlert(`a${i}`, { minute: i }))))
    store.close()
    const bytes = readFileSync(path)
    const start = bytes.indexOf('"chat.deepseek.com"', bytes.length / 2) & ~4095
    writeFileSync(path, bytes.fill(0x5a, start, start + 4096))
    const damaged = openStore(path, { readonly: true })
    onTestFinished(() => damaged.close())
    const list = (): number => [...damaged.eachAlert({})].length
    expect(list).toThrow(StoreError)
    expect(list).toThrow(`${path}: the database is damaged`)
  })

  test('one that does not exist, to read', () => {
    const path = join(temporaryFolder(), 'none.db')
    expect(() => openStore(path, { readonly: true })).toThrow(/no such database.*seekwatch replay/)
    expect(existsSync(path)).toBe(false)
  })

  test('one in a folder that does not exist', () => {
    expect(() => openStore(join(temporaryFolder(), 'no', 'such.db'))).toThrow(/its folder does not exist/)
  })

  test.each([true, false])('one below a file (readonly: %s)', (readonly) => {
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, '')
    const below = join(path, 'such.db')
    const told = `${below}: a part of the path is a file and not a folder (ENOTDIR): name another file with --db`
    expect(() => openStore(below, { readonly })).toThrow(new StoreError(told))
  })

  test('an empty file, to read', () => {
    const path = join(temporaryFolder(), 'empty.db')
    writeFileSync(path, '')
    expect(() => openStore(path, { readonly: true })).toThrow(/empty database.*seekwatch replay/)
  })
})

describe('migrations', () => {
  const first = 'CREATE TABLE one (a INTEGER) STRICT;'

  test('each is applied once, in order', () => {
    const db = new Database(':memory:')
    migrate(db, 'x.db', [first])
    migrate(db, 'x.db', [first, 'ALTER TABLE one ADD COLUMN b INTEGER;', 'INSERT INTO one VALUES (1, 2);'])
    migrate(db, 'x.db', [first, 'ALTER TABLE one ADD COLUMN b INTEGER;', 'INSERT INTO one VALUES (1, 2);'])
    expect(db.prepare('SELECT * FROM one').all()).toEqual([{ a: 1, b: 2 }])
    expect(db.pragma('user_version', { simple: true })).toBe(3)
  })

  test('one that fails half-way leaves the form before it', () => {
    const db = new Database(':memory:')
    expect(() =>
      migrate(db, 'x.db', [first, 'CREATE TABLE two (a INTEGER) STRICT; INSERT INTO three VALUES (1);']),
    ).toThrow('no such table: three')
    expect(db.pragma('user_version', { simple: true })).toBe(1)
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()).toEqual(['one'])
  })
})
