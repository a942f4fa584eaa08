/** The texts of a language. */

import { textsCs } from './text-cs.ts'
import { textsEn } from './text-en.ts'
import type { Texts } from './texts.ts'
import type { Language, Words } from './words.ts'

const TEXTS: Readonly<Record<Language, (w: Words) => Texts>> = { en: textsEn, cs: textsCs }

/** In the language of `w`. */
export function textsOf(w: Words): Texts {
  return TEXTS[w.language](w)
}
