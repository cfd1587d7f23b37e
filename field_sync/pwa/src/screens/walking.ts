/** A route on foot: what is found, what is left, and where to go next. */

import { fold, names } from "../rules/codes";
import type { Stop } from "../wire";

export type Sieve = "open" | "all" | "skipped";

/** Find stops by a piece of their serial, box or address; blanks and case do not matter. */
export function found(stops: readonly Stop[], text: string, sieve: Sieve): Stop[] {
  const wanted = fold(text);
  return stops.filter((stop) =>
    // Who searches wants the meter before them, done or not.
    wanted ? isNamed(stop, wanted) : sieve === "all" || stop.state === sieve,
  );
}

/** Choose the next meter: the first that is open behind this one, else the first of all. */
export function next(stops: readonly Stop[], afterId: string | null): Stop | null {
  const here = afterId === null ? -1 : stops.findIndex((stop) => stop.id === afterId);
  const isOpen = (stop: Stop, at: number) => stop.state === "open" && at !== here;
  const behind = stops.find((stop, at) => at > here && isOpen(stop, at));
  return behind ?? stops.find(isOpen) ?? null;
}

/** Choose where the reader goes on: behind the last meter that is done. */
export function goesOn(stops: readonly Stop[]): Stop | null {
  const last = stops.findLast((stop) => stop.state !== "open");
  return next(stops, last?.id ?? null);
}

/** List the meters that are still open behind the same door as this one, this one left out. */
export function leftHere(stops: readonly Stop[], stop: Stop): Stop[] {
  return stops.filter(
    (other) => other.id !== stop.id && other.state === "open" && isSameDoor(other, stop),
  );
}

/** Find the meter whose serial was scanned; some labels say more than the serial. */
export function scanned(stops: readonly Stop[], code: string): Stop | null {
  const text = fold(code);
  const exact = stops.find((stop) => fold(stop.serial) === text);
  if (exact !== undefined) return exact;
  const named = stops.filter((stop) => names(code, stop.serial));
  return named.length === 1 ? (named[0] ?? null) : null;
}

function isSameDoor(one: Stop, other: Stop): boolean {
  if (one.box && other.box) return one.box === other.box;
  return one.address !== "" && one.address === other.address;
}

function isNamed(stop: Stop, wanted: string): boolean {
  return [stop.serial, stop.address, stop.box ?? ""].some((text) => fold(text).includes(wanted));
}
