/** The Upgrade field, RFC 9110 section 7.8: protocols that the sender offers or has switched to. */

/** Most protocols of one head that are kept. */
export const UPGRADES_MAX = 8

/** The protocols that `text` lists, in lower case: `websocket`, `h2c`. */
export function upgradesIn(text: string): string[] {
  return text
    .toLowerCase()
    .split(',', UPGRADES_MAX)
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '')
}
