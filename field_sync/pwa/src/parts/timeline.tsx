/** What this phone's crew did, newest first, and what became of each act. */

import { write } from "../screens/places";
import { actName, standingOf } from "../screens/records";
import { isSeen } from "../store/outbox";
import type { Entry } from "../store/rows";
import { clockTime } from "../words/instants";
import { t } from "../words/words";
import { Icon } from "./icons";

export function Timeline({ entries }: { entries: readonly Entry[] }) {
  if (entries.length === 0) return <p class="small">{t.value.order.nothingDone}</p>;
  return (
    <ol class="timeline">
      {entries.map((entry) => (
        <li key={entry.n}>
          <EntryLine entry={entry} />
        </li>
      ))}
    </ol>
  );
}

/** One act: what, when, and whether it is safe. It leads to the record itself. */
export function EntryLine({ entry, about }: { entry: Entry; about?: string }) {
  const standing = standingOf(entry);
  const seen = isSeen(entry);
  return (
    <a
      class={`entry ${standing}${seen ? " seen" : ""}`}
      href={write({ kind: "record", n: entry.n })}
    >
      <time dateTime={entry.madeAt}>{clockTime(entry.madeAt)}</time>
      <span class="entry-what">
        {actName(entry)}
        {about && <small>{about}</small>}
      </span>
      <span class={`mark ${standing}`}>
        <Icon name={seen ? "check" : ICONS[standing]} />
        {seen && standing !== "safe" ? t.value.standings.seen : t.value.standings[standing]}
      </span>
    </a>
  );
}

const ICONS = { waiting: "waiting", safe: "check", held: "waiting", look: "warning" } as const;
