/** A meter that could not be read: why, in one tap, with room for a word. */

import { useState } from "preact/hooks";
import { doSkip } from "../deeds";
import { NoteLine } from "../parts/fields";
import { Icon } from "../parts/icons";
import { PhotoButton } from "../parts/photos";
import { Sheet } from "../parts/sheet";
import { ofSkip } from "../rules/photo_wanted";
import { policy } from "../session";
import type { SkipCode, Stop } from "../wire";
import { t } from "../words/words";
import type { Reading } from "./reading";

const CODES: readonly SkipCode[] = [
  "no_access",
  "locked",
  "dog",
  "refused",
  "display_dead",
  "meter_missing",
  "danger",
];

export function SkipButton({ stop, reading }: { stop: Stop; reading: Reading }) {
  const words = t.value;
  const [open, setOpen] = useState(false);
  const skip = async (code: SkipCode, note: string) => {
    const why = { code, fix: reading.fix(), photos: reading.hashes, note };
    if (!(await doSkip(stop.id, why))) return;
    setOpen(false);
    reading.onward();
  };
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        <Icon name="go" />
        <span>{words.skip.short}</span>
      </button>
      {open && (
        <Why
          reading={reading}
          onCode={(code, note) => void skip(code, note)}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function Why(props: {
  reading: Reading;
  onCode: (code: SkipCode, note: string) => void;
  onClose: () => void;
}) {
  const words = t.value;
  const { photos, photograph } = props.reading;
  const { photoOnSkip: onSkip } = policy.value;
  const [note, setNote] = useState("");
  return (
    <Sheet title={words.skip.title} onClose={props.onClose}>
      <PhotoButton
        label={photos > 0 ? words.photos.more(photos) : words.photos.short}
        onFile={(file) => void photograph(file)}
      />
      <ul class="lines">
        {CODES.map((code) => (
          <li key={code}>
            <button type="button" class="line" onClick={() => props.onCode(code, note.trim())}>
              <span>
                {words.skips[code]}
                {ofSkip(code, { photos, onSkip }) && <small>{words.wanted.skip}</small>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <NoteLine value={note} onText={setNote} />
      <button type="button" class="big careful" onClick={props.onClose}>
        {words.cancel}
      </button>
    </Sheet>
  );
}
