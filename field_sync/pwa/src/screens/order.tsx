/** An order: what is known, how to get in, what can be done next, what this crew has done. */

import { doStep } from "../deeds";
import type { Work } from "../field/view";
import { BigButton, LineLink } from "../parts/buttons";
import { Screen } from "../parts/frame";
import { Icon, type IconName } from "../parts/icons";
import { PhotoStrip } from "../parts/photos";
import { Timeline } from "../parts/timeline";
import { listRunning } from "../rules/promising";
import { acts, filesOn, progressOf, workOn } from "../session";
import type { Task } from "../wire";
import { clockTime } from "../words/instants";
import { t } from "../words/words";
import { Clocks } from "./clocks";
import { Gone } from "./gone";
import { URGENCY } from "./ordering";
import type { Deed } from "./places";
import { Promised } from "./promised";
import { Reach } from "./reach";
import { go } from "./router";
import { type CrewEvent, steps } from "./steps";

export function Order({ id }: { id: string }) {
  const work = workOn(id);
  if (work === null) return <Gone />;
  const { task } = work;
  const words = t.value;
  return (
    <Screen title={task.title} foot={<Next task={task} />}>
      <Headline work={work} />
      <Promised work={work} />
      {task.kind === "route" && <RouteLink id={id} />}
      {(task.site || task.contact) && <Reach task={task} />}
      {task.note && (
        <section class="block">
          <h2>{words.order.note}</h2>
          <p class="said">{task.note}</p>
        </section>
      )}
      <Evidence task={task} />
      <Aside task={task} />
      <section class="block">
        <h2>{words.order.done}</h2>
        <Timeline entries={acts(id)} />
      </section>
      <p class="small">{words.order.opened(clockTime(task.opened_at))}</p>
    </Screen>
  );
}

function Headline({ work }: { work: Work }) {
  const { task, unsent } = work;
  const words = t.value;
  const urgency = task.urgency ?? URGENCY;
  return (
    <section class="block headline" aria-label={words.order.state}>
      <p class="facts">
        <strong class="state">{words.states[task.state]}</strong>
        {urgency <= 2 && <span class="urgent">{words.urgency[urgency === 1 ? 1 : 2]}</span>}
        {task.care && (
          <span class="care">
            <Icon name="care" />
            {words.care}
          </span>
        )}
      </p>
      {task.state === "suspended" && task.suspended_reason && (
        <p class="said">
          {words.order.suspended(
            task.suspended_reason,
            task.suspended_until ? clockTime(task.suspended_until) : null,
          )}
        </p>
      )}
      <Clocks task={task} unsent={unsent} />
    </section>
  );
}

function RouteLink({ id }: { id: string }) {
  const words = t.value.route;
  const { stops, read, skipped, open } = progressOf(id);
  return (
    <LineLink
      icon="today"
      to={{ kind: "route", id }}
      label={words.meters}
      more={words.progress({ stops, read, skipped, open })}
    />
  );
}

function Evidence({ task }: { task: Task }) {
  const words = t.value;
  const files = filesOn(task.id);
  const missing = task.evidence_missing ?? 0;
  return (
    <section class="block">
      <h2>{words.order.evidence}</h2>
      {missing > 0 && <p class="missing">{words.order.missing(missing)}</p>}
      <PhotoStrip files={files} />
      <DeedLink id={task.id} deed="photo" icon="camera" />
    </section>
  );
}

/** The big button: the next step of the straight road. */
function Next({ task }: { task: Task }) {
  const words = t.value;
  const { main } = steps(task);
  if (goesOnWithRoute(task)) {
    return (
      <BigButton onPress={() => go({ kind: "route", id: task.id })}>{words.route.goOn}</BigButton>
    );
  }
  if (main === null) return <p class="foot-note">{words.order.nothingNext[stage(task)]}</p>;
  return <StepButton task={task} event={main} />;
}

/** Whether meters come before the route's next step, which then stands among the lines. */
function goesOnWithRoute(task: Task): boolean {
  const { main } = steps(task);
  return task.kind === "route" && main !== "resume" && progressOf(task.id).open > 0;
}

function stage(task: Task): "done" | "away" {
  return task.state === "returned" || task.state === "cancelled" ? "away" : "done";
}

function StepButton({ task, event }: { task: Task; event: CrewEvent }) {
  const deed = DEEDS[event];
  const press = () => {
    if (deed) go({ kind: "deed", id: task.id, deed });
    else void doStep(task.id, event);
  };
  return <BigButton onPress={press}>{t.value.doing[event]}</BigButton>;
}

/** Steps that need a screen of their own; the others are done by the press. */
const DEEDS: Readonly<Partial<Record<CrewEvent, Deed>>> = {
  arrive: "check-in",
  restore: "restore",
  finish: "finish",
  return: "return",
  suspend: "suspend",
};

/** Everything else that may be done now, in plain lines. */
function Aside({ task }: { task: Task }) {
  const { main, ahead, aside } = steps(task);
  const words = t.value;
  const farther = main !== null && goesOnWithRoute(task) ? [main, ...ahead] : ahead;
  return (
    <section class="block">
      <h2>{words.order.more}</h2>
      <ul class="lines">
        {farther.map((event) => (
          <li key={event}>
            <EventLine task={task} event={event} />
          </li>
        ))}
        <li>
          <DeedLink id={task.id} deed="note" icon="message" />
        </li>
        <li>
          <DeedLink id={task.id} deed="consent" icon="pen" />
        </li>
        <li>
          <DeedLink id={task.id} deed="promise" icon="waiting" />
        </li>
        {listRunning(task).length > 0 && (
          <li>
            <DeedLink id={task.id} deed="reagree" icon="waiting" />
          </li>
        )}
        <li>
          <DeedLink id={task.id} deed="amend" icon="amend" />
        </li>
        {aside.map((event) => (
          <li key={event}>
            <EventLine task={task} event={event} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const ICONS: Readonly<Record<CrewEvent, IconName>> = {
  accept: "check",
  set_out: "start",
  arrive: "pin",
  start: "start",
  restore: "lamp",
  finish: "check",
  return: "back",
  suspend: "pause",
  resume: "start",
};

function EventLine({ task, event }: { task: Task; event: CrewEvent }) {
  const deed = DEEDS[event];
  const word = t.value.doing[event];
  const icon = ICONS[event];
  if (deed) {
    return <LineLink icon={icon} to={{ kind: "deed", id: task.id, deed }} label={word} />;
  }
  return (
    <button type="button" class="line" onClick={() => void doStep(task.id, event)}>
      <Icon name={icon} />
      <span>{word}</span>
    </button>
  );
}

function DeedLink(props: { id: string; deed: Deed; icon: IconName }) {
  const { id, deed, icon } = props;
  return <LineLink icon={icon} to={{ kind: "deed", id, deed }} label={t.value.deeds[deed]} />;
}
