/** What fingerprints of hellos look like, in packs and where people ask for them. */

export const JA3_FORM = /^[0-9a-fA-F]{32}$/

export const JA4_FORM = /^[tqd](?:[0-9]{2}|[sd][0-9])[di][0-9]{4}[0-9a-zA-Z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/
