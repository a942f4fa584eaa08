/**
 * What the system says of a file or folder, in words for people. Its own text
 * names the call and the file that we opened, which may be one that nobody
 * has heard of: `ENOENT: no such file or directory, open 'list.4711.new'`.
 */

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file and not a folder',
  EACCES: 'permission is denied to this user',
  EPERM: 'permission is denied to this user',
  EISDIR: 'it is a folder and not a file',
  EEXIST: 'a file is where a folder must be',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'it is a socket or device that cannot be opened',
  EIO: 'the disk or network drive reported an error',
  ESTALE: 'the network drive has lost the file',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota of this user is used up',
  EROFS: 'the disk may only be read',
  EMFILE: 'too many files are open',
}

/** `there is no such file or folder (ENOENT)`; what is not known, as the system says it. */
export function systemReason(error: unknown): string {
  const code = systemCode(error)
  const known = REASONS[code]
  if (known !== undefined) return `${known} (${code})`
  return error instanceof Error ? error.message : String(error)
}

/** Is it the system's, of a file, disk or connection, and not one of Node's own (ERR_...)? */
export function isSystemError(error: unknown): boolean {
  return /^E[A-Z0-9]+$/.test(systemCode(error))
}

/** `ENOENT`; empty where the system has given none. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
