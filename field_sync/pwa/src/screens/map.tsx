/** The map: sites and the own position, drawn from what is on the phone. */

import { useEffect, useRef, useState } from "preact/hooks";
import { amapLink, geoLink } from "../device/handing";
import { type Sighting, watch } from "../device/position";
import { LineLink } from "../parts/buttons";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { areas, works } from "../session";
import type { Task } from "../wire";
import { t } from "../words/words";
import type { Chart, Shown } from "./chart";
import { distanceTo } from "./distances";
import { middleOf } from "./fence";
import { rests } from "./ordering";

export function MapScreen({ id }: { id: string | null }) {
  const words = t.value;
  const [chosen, setChosen] = useState<string | null>(id);
  const [seen, setSeen] = useState<Sighting | null>(null);
  const all = works.value.map((work) => work.task);
  const tasks = all.filter((task) => !rests(task) || task.id === id);
  const { paper, failed } = useChart({ tasks, areas: areas.value, chosen, seen }, setChosen);
  useEffect(() => watch((found) => found.kind === "found" && setSeen(found.sighting)), []);
  const task = tasks.find((each) => each.id === chosen);
  return (
    <Screen title={words.map.title} tabs foot={task && <Chosen task={task} seen={seen} />}>
      <div class="map" ref={paper} role="application" aria-label={words.map.title} />
      {failed && <p class="missing">{words.map.failed}</p>}
      {/* Who cannot see the map chooses from a list. */}
      <ul class="unseen">
        {tasks.map((each) => (
          <li key={each.id}>
            <button type="button" onClick={() => setChosen(each.id)}>
              {each.title}
            </button>
          </li>
        ))}
      </ul>
    </Screen>
  );
}

/** The drawing, a chunk of its own: nobody pays for it who never looks at it. */
function useChart(shown: Shown, onChoose: (id: string) => void) {
  const paper = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const latest = useRef(shown);
  const [failed, setFailed] = useState(false);
  latest.current = shown;
  useEffect(() => {
    let gone = false;
    import("./chart").then(
      ({ drawChart }) => {
        if (gone || paper.current === null) return;
        chart.current = drawChart(paper.current, { onChoose });
        chart.current.show(latest.current);
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      chart.current?.end();
      chart.current = null;
    };
  }, []);
  useEffect(() => chart.current?.show(shown));
  return { paper, failed };
}

function Chosen({ task, seen }: { task: Task; seen: Sighting | null }) {
  const words = t.value;
  const at = task.site ? middleOf(task.site.geometry, task.site.datum) : null;
  const far = distanceTo(task, seen);
  const more = [words.states[task.state], far === null ? "" : words.distance(far)];
  const label = task.site?.address || task.title;
  return (
    <div class="chosen">
      <LineLink
        icon="today"
        to={{ kind: "order", id: task.id }}
        label={task.title}
        more={more.filter(Boolean).join(" · ")}
      />
      {at && (
        <div class="ways">
          <a class="button" href={geoLink(at, label)} rel="noreferrer">
            <Icon name="go" />
            <span>{words.map.navigate}</span>
          </a>
          <a class="button" href={amapLink(at, label)} rel="noreferrer" target="_blank">
            {words.map.amap}
          </a>
        </div>
      )}
    </div>
  );
}
