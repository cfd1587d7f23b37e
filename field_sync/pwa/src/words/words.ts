/** The app's words in the chosen language: `t.value.today.title`. */

import { computed } from "@preact/signals";
import { type Lang, preferences } from "../device/preferences";
import { en } from "./en";
import type { Told } from "./told";
import { zh } from "./zh";

/** A table of words; one that lacks a text does not compile. */
export type Words = Told<typeof en>;

const TABLES: Readonly<Record<Lang, Words>> = { en, zh };

export const lang = computed<Lang>(() => preferences.value.lang);
export const t = computed<Words>(() => TABLES[lang.value]);

/** Choose from a sentence that came in both languages. */
export function told(words: { readonly en: string; readonly zh: string }): string {
  return lang.value === "zh" ? words.zh || words.en : words.en || words.zh;
}

/** Look a trade word up by its code; a code that this version does not know stays as it is. */
export function named(table: Readonly<Record<string, string>>, code: string): string {
  return Object.hasOwn(table, code) ? (table[code] ?? code) : code;
}
