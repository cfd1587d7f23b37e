/** The state of sync in a few words, on every screen: is anything only on this phone? */

import { syncing } from "../rounds";
import { write } from "../screens/places";
import { safety } from "../session";
import { t } from "../words/words";
import { Icon, type IconName } from "./icons";

export function SyncPill() {
  const words = t.value.pill;
  const { unsafe, signedOut, wiped } = safety.value;
  const waiting = unsafe.operations + unsafe.files;
  const [tone, icon, text]: [string, IconName, string] = wiped
    ? ["bad", "warning", words.wiped]
    : signedOut
      ? ["bad", "warning", words.signedOut]
      : waiting > 0
        ? ["waiting", "waiting", words.onlyHere(waiting)]
        : ["good", "check", words.allSafe];
  return (
    <a class={`pill ${tone}`} href={write({ kind: "sync" })} aria-busy={syncing.value !== null}>
      <Icon name={syncing.value === null ? icon : "sync"} />
      <span>{text}</span>
    </a>
  );
}
