/** The colours of the map: a canvas knows no style sheet, so they are asked for. */

import type { Tone } from "./marks";

export interface Ink {
  readonly main: string;
  readonly ink: string;
  readonly paper: string;
  readonly me: string;
  readonly tones: Readonly<Record<Tone, string>>;
  readonly feeders: readonly string[];
}

const FEEDERS = [1, 2, 3, 4, 5, 6, 7, 8];

/** Read the colours that hold where a map is drawn. */
export function inkOf(paper: HTMLElement): Ink {
  const style = getComputedStyle(paper);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    main: colour("--main"),
    ink: colour("--ink"),
    paper: colour("--paper"),
    me: colour("--me"),
    tones: { urgent: colour("--red"), open: colour("--main"), done: colour("--edge") },
    feeders: FEEDERS.map((number) => colour(`--feeder-${number}`)),
  };
}
