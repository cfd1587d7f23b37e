/** The map: areas, feeders, work and the own position, drawn from what is on the phone. */

import { computed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { shelf } from "../basemap";
import { amapLink, geoLink } from "../device/handing";
import { ageS, type Sighting, type Watched, watchInSight } from "../device/position";
import { preferences } from "../device/preferences";
import { LineLink } from "../parts/buttons";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { distanceM } from "../rules/geodesy";
import { areas, feeders, stopsOf, works } from "../session";
import type { AreaFeeder } from "../wire";
import { t } from "../words/words";
import type { Chart, Choice, Hearing, Shown } from "./chart";
import { type Mark, marksOf } from "./marks";

const marks = computed(() => marksOf(works.value, stopsOf));
/** Who cannot see the map chooses from a list of so many; the rest is counted. */
const LISTED_MAX = 200;

export function MapScreen({ id }: { id: string | null }) {
  const words = t.value.map;
  const [chosen, setChosen] = useState<Choice | null>(id === null ? null : { kind: "mark", id });
  const [watched, setWatched] = useState<Watched>({ kind: "looking" });
  const [follows, setFollows] = useState(false);
  useEffect(() => watchInSight(setWatched), []);
  const seen = watched.kind === "found" ? watched.sighting : null;
  const shown = {
    marks: marks.value,
    areas: areas.value,
    feeders: feeders.value,
    chosen,
    seen,
    follows,
    theme: preferences.value.theme,
  };
  const hearing = { onChoose: setChosen, onMove: () => setFollows(false) };
  const { paper, failed, source } = useChart(shown, hearing);
  return (
    <Screen title={words.title} tabs foot={<Card chosen={chosen} seen={seen} />}>
      <div class="map-frame">
        <div class="map" ref={paper} role="application" aria-label={words.title} />
        {failed && <p class="missing">{words.failed}</p>}
        <Own watched={watched} follows={follows} onFollow={() => setFollows(!follows)} />
        {source && <p class="map-source">{source}</p>}
      </div>
      <Listed onChoose={setChosen} />
    </Screen>
  );
}

/** The drawing, chunks of their own: nobody pays for them who never looks at the map. */
function useChart(shown: Shown, hearing: Hearing) {
  const paper = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const latest = useRef({ shown, hearing });
  const [failed, setFailed] = useState(false);
  /** Whom the ground is to name. */
  const [source, setSource] = useState("");
  latest.current = { shown, hearing };
  useEffect(() => {
    let gone = false;
    const draw = async () => {
      const [{ drawChart }, { groundOf }] = await Promise.all([
        import("./chart"),
        import("./tiles"),
      ]);
      if (gone || paper.current === null) return;
      chart.current = drawChart(paper.current, {
        onChoose: (choice) => latest.current.hearing.onChoose(choice),
        onMove: () => latest.current.hearing.onMove(),
      });
      chart.current.show(latest.current.shown);
      const ground = await groundOf(await shelf());
      if (ground === null || gone) return;
      chart.current.lay(ground.layer);
      setSource(ground.source);
    };
    draw().catch((error: unknown) => {
      setFailed(chart.current === null);
      console.warn(error);
    });
    return () => {
      gone = true;
      chart.current?.end();
      chart.current = null;
    };
  }, []);
  useEffect(() => chart.current?.show(shown));
  return { paper, failed, source };
}

/** What the phone knows of its own place, and whether the map goes along. */
function Own(props: { watched: Watched; follows: boolean; onFollow: () => void }) {
  const { watched, follows, onFollow } = props;
  const words = t.value.map;
  return (
    <div class="map-own">
      <p class="map-said" role="status">
        {watched.kind === "found" ? (
          <Here sighting={watched.sighting} />
        ) : watched.kind === "none" ? (
          words.none[watched.why]
        ) : (
          words.looking
        )}
      </p>
      <button
        type="button"
        class="button"
        aria-pressed={follows}
        aria-label={follows ? words.following : words.follow}
        onClick={onFollow}
      >
        <Icon name="locate" />
      </button>
    </div>
  );
}

/** How good the last position is, and how old: it counts on while no other comes. */
function Here({ sighting }: { sighting: Sighting }) {
  const [, setNow] = useState(0);
  useEffect(() => {
    const ticking = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(ticking);
  }, []);
  const { accuracyM } = sighting;
  const accuracy = accuracyM === null ? null : Math.round(accuracyM);
  return <>{t.value.map.here(accuracy, Math.round(ageS(sighting)))}</>;
}

function Card({ chosen, seen }: { chosen: Choice | null; seen: Sighting | null }) {
  const feeder = feeders.value.find((each) => each.feeder_id === chosen?.id);
  if (chosen?.kind === "feeder") return feeder ? <FeederCard feeder={feeder} /> : null;
  const mark = marks.value.find((each) => each.id === chosen?.id);
  return mark ? <MarkCard mark={mark} seen={seen} /> : null;
}

function FeederCard({ feeder }: { feeder: AreaFeeder }) {
  return (
    <div class="chosen">
      <h2>{feeder.name}</h2>
      <p>{t.value.map.feeder(feeder.kv, feeder.station)}</p>
    </div>
  );
}

function MarkCard({ mark, seen }: { mark: Mark; seen: Sighting | null }) {
  const words = t.value;
  const { at, address, title } = mark;
  const farM = seen && distanceM(seen.latDeg, seen.lonDeg, at.latDeg, at.lonDeg);
  const more = [
    mark.state === null ? address : words.states[mark.state],
    farM === null ? "" : words.distance(farM),
  ];
  return (
    <div class="chosen">
      <LineLink icon="today" to={mark.to} label={title} more={more.filter(Boolean).join(" · ")} />
      <div class="ways">
        <a class="button" href={geoLink(at, address || title)} rel="noreferrer">
          <Icon name="go" />
          <span>{words.map.navigate}</span>
        </a>
        <a class="button" href={amapLink(at, address || title)} rel="noreferrer" target="_blank">
          {words.map.amap}
        </a>
      </div>
    </div>
  );
}

/** The marks once more as words; what is left to do comes first. */
function Listed({ onChoose }: { onChoose: (choice: Choice) => void }) {
  const all = marks.value;
  const listed = all.slice(-LISTED_MAX).reverse();
  return (
    <div class="unseen">
      <ul>
        {listed.map(({ id, title, address }) => (
          <li key={id}>
            <button type="button" onClick={() => onChoose({ kind: "mark", id })}>
              {title} {address}
            </button>
          </li>
        ))}
      </ul>
      {all.length > listed.length && <p>{t.value.map.more(all.length - listed.length)}</p>}
    </div>
  );
}
