/** One record of the outbox: what was done, what became of it, and its exact words to take along. */

import { exportEntry, markSeen } from "../deeds";
import { BigButton, LineLink } from "../parts/buttons";
import { Screen } from "../parts/frame";
import { syncNow } from "../rounds";
import { entryOf, titleOf } from "../session";
import { isSeen } from "../store/outbox";
import type { Entry } from "../store/rows";
import { clockTime } from "../words/instants";
import { t, told } from "../words/words";
import { Gone } from "./gone";
import { actName, bodyOf, standingOf } from "./records";

export function RecordScreen({ n }: { n: number }) {
  const entry = entryOf(n);
  if (entry === null) return <Gone />;
  const words = t.value.record;
  const standing = standingOf(entry);
  return (
    <Screen title={words.title(n)} foot={<Foot entry={entry} />}>
      <section class="block">
        <h2 class="act-name">{actName(entry)}</h2>
        <p class={`said mark-line ${standing}`}>{words.standing[standing]}</p>
        {entry.status !== null && told(entry.words) !== "" && (
          <p class="said">
            {told(entry.words)} <small>({entry.code})</small>
          </p>
        )}
        <LineLink
          icon="today"
          to={{ kind: "order", id: entry.subject }}
          label={titleOf(entry.subject)}
        />
      </section>
      <Facts entry={entry} />
      <button type="button" class="button" onClick={() => void exportEntry(entry)}>
        {words.export}
      </button>
    </Screen>
  );
}

/** Its exact words. */
function Facts({ entry }: { entry: Entry }) {
  const words = t.value.record;
  return (
    <section class="block">
      <h2>{words.facts}</h2>
      <dl class="pairs">
        <dt>{words.madeAt}</dt>
        <dd>{clockTime(entry.madeAt)}</dd>
        {Object.entries(bodyOf(entry)).map(([field, value]) => (
          <Pair key={field} field={field} value={value} />
        ))}
        <dt>{words.id}</dt>
        <dd class="code">{entry.id}</dd>
        <dt>SHA-256</dt>
        <dd class="code">{entry.hash}</dd>
      </dl>
    </section>
  );
}

function Foot({ entry }: { entry: Entry }) {
  const words = t.value;
  if (standingOf(entry) === "safe" || isSeen(entry)) return null;
  if (entry.status !== null) {
    return <BigButton onPress={() => void markSeen([entry])}>{words.record.seen}</BigButton>;
  }
  return <BigButton onPress={() => void syncNow()}>{words.record.retry}</BigButton>;
}

function Pair({ field, value }: { field: string; value: unknown }) {
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <>
      <dt>{field}</dt>
      <dd>{text}</dd>
    </>
  );
}
