/** Messages: promises near their end, then what others did to this crew's work, newest first. */

import { useEffect, useState } from "preact/hooks";
import { lookAtPromises, near, nearUnread } from "../alarms";
import { markRead } from "../deeds";
import type { Near } from "../field/nearing";
import { Due } from "../parts/due";
import { Screen } from "../parts/frame";
import { messages, workOn } from "../session";
import type { Received } from "../sync/messages";
import { clockTime } from "../words/instants";
import { named, t, told } from "../words/words";
import { write } from "./places";

export function Messages() {
  const words = t.value.messages;
  const all = messages.value;
  // What was new when the screen was opened stays marked as new until it is left.
  const [fresh] = useState(() => new Set(all.filter((each) => !each.isRead).map(idOf)));
  const unread = all.filter((each) => !each.isRead);
  useEffect(() => {
    if (unread.length > 0) void markRead(unread);
  }, [unread.length]);
  const unseen = nearUnread.value.length;
  useEffect(() => {
    if (unseen > 0) void lookAtPromises();
  }, [unseen]);
  return (
    <Screen title={words.title} tabs>
      {near.value.length > 0 && (
        <ul class="cards" aria-label={t.value.alarms.title}>
          {near.value.map((each) => (
            <li key={each.key}>
              <NearCard promise={each} />
            </li>
          ))}
        </ul>
      )}
      {all.length === 0 && near.value.length === 0 && <p class="nothing">{words.none}</p>}
      <ul class="cards">
        {all.map((each) => (
          <li key={idOf(each)}>
            <MessageCard received={each} isNew={fresh.has(idOf(each)) || !each.isRead} />
          </li>
        ))}
      </ul>
    </Screen>
  );
}

function NearCard({ promise }: { promise: Near }) {
  const { taskId, title, kind, dueMs } = promise;
  const due_at = new Date(dueMs).toISOString();
  const words = t.value;
  return (
    <a class="card" href={write({ kind: "order", id: taskId })}>
      <span class="card-main">
        <span class="card-text">
          {words.alarms.near(title, named(words.clocks, kind), clockTime(due_at))}
        </span>
      </span>
      <Due clock={{ kind, due_at }} />
    </a>
  );
}

function MessageCard({ received, isNew }: { received: Received; isNew: boolean }) {
  const { message } = received;
  const inside = (
    <span class="card-main">
      <span class="facts">
        {isNew && <span class="urgent">{t.value.messages.isNew}</span>}
        <time dateTime={message.at}>{clockTime(message.at)}</time>
      </span>
      <span class="card-text">{told(message.words)}</span>
    </span>
  );
  if (workOn(message.task_id) === null) return <div class="card">{inside}</div>;
  return (
    <a class="card" href={write({ kind: "order", id: message.task_id })}>
      {inside}
    </a>
  );
}

function idOf(received: Received): string {
  return received.message.id;
}
