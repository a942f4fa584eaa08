/** Wrong usage or configuration: the command ends with exit code 2 and this message. */

/** The message says where, what is wrong, and what to write instead. */
export class UsageError extends Error {
  override name = 'UsageError'
}
