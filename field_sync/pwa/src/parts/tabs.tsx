/** The five places that are always one tap away. */

import { nearUnread } from "../alarms";
import { type Place, write } from "../screens/places";
import { place } from "../screens/router";
import { unread, unseen } from "../session";
import { t } from "../words/words";
import { Icon, type IconName } from "./icons";

type Tab = Extract<Place["kind"], "today" | "map" | "messages" | "sync" | "settings">;

const TABS: readonly { kind: Tab; icon: IconName; to: Place }[] = [
  { kind: "today", icon: "today", to: { kind: "today" } },
  { kind: "map", icon: "map", to: { kind: "map", id: null } },
  { kind: "messages", icon: "message", to: { kind: "messages" } },
  { kind: "sync", icon: "sync", to: { kind: "sync" } },
  { kind: "settings", icon: "settings", to: { kind: "settings" } },
];

export function Tabs() {
  const words = t.value.tabs;
  return (
    <nav class="tabs" aria-label={words.label}>
      {TABS.map(({ kind, icon, to }) => (
        <a
          key={kind}
          href={write(to)}
          aria-current={place.value.kind === kind ? "page" : undefined}
        >
          <Icon name={icon} />
          <span>{words[kind]}</span>
          {kind === "messages" && (
            <Badge count={unread.value + nearUnread.value.length} word={words.unread} />
          )}
          {kind === "sync" && <Badge count={unseen.value.length} word={words.toLookAt} />}
        </a>
      ))}
    </nav>
  );
}

function Badge({ count, word }: { count: number; word: string }) {
  if (count === 0) return null;
  return (
    <span class="badge">
      {count}
      <span class="unseen"> {word}</span>
    </span>
  );
}
