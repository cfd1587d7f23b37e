/** A photo of the work: what it shows is said before it is taken, so that it is kept at once. */

import { useState } from "preact/hooks";
import { doPhoto } from "../deeds";
import { ChoiceField } from "../parts/fields";
import { Screen } from "../parts/frame";
import { PhotoButton, PhotoStrip } from "../parts/photos";
import { Scarce } from "../parts/scarce";
import { filesOn } from "../session";
import type { EvidenceKind, Task } from "../wire";
import { t } from "../words/words";

const KINDS: readonly EvidenceKind[] = ["site", "before", "after", "meter", "other"];

export function Photo({ task }: { task: Task }) {
  const words = t.value;
  const [kind, setKind] = useState<EvidenceKind>("site");
  const [busy, setBusy] = useState(false);
  const keep = async (file: File) => {
    setBusy(true);
    await doPhoto(task.id, file, { kind }).finally(() => setBusy(false));
  };
  return (
    <Screen
      title={words.deeds.photo}
      foot={
        <PhotoButton label={words.photos.take} busy={busy} onFile={(file) => void keep(file)} />
      }
    >
      <Scarce />
      <ChoiceField
        legend={words.photos.shows}
        options={KINDS.map((each) => [each, words.evidence[each]] as const)}
        value={kind}
        onChoose={setKind}
      />
      <PhotoStrip files={filesOn(task.id)} />
      <p class="small">{words.photos.told}</p>
    </Screen>
  );
}
