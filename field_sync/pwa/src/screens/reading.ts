/** A reading in the making: what stands on each register, what was asked, where it goes on. */

import { useEffect, useRef, useState } from "preact/hooks";
import { doPhoto, doRead, type Prompt } from "../deeds";
import { fixOf, glance, type Sighting } from "../device/position";
import type { Fix, Stop } from "../wire";
import { type Display, type Key, press, value, valuesOf } from "./dial";
import { goInstead } from "./router";
import { next } from "./walking";

/** The register of the whole, which every meter has. */
export const TOTAL = "total";

type Texts = Readonly<Record<string, string>>;

export interface Reading {
  readonly display: Display;
  readonly registers: readonly string[];
  /** The register that the keys write on, and what stands on it. */
  readonly register: string;
  readonly text: string;
  readonly texts: Texts;
  /** What must be looked at again; none while nothing was asked. */
  readonly asked: readonly Prompt[];
  readonly photos: number;
  readonly hashes: readonly string[];
  readonly busy: boolean;
  readonly fix: () => Fix | null;
  readonly type: (key: Key) => void;
  readonly choose: (register: string) => void;
  readonly lookAgain: () => void;
  readonly photograph: (file: File) => Promise<void>;
  readonly save: (confirmed: readonly string[], note: string) => Promise<void>;
  readonly onward: () => void;
}

export function useReading(stop: Stop, stops: readonly Stop[]): Reading {
  const [texts, setTexts] = useState<Texts>({});
  const [register, choose] = useState(TOTAL);
  const [asked, setAsked] = useState<readonly Prompt[]>([]);
  const [photos, setPhotos] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const fix = useGlance();
  const display = { digits: stop.digits, decimals: stop.decimals ?? 0 };
  const text = texts[register] ?? "";
  const onward = () => goOn(stop, stops);
  const save = async (confirmed: readonly string[], note: string) => {
    const total = value(texts[TOTAL] ?? "");
    if (total === null) return choose(TOTAL);
    setBusy(true);
    const reading = { total, tariffs: tariffsOf(texts), confirmed, photos, note, fix: fix() };
    const outcome = await doRead(stop.id, reading).finally(() => setBusy(false));
    // What was refused stays asked: a photo may be all that is missing.
    if (outcome.kind !== "refused") setAsked(outcome.kind === "asked" ? outcome.prompts : []);
    if (outcome.kind === "kept") onward();
  };
  const photograph = async (file: File) => {
    const about = { kind: "meter", stopId: stop.id, fix: fix() } as const;
    await doPhoto(stop.route_id, file, about, (sha256) => setPhotos((had) => [...had, sha256]));
  };
  return {
    ...{ display, register, text, texts, asked, busy, fix, choose, photograph, save, onward },
    registers: [TOTAL, ...stop.registers.filter((name) => name !== TOTAL)],
    photos: photos.length,
    hashes: photos,
    type: (key) => setTexts({ ...texts, [register]: press(text, key, display) }),
    lookAgain: () => setAsked([]),
  };
}

/** Go to the next meter, or to the route when none is left. */
function goOn(stop: Stop, stops: readonly Stop[]): void {
  const to = next(stops, stop.id);
  if (to === null) goInstead({ kind: "route", id: stop.route_id });
  else goInstead({ kind: "meter", id: stop.route_id, stop: to.id });
}

/** One look for a position when a screen is opened; whoever saves before it came goes without. */
export function useGlance(): () => Fix | null {
  const seen = useRef<Sighting | null>(null);
  useEffect(() => {
    void glance().then((sighting) => {
      seen.current = sighting;
    });
  }, []);
  return () => (seen.current === null ? null : fixOf(seen.current));
}

function tariffsOf(texts: Texts): Record<string, string> {
  const { [TOTAL]: _, ...parts } = texts;
  return valuesOf(parts);
}
