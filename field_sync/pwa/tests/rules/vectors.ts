/** Cases and answers that every port of a rule must give: `schemas/vectors/*.json`. */

import { readFileSync } from "node:fs";

const FOLDER = new URL("../../../../schemas/vectors/", import.meta.url);

/** Every case has a name that tells what it is about. */
export interface Named {
  readonly name: string;
}

/** Read one vector file whole; each test says what it reads in it. */
export function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf-8")) as T;
}

/** List the cases of one section; a section without any is a mistake. */
export function cases<T extends object>(name: string, section = "cases"): (T & Named)[] {
  const found = load<Readonly<Record<string, (T & Named)[] | undefined>>>(name)[section];
  if (!found || found.length === 0) throw new Error(`${name} has no ${section}`);
  return found;
}
