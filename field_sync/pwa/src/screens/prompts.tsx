/** What the rules ask before the reader leaves the meter; they never say what to find. */

import { useState } from "preact/hooks";
import { NoteLine } from "../parts/fields";
import { PhotoButton } from "../parts/photos";
import { Sheet } from "../parts/sheet";
import { ofReading } from "../rules/photo_wanted";
import { policy } from "../session";
import { t, told } from "../words/words";
import { type Reading, TOTAL } from "./reading";

export function Prompts({ reading }: { reading: Reading }) {
  const { prompts: words, photos: photoWords, wanted } = t.value;
  const { asked, texts, photos, busy, lookAgain } = reading;
  const [note, setNote] = useState("");
  const codes = asked.map((prompt) => prompt.code);
  const onConfirm = policy.value.photoOnConfirm;
  return (
    <Sheet title={words.title} onClose={lookAgain}>
      <p class="display asked">{texts[TOTAL] ?? ""}</p>
      <ul class="plain">
        {asked.map((prompt) => (
          <li key={prompt.code}>{told(prompt)}</li>
        ))}
      </ul>
      <button type="button" class="big main" onClick={lookAgain}>
        {words.lookAgain}
      </button>
      {ofReading(codes, { photos, onConfirm }) && <p class="missing">{wanted.display}</p>}
      <PhotoButton
        label={photos > 0 ? photoWords.more(photos) : photoWords.short}
        onFile={(file) => void reading.photograph(file)}
      />
      {onConfirm && <NoteLine value={note} onText={setNote} />}
      <button
        type="button"
        class="big careful"
        disabled={busy}
        onClick={() => void reading.save(codes, note.trim())}
      >
        {words.confirm}
      </button>
    </Sheet>
  );
}
