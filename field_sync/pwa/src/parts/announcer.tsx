/** What just happened, said once: at the foot of the screen, and to who listens to it. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words/words";
import { Icon } from "./icons";

type Tone = "good" | "bad";
interface Said {
  readonly text: string;
  readonly tone: Tone;
}

const GOOD_MS = 2_500;
/** A refusal must be read, perhaps twice, by somebody who was looking elsewhere. */
const BAD_MS = 12_000;

const said = signal<Said | null>(null);
let clearing: ReturnType<typeof setTimeout> | undefined;

/** Say that something went well. */
export function announce(text: string): void {
  say({ text, tone: "good" }, GOOD_MS);
}

/** Say that something was refused or failed, and why. */
export function warn(text: string): void {
  say({ text, tone: "bad" }, BAD_MS);
}

/** Say that the app itself failed; the browser has the details. What was kept is kept. */
export function confess(): void {
  warn(t.value.bug);
}

/** Take back what is said: the person has read it. */
export function hush(): void {
  clearTimeout(clearing);
  said.value = null;
}

/** The place where it is said. It lies over the screen and moves nothing. */
export function Announcer() {
  const now = said.value;
  return (
    <>
      <p class="unseen" role="status">
        {now?.tone === "good" && now.text}
      </p>
      <p class="unseen" role="alert">
        {now?.tone === "bad" && now.text}
      </p>
      <Toast now={now} />
    </>
  );
}

function Toast({ now }: { now: Said | null }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const shown = place.current;
    if (now === null || shown === null || !("showPopover" in shown)) return;
    // Over everything, an open sheet included, which would hide it otherwise.
    shown.showPopover();
    return () => shown.hidePopover();
  }, [now]);
  return (
    <div class="announcer" ref={place} popover="manual">
      {now && (
        <div class={`toast ${now.tone}`}>
          <Icon name={now.tone === "good" ? "check" : "warning"} />
          <span aria-hidden="true">{now.text}</span>
          {now.tone === "bad" && (
            <button type="button" class="quiet" onClick={hush}>
              {t.value.ok}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function say(what: Said, forMs: number): void {
  clearTimeout(clearing);
  said.value = what;
  clearing = setTimeout(() => {
    said.value = null;
  }, forMs);
}
