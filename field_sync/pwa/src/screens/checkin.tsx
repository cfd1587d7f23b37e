/** Check-in: the position live over the site's fence, the verdict in words, and one button. */

import { useState } from "preact/hooks";
import { canScan } from "../device/barcode";
import { BigButton } from "../parts/buttons";
import { LongField } from "../parts/fields";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { PhotoButton } from "../parts/photos";
import type { Stay } from "../rules/presence";
import { policy } from "../session";
import type { Task } from "../wire";
import { t } from "../words/words";
import { type Arrival, useArrival } from "./arrival";
import { FencePicture } from "./fencepicture";
import { goUp } from "./router";
import { Viewfinder } from "./scan";
import { remedies, sentence, sentenceOfStay } from "./verdicts";

export function CheckIn({ task }: { task: Task }) {
  const words = t.value;
  const [note, setNote] = useState("");
  const arrival = useArrival(task);
  const { watched, fix, verdict, busy } = arrival;
  const sure = verdict.kind === "inside";
  const keep = async () => {
    if (await arrival.keep(note.trim())) goUp({ kind: "order", id: task.id });
  };
  const button = (
    <BigButton busy={busy} tone={sure ? "main" : "careful"} onPress={() => void keep()}>
      {sure ? words.fix.checkIn : words.fix.checkInAnyway}
    </BigButton>
  );
  return (
    <Screen title={words.fix.title} foot={button}>
      {task.site && <FencePicture site={task.site} fix={fix} />}
      <Said task={task} arrival={arrival} />
      {watched.kind !== "looking" && !sure && <Doubt task={task} arrival={arrival} />}
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
function Said({ task, arrival }: { task: Task; arrival: Arrival }) {
  const { watched, fix, verdict } = arrival;
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

/** What would make it surer, and what can be brought beside it. The check-in is kept all the same. */
function Doubt({ task, arrival }: { task: Task; arrival: Arrival }) {
  const { verdict, photos } = arrival;
  const words = t.value;
  return (
    <section class="block doubt">
      <p>{words.fix.keptAnyway}</p>
      <ul class="plain">
        {remedies(verdict.kind, task.site ? verdict.reasons : ["no_site"]).map((remedy) => (
          <li key={remedy}>{words.remedies[remedy]}</li>
        ))}
      </ul>
      <div class="ways">
        <button type="button" class="button" onClick={arrival.lookAgain}>
          <Icon name="pin" />
          <span>{words.fix.again}</span>
        </button>
        <PhotoButton
          label={photos > 0 ? words.photos.more(photos) : words.photos.take}
          busy={arrival.busy}
          onFile={(file) => void arrival.photograph(file)}
        />
        <Scan arrival={arrival} />
      </div>
      {verdict.kind === "unsure" && task.site && arrival.watched.kind === "found" && (
        <Staying arrival={arrival} />
      )}
      <p class="small">{words.arrival.beside}</p>
    </section>
  );
}

/** A stay: how long it must be, how far it is, what it shows. */
function Staying({ arrival }: { arrival: Arrival }) {
  const words = t.value.arrival;
  const { dwellS } = policy.value;
  const { isStaying, stay } = arrival;
  const failed = stay?.kind === "left" || stay?.kind === "sparse";
  return (
    <div class="staying">
      {isStaying && <StayShown stay={stay} dwellS={dwellS} />}
      {(!isStaying || failed) && (
        <button type="button" class="button" onClick={arrival.beginStay}>
          <Icon name="waiting" />
          <span>{isStaying ? words.stayAgain : words.stay(dwellS)}</span>
        </button>
      )}
    </div>
  );
}

function StayShown({ stay, dwellS }: { stay: Stay | null; dwellS: number }) {
  const words = t.value;
  const isUnderWay = stay === null || stay.kind === "short";
  return (
    <>
      {isUnderWay && (
        <progress
          aria-label={words.arrival.underWay}
          max={dwellS}
          value={Math.min(stay?.stayedS ?? 0, dwellS)}
        />
      )}
      <p class="said" role="status">
        {isUnderWay ? words.arrival.staying : sentenceOfStay(words, stay)}
      </p>
    </>
  );
}

/** The code of the meter or the site; what it says is kept, the office knows whose it is. */
function Scan({ arrival }: { arrival: Arrival }) {
  const words = t.value;
  const [open, setOpen] = useState(false);
  if (!canScan()) return null;
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        <Icon name="scan" />
        <span>{arrival.scanned ? words.arrival.scanned(arrival.scanned) : words.scan.short}</span>
      </button>
      {open && (
        <Viewfinder
          onCode={(code) => {
            setOpen(false);
            arrival.scan(code);
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
