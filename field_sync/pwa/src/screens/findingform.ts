/** What is typed about a meter that was found: what is missing in it, and what it comes to. */

import { value, valuesOf } from "./dial";

export type What = "found" | "changed" | "mismatch";
export type Text = "serial" | "place" | "total" | "oldTotal" | "digits" | "decimals" | "note";
export type Texts = Readonly<Record<Text, string>>;
/** What is typed for each part of the whole, by its register's name. */
export type Parts = Readonly<Record<string, string>>;
/** The word for what is wrong with a text. */
export type Fault = "missing" | "noNumber";
export type Faults = Readonly<Partial<Record<Text, Fault>>>;

const DIGITS_MAX = 12;
const DECIMALS_MAX = 3;

/** Say what is missing or no number; nothing where it can be sent. */
export function faultsOf(what: What, texts: Texts): Faults {
  const faults: Partial<Record<Text, Fault>> = {};
  if (texts.serial.trim() === "") faults.serial = "missing";
  if (what === "found" && texts.place.trim() === "") faults.place = "missing";
  if (!isNumber(texts.total, { mayBeBlank: what !== "changed" })) faults.total = "noNumber";
  if (what !== "changed") return faults;
  if (!isNumber(texts.oldTotal, { mayBeBlank: true })) faults.oldTotal = "noNumber";
  if (!isWithin(texts.digits, 1, DIGITS_MAX)) faults.digits = "noNumber";
  if (!isWithin(texts.decimals, 0, DECIMALS_MAX)) faults.decimals = "noNumber";
  return faults;
}

/** List the parts that are no number; one that is left out is none. */
export function faultyParts(parts: Parts): readonly string[] {
  const named = Object.entries(parts);
  return named.flatMap(([name, text]) => (isNumber(text, { mayBeBlank: true }) ? [] : [name]));
}

/** Give what was typed as it is kept. */
export function whole(texts: Texts, parts: Parts = {}) {
  return {
    tariffs: valuesOf(parts),
    serial: texts.serial.trim(),
    place: texts.place.trim(),
    note: texts.note.trim(),
    total: value(texts.total.trim()),
    oldTotal: value(texts.oldTotal.trim()),
    digits: Number(texts.digits),
    decimals: Number(texts.decimals),
  };
}

function isNumber(text: string, { mayBeBlank }: { readonly mayBeBlank: boolean }): boolean {
  return text.trim() === "" ? mayBeBlank : value(text.trim()) !== null;
}

function isWithin(text: string, min: number, max: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
}
