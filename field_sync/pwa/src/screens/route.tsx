/** A route: its meters in walking order, what is left of it, the next one in one tap. */

import { useMemo, useState } from "preact/hooks";
import { BigButton, LineLink } from "../parts/buttons";
import { ChoiceField } from "../parts/fields";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { WindowedList } from "../parts/windowedlist";
import { stopsOf, workOn } from "../session";
import type { Stop } from "../wire";
import { t } from "../words/words";
import { Gone } from "./gone";
import { write } from "./places";
import { go } from "./router";
import { found, goesOn, type Sieve } from "./walking";

interface Look {
  readonly text: string;
  readonly sieve: Sieve;
}

/** What was looked for on each route; it is still there when one comes back from a meter. */
const looked = new Map<string, Look>();

export function Route({ id }: { id: string }) {
  const [look, setLook] = useState<Look>(looked.get(id) ?? { text: "", sieve: "open" });
  const stops = stopsOf(id);
  const shown = useMemo(() => found(stops, look.text, look.sieve), [stops, look]);
  const work = workOn(id);
  if (work === null) return <Gone />;
  const words = t.value.route;
  const search = (change: Partial<Look>) => {
    const next = { ...look, ...change };
    looked.set(id, next);
    setLook(next);
  };
  return (
    <Screen title={work.task.title} foot={<Next id={id} stops={stops} />}>
      <div class="search">
        <Progress stops={stops} />
        <Search look={look} onLook={search} />
        <LineLink icon="scan" to={{ kind: "found", id }} label={t.value.findings.foundLink} />
      </div>
      {shown.length === 0 ? (
        <p class="nothing">{look.text ? words.notFound : words.nothingLeft}</p>
      ) : (
        <WindowedList
          items={shown}
          rowRem={ROW_REM}
          label={words.meters}
          keyOf={(stop) => stop.id}
          row={(stop) => <Row stop={stop} />}
        />
      )}
    </Screen>
  );
}

function Search({ look, onLook }: { look: Look; onLook: (change: Partial<Look>) => void }) {
  const words = t.value.route;
  return (
    <>
      <input
        type="search"
        aria-label={words.search}
        placeholder={words.search}
        value={look.text}
        enterKeyHint="search"
        onInput={(event) => onLook({ text: event.currentTarget.value })}
      />
      <ChoiceField
        legend={words.which}
        options={SIEVES.map((sieve) => [sieve, words.sieves[sieve]] as const)}
        value={look.text ? "all" : look.sieve}
        onChoose={(sieve) => onLook({ sieve, text: "" })}
      />
    </>
  );
}

const SIEVES: readonly Sieve[] = ["open", "all", "skipped"];
const ROW_REM = 5;

function Row({ stop }: { stop: Stop }) {
  const words = t.value;
  return (
    <a
      class={`stop ${stop.state}`}
      href={write({ kind: "meter", id: stop.route_id, stop: stop.id })}
    >
      <span class="sequence">{stop.sequence}</span>
      <span class="stop-main">
        <span class="serial">{stop.serial}</span>
        <span class="stop-where">{stop.address}</span>
        <AtTheGate stop={stop} />
      </span>
      <span class={`mark ${stop.state}`}>
        {stop.care && <Icon name="care" />}
        {stop.skip_code ? words.skips[stop.skip_code] : words.stopStates[stop.state]}
      </span>
    </a>
  );
}

/** What matters most at the gate, in the one line that a row has room for. */
function AtTheGate({ stop }: { stop: Stop }) {
  const { findings, way } = t.value;
  if (stop.finding_id) {
    return (
      <span class="stop-access">
        <Icon name="waiting" />
        {findings.waitsShort}
      </span>
    );
  }
  const said = [stop.dogs && way.dogs(stop.dogs), stop.keys && way.keys(stop.keys)];
  const known = [...said, stop.access_note].filter(Boolean);
  if (known.length === 0) return null;
  return (
    <span class="stop-access">
      <Icon name={stop.dogs ? "dog" : "key"} />
      {known.join(" · ")}
    </span>
  );
}

function Progress({ stops }: { stops: readonly Stop[] }) {
  const read = stops.filter((stop) => stop.state === "read").length;
  const skipped = stops.filter((stop) => stop.state === "skipped").length;
  const open = stops.length - read - skipped;
  return (
    <div class="progress">
      <p>{t.value.route.progress({ stops: stops.length, read, skipped, open })}</p>
      <progress max={stops.length || 1} value={read + skipped} aria-hidden="true" />
    </div>
  );
}

function Next({ id, stops }: { id: string; stops: readonly Stop[] }) {
  const next = goesOn(stops);
  const words = t.value.route;
  if (next === null) {
    return <BigButton onPress={() => go({ kind: "order", id })}>{words.allDone}</BigButton>;
  }
  return (
    <BigButton onPress={() => go({ kind: "meter", id, stop: next.id })}>
      <span class="big-what">{words.nextMeter}</span>
      <span class="big-more">
        {next.sequence} · {next.serial}
      </span>
    </BigButton>
  );
}
