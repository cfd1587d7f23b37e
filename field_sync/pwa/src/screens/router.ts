/** Where the app is: the address bar's place as a signal, and the ways from one to another. */

import { signal } from "@preact/signals";
import { type Place, read, write } from "./places";

export const place = signal<Place>({ kind: "today" });

/** Addresses that led here, newest last; it tells a way back from a way on. */
const trail: string[] = [];
const TRAIL_MAX = 50;

/** Follow the address bar from now on. */
export function follow(): void {
  const arrive = () => {
    const here = location.hash;
    if (trail.at(-2) === here) trail.pop();
    else if (trail.at(-1) !== here) trail.push(here);
    if (trail.length > TRAIL_MAX) trail.shift();
    place.value = read(here);
  };
  addEventListener("hashchange", arrive);
  arrive();
}

/** Go to a place. */
export function go(to: Place): void {
  location.hash = write(to);
}

/** Go to a place that takes the present one's room: "back" does not lead here again. */
export function goInstead(to: Place): void {
  if (trail.at(-2) === write(to)) {
    history.back();
    return;
  }
  trail.pop();
  location.replace(write(to));
}

/** Go up to a place: by the phone's own "back" where that is where we came from. */
export function goUp(to: Place): void {
  if (trail.at(-2) === write(to)) history.back();
  else goInstead(to);
}
