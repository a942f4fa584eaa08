/** A file of its own, so that the command line can know the error without loading the server. */

/** The address cannot be listened on; the message says why and what to do. */
export class ListenError extends Error {
  override name = 'ListenError'
}
