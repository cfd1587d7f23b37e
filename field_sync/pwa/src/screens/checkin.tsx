/** Check-in: the position live over the site's fence, the verdict in words, and one button. */

import { useEffect, useState } from "preact/hooks";
import { doCheckIn, doPhoto } from "../deeds";
import { shrink } from "../device/camera";
import { ageS, fixOf, type Watched, watch } from "../device/position";
import { stayAwake } from "../device/wake";
import { BigButton } from "../parts/buttons";
import { LongField } from "../parts/fields";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { PhotoButton } from "../parts/photos";
import type { Verdict } from "../rules/geofence";
import { arrivalOf } from "../session";
import type { Fix, Task } from "../wire";
import { t } from "../words/words";
import { FencePicture } from "./fencepicture";
import { goUp } from "./router";
import { remedies, sentence } from "./verdicts";

export function CheckIn({ task }: { task: Task }) {
  const words = t.value;
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const { watched, fix, lookAgain } = usePosition();
  const verdict = arrivalOf(task, fix);
  const sure = verdict.kind === "inside";
  const keep = async () => {
    setBusy(true);
    const kept = await doCheckIn(task.id, fix, note.trim()).finally(() => setBusy(false));
    if (kept) goUp({ kind: "order", id: task.id });
  };
  const button = (
    <BigButton busy={busy} tone={sure ? "main" : "careful"} onPress={() => void keep()}>
      {sure ? words.fix.checkIn : words.fix.checkInAnyway}
    </BigButton>
  );
  return (
    <Screen title={words.fix.title} foot={button}>
      {task.site && <FencePicture site={task.site} fix={fix} />}
      <Said task={task} watched={watched} fix={fix} verdict={verdict} />
      {watched.kind !== "looking" && !sure && (
        <Doubt task={task} verdict={verdict} lookAgain={lookAgain} />
      )}
      <LongField
        label={words.deeds.noteOptional}
        value={note}
        onText={setNote}
        hint={sure ? undefined : words.fix.noteHint}
      />
    </Screen>
  );
}

/** The verdict in words, and what it rests on. */
function Said(props: { task: Task; watched: Watched; fix: Fix | null; verdict: Verdict }) {
  const { task, watched, fix, verdict } = props;
  const words = t.value;
  const looking = watched.kind === "looking";
  const said = sentence(words, verdict, {
    accuracyM: fix?.accuracy_m ?? null,
    radiusM: task.site?.radius_m ?? null,
  });
  return (
    <>
      <p class={`verdict ${looking ? "looking" : verdict.kind}`} role="status">
        {looking ? words.fix.looking : said}
      </p>
      <p class="small age">
        {watched.kind === "found" && words.fix.age(Math.round(fix?.age_s ?? 0))}
      </p>
      {watched.kind === "none" && <p class="missing">{words.fix.none[watched.why]}</p>}
    </>
  );
}

/** What would make it surer. The check-in is kept all the same. */
function Doubt(props: { task: Task; verdict: Verdict; lookAgain: () => void }) {
  const { task, verdict, lookAgain } = props;
  const words = t.value;
  const [busy, setBusy] = useState(false);
  const photograph = async (file: File) => {
    setBusy(true);
    const shot = await shrink(file);
    await doPhoto(task.id, shot, { kind: "site" }).finally(() => setBusy(false));
  };
  return (
    <section class="block doubt">
      <p>{words.fix.keptAnyway}</p>
      <ul class="plain">
        {remedies(verdict.kind, task.site ? verdict.reasons : ["no_site"]).map((remedy) => (
          <li key={remedy}>{words.remedies[remedy]}</li>
        ))}
      </ul>
      <div class="ways">
        <button type="button" class="button" onClick={lookAgain}>
          <Icon name="pin" />
          <span>{words.fix.again}</span>
        </button>
        <PhotoButton
          label={words.photos.take}
          busy={busy}
          onFile={(file) => void photograph(file)}
        />
      </div>
    </section>
  );
}

/** The position, watched while this screen is open; its fix grows older while one looks at it. */
function usePosition(): { watched: Watched; fix: Fix | null; lookAgain: () => void } {
  const [round, setRound] = useState(0);
  const [watched, setWatched] = useState<Watched>({ kind: "looking" });
  const [, grow] = useState(0);
  const sighting = watched.kind === "found" ? watched.sighting : null;
  useEffect(() => watch(setWatched), [round]);
  useEffect(stayAwake, []);
  useEffect(() => {
    if (sighting === null) return;
    const timer = setInterval(() => grow(Math.floor(ageS(sighting))), 1_000);
    return () => clearInterval(timer);
  }, [sighting]);
  const fix = sighting === null ? null : fixOf(sighting);
  return { watched, fix, lookAgain: () => setRound(round + 1) };
}
