/** What the rules ask before the reader leaves the meter; they never say what to find. */

import type { Prompt } from "../deeds";
import { PhotoButton } from "../parts/photos";
import { Sheet } from "../parts/sheet";
import { t, told } from "../words/words";

export function Prompts(props: {
  prompts: readonly Prompt[];
  value: string;
  onLookAgain: () => void;
  onConfirm: () => void;
  busy: boolean;
  photos: number;
  onPhoto: (file: File) => void;
}) {
  const words = t.value.prompts;
  const { more, short } = t.value.photos;
  return (
    <Sheet title={words.title} onClose={props.onLookAgain}>
      <p class="display asked">{props.value}</p>
      <ul class="plain">
        {props.prompts.map((prompt) => (
          <li key={prompt.code}>{told(prompt)}</li>
        ))}
      </ul>
      <button type="button" class="big main" onClick={props.onLookAgain}>
        {words.lookAgain}
      </button>
      <PhotoButton label={props.photos > 0 ? more(props.photos) : short} onFile={props.onPhoto} />
      <button type="button" class="big careful" disabled={props.busy} onClick={props.onConfirm}>
        {words.confirm}
      </button>
    </Sheet>
  );
}
