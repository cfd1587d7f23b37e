/** Sync: exactly what is safe at the office and what is only on this phone, and what to do. */

import type { ComponentChildren } from "preact";
import { exportOutbox, markSeen, retryFile } from "../deeds";
import { isMetered } from "../device/lines";
import { prefer, preferences } from "../device/preferences";
import { BigButton, LineLink } from "../parts/buttons";
import { SwitchField } from "../parts/fields";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { Scarce } from "../parts/scarce";
import { EntryLine } from "../parts/timeline";
import { syncing, syncNow, syncTrouble, waitUntil } from "../rounds";
import { exceptions, filesToShow, type OwnFile, safety, titleOf, waiting } from "../session";
import { isSeen } from "../store/outbox";
import type { Entry } from "../store/rows";
import { clockTime } from "../words/instants";
import { t, told } from "../words/words";
import { standingOf } from "./records";

/** A record's line for each of so many; the rest is counted. */
const SHOWN_MAX = 200;

export function Sync() {
  const words = t.value.sync;
  const looks = exceptions.value.filter((entry) => standingOf(entry) === "look");
  const held = exceptions.value.filter((entry) => standingOf(entry) === "held");
  return (
    <Screen title={words.title} tabs foot={<SyncFoot />}>
      <Verdict />
      <Under />
      <Scarce />
      {safety.value.signedOut && !safety.value.wiped && (
        <LineLink icon="lock" to={{ kind: "sign-in", login: "" }} label={words.signIn} />
      )}
      <Group title={words.look} told={words.lookTold} entries={looks}>
        <SeenAll entries={looks} />
      </Group>
      <Group title={words.waiting} told={words.waitingTold} entries={waiting.value} />
      <Group title={words.held} told={words.heldTold} entries={held}>
        <SeenAll entries={held} />
      </Group>
      <Files files={filesToShow.value} />
      <section class="block">
        <h2>{words.choices}</h2>
        <SwitchField
          label={words.metered}
          hint={isMetered() ? words.meteredNow : words.meteredHint}
          on={preferences.value.photosOnMetered}
          onSwitch={(photosOnMetered) => prefer({ photosOnMetered })}
        />
        <button type="button" class="line" onClick={() => void exportOutbox()}>
          <Icon name="export" />
          <span>
            {words.export}
            <small>{words.exportHint}</small>
          </span>
        </button>
      </section>
    </Screen>
  );
}

/** The one thing that matters, in the largest letters. */
function Verdict() {
  const words = t.value.sync;
  const { unsafe, unsure, lost, wiped } = safety.value;
  const safe = unsafe.operations === 0 && unsafe.files === 0;
  return (
    <section class={`block safety ${safe ? "good" : "waiting"}`} aria-live="polite">
      <h2>{safe ? words.allSafe : words.onlyHere}</h2>
      {unsafe.operations > 0 && (
        <p>{words.operations(unsafe.operations, sinceWords(unsafe.operationsSince))}</p>
      )}
      {unsafe.files > 0 && <p>{words.files(unsafe.files, unsafe.filesBytes)}</p>}
      {!safe && <p class="small">{words.ifLost}</p>}
      {unsure && <p class="small">{words.unsure}</p>}
      {lost > 0 && <p class="missing">{words.lost(lost)}</p>}
      {wiped && <p class="missing">{words.wiped}</p>}
    </section>
  );
}

/** What the phone is doing about it now. */
function Under() {
  const words = t.value.sync;
  const { syncedAt, signedOut } = safety.value;
  const progress = syncing.value;
  return (
    <section class="block" aria-label={words.under}>
      <p>{words.syncedAt(syncedAt === null ? null : clockTime(syncedAt))}</p>
      {progress !== null && (
        <p role="status">
          {progress.phase === "idle" ? words.syncing : words.phases[progress.phase]}
        </p>
      )}
      {progress !== null && progress.fileBytesMax > 0 && (
        <progress max={progress.fileBytesMax} value={progress.fileBytes} />
      )}
      {progress === null && !signedOut && syncTrouble.value && (
        <p class="said">
          {told(syncTrouble.value)}
          {waitUntil.value && <small>{words.again(clockTime(waitUntil.value))}</small>}
        </p>
      )}
    </section>
  );
}

function SyncFoot() {
  const words = t.value.sync;
  const busy = syncing.value !== null;
  return (
    <BigButton busy={busy} onPress={() => void syncNow()}>
      {busy ? words.syncing : words.now}
    </BigButton>
  );
}

/** Take them all out of the badge at once; they stay in the list. */
function SeenAll({ entries }: { entries: readonly Entry[] }) {
  const open = entries.filter((entry) => !isSeen(entry));
  if (open.length === 0) return null;
  return (
    <button type="button" class="button" onClick={() => void markSeen(open)}>
      <Icon name="check" />
      <span>{t.value.sync.seenAll}</span>
    </button>
  );
}

function Group(props: {
  title: string;
  told: string;
  entries: readonly Entry[];
  children?: ComponentChildren;
}) {
  const { title, told: explanation, entries } = props;
  if (entries.length === 0) return null;
  return (
    <section class="block">
      <h2>
        {title} <span class="count">{entries.length}</span>
      </h2>
      <p class="small">{explanation}</p>
      <ul class="timeline">
        {entries.slice(0, SHOWN_MAX).map((entry) => (
          <li key={entry.n}>
            <EntryLine entry={entry} about={titleOf(entry.subject)} />
          </li>
        ))}
      </ul>
      {entries.length > SHOWN_MAX && (
        <p class="small">{t.value.sync.andMore(entries.length - SHOWN_MAX)}</p>
      )}
      {props.children}
    </section>
  );
}

function Files({ files }: { files: readonly OwnFile[] }) {
  const words = t.value;
  if (files.length === 0) return null;
  return (
    <section class="block">
      <h2>
        {words.sync.filesTitle} <span class="count">{files.length}</span>
      </h2>
      <ul class="timeline">
        {files.slice(0, SHOWN_MAX).map((file) => (
          <li key={file.sha256} class="file">
            <span class="entry-what">
              {words.evidence[file.kind]} · {words.size(file.sizeBytes)}
              <small>{titleOf(file.subject)}</small>
            </span>
            <span class={`mark ${file.state}`}>{words.files[file.state]}</span>
            {file.state === "refused" && (
              <button type="button" class="button" onClick={() => void retryFile(file.sha256)}>
                {words.sync.retry}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function sinceWords(since: string | null): string {
  return since === null ? "–" : clockTime(since);
}
