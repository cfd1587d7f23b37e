/** A meter that could not be read: why, in one tap, with room for a word. */

import { useState } from "preact/hooks";
import { doSkip } from "../deeds";
import { Icon } from "../parts/icons";
import { Sheet } from "../parts/sheet";
import type { Fix, SkipCode, Stop } from "../wire";
import { t } from "../words/words";

const CODES: readonly SkipCode[] = [
  "no_access",
  "locked",
  "dog",
  "refused",
  "display_dead",
  "meter_missing",
  "danger",
];

export function SkipButton(props: { stop: Stop; fix: () => Fix | null; onSkipped: () => void }) {
  const words = t.value;
  const [open, setOpen] = useState(false);
  const skip = async (code: SkipCode, note: string) => {
    const kept = await doSkip(props.stop.id, { code, fix: props.fix(), note });
    if (!kept) return;
    setOpen(false);
    props.onSkipped();
  };
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        <Icon name="go" />
        <span>{words.skip.short}</span>
      </button>
      {open && (
        <Why onCode={(code, note) => void skip(code, note)} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

function Why(props: { onCode: (code: SkipCode, note: string) => void; onClose: () => void }) {
  const words = t.value;
  const [note, setNote] = useState("");
  return (
    <Sheet title={words.skip.title} onClose={props.onClose}>
      <ul class="lines">
        {CODES.map((code) => (
          <li key={code}>
            <button type="button" class="line" onClick={() => props.onCode(code, note.trim())}>
              <span>{words.skips[code]}</span>
            </button>
          </li>
        ))}
      </ul>
      <input
        aria-label={words.deeds.noteOptional}
        placeholder={words.deeds.noteOptional}
        value={note}
        maxLength={2_000}
        onInput={(event) => setNote(event.currentTarget.value)}
      />
      <button type="button" class="big careful" onClick={props.onClose}>
        {words.cancel}
      </button>
    </Sheet>
  );
}
