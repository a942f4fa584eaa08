/** The texts of a language. */

import { textsEn } from './text-en.ts'
import type { Texts } from './texts.ts'
import type { Words } from './words.ts'

/** In the language of `w`. */
export function textsOf(w: Words): Texts {
  return textsEn(w)
}
