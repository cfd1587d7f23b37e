/** Today: the crew's work, the most urgent first, then the nearest, each with its clock. */

import { useEffect } from "preact/hooks";
import { glanceIfAllowed, lastSeen } from "../device/position";
import type { Work } from "../field/view";
import { Due } from "../parts/due";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { Scarce } from "../parts/scarce";
import { isFresh, progressOf, safety, works } from "../session";
import type { Task } from "../wire";
import { t } from "../words/words";
import { distanceTo } from "./distances";
import { nextClock, rests, sorted, URGENCY } from "./ordering";
import { write } from "./places";

export function Today() {
  const words = t.value.today;
  const from = lastSeen.value;
  useEffect(() => void glanceIfAllowed(), []);
  const all = sorted(works.value, (task) => distanceTo(task, from));
  const active = all.filter((work) => !rests(work.task));
  const resting = all.filter((work) => rests(work.task));
  return (
    <Screen title={words.title} tabs>
      {safety.value.wiped && <p class="missing">{t.value.sync.wiped}</p>}
      <Scarce />
      {all.length > 0 && <List works={active} label={words.title} />}
      {all.length === 0 && !safety.value.wiped && <Nothing />}
      {resting.length > 0 && (
        <section aria-labelledby="resting">
          <h2 id="resting" class="divider">
            {words.resting}
          </h2>
          <List works={resting} label={words.resting} />
        </section>
      )}
    </Screen>
  );
}

function List(props: { works: readonly Shown[]; label: string }) {
  return (
    <ul class="cards" aria-label={props.label}>
      {props.works.map((work) => (
        <li key={work.task.id}>
          <Card {...work} />
        </li>
      ))}
    </ul>
  );
}

type Shown = Work & { readonly distanceM: number | null };

function Card({ task, unsent, distanceM }: Shown) {
  const words = t.value;
  const urgency = task.urgency ?? URGENCY;
  const clock = rests(task) ? null : nextClock(task);
  return (
    <a class={`card urgency-${urgency}`} href={write(home(task))}>
      <span class="card-main">
        <span class="card-title">{task.title}</span>
        <span class="card-where">{task.site?.address ?? ""}</span>
        <span class="facts">
          {urgency <= 2 && <span class="urgent">{words.urgency[urgency === 1 ? 1 : 2]}</span>}
          <span>{words.states[task.state]}</span>
          {task.kind === "route" && <RouteProgress id={task.id} />}
          {distanceM !== null && <span>{words.distance(distanceM)}</span>}
          {task.care && (
            <span class="care">
              <Icon name="care" />
              {words.care}
            </span>
          )}
          {unsent > 0 && (
            <span class="unsent">
              <Icon name="waiting" />
              {words.unsent(unsent)}
            </span>
          )}
        </span>
      </span>
      {clock && <Due clock={clock} />}
    </a>
  );
}

function RouteProgress({ id }: { id: string }) {
  const { stops, read, skipped } = progressOf(id);
  return <span>{t.value.route.done(read + skipped, stops)}</span>;
}

function home(task: Task) {
  return { kind: "order", id: task.id } as const;
}

function Nothing() {
  const words = t.value.today;
  return (
    <div class="nothing">
      <Icon name="lamp" />
      <p>{isFresh.value ? words.nothing : words.notFetched}</p>
    </div>
  );
}
