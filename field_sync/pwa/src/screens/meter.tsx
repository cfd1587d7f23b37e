/** A meter: how to get to it, the number pad, what the rules ask, and on to the next. */

import { BigButton, LineLink } from "../parts/buttons";
import { Screen } from "../parts/frame";
import { Icon } from "../parts/icons";
import { Pad } from "../parts/numberpad";
import { PhotoButton } from "../parts/photos";
import { stopsOf } from "../session";
import type { Stop } from "../wire";
import { t } from "../words/words";
import { value } from "./dial";
import { Gone } from "./gone";
import { Prompts } from "./prompts";
import { AccessNote } from "./reach";
import { type Reading, useReading } from "./reading";
import { ScanButton } from "./scan";
import { SkipButton } from "./skip";
import { leftHere } from "./walking";

export function Meter({ routeId, stopId }: { routeId: string; stopId: string }) {
  const stops = stopsOf(routeId);
  const stop = stops.find((each) => each.id === stopId);
  // A new meter is a new screen: nothing of the one before may stand on its display.
  return stop === undefined ? <Gone /> : <Open key={stop.id} stop={stop} stops={stops} />;
}

function Open({ stop, stops }: { stop: Stop; stops: readonly Stop[] }) {
  const words = t.value;
  const reading = useReading(stop, stops);
  const { register, text, registers, asked } = reading;
  return (
    <Screen
      fills
      title={words.meter.title(stop.sequence)}
      foot={<Foot reading={reading} following={registers[registers.indexOf(register) + 1]} />}
    >
      <About stop={stop} here={leftHere(stops, stop).length} />
      {registers.length > 1 && <Registers reading={reading} />}
      <Pad
        text={text}
        display={reading.display}
        name={words.registers(register)}
        onKey={reading.type}
      />
      <div class="ways three">
        <PhotoButton
          label={reading.photos > 0 ? words.photos.more(reading.photos) : words.photos.short}
          onFile={(file) => void reading.photograph(file)}
        />
        <ScanButton stops={stops} stop={stop} />
        <SkipButton stop={stop} reading={reading} />
      </div>
      <LineLink
        icon="amend"
        to={{ kind: "other-meter", id: stop.route_id, stop: stop.id }}
        label={words.findings.otherLink}
      />
      {asked.length > 0 && <Prompts reading={reading} />}
    </Screen>
  );
}

/** Keep it, or go to the next register of a meter that has several. */
function Foot({ reading, following }: { reading: Reading; following: string | undefined }) {
  const words = t.value;
  const ready = value(reading.text) !== null;
  if (following !== undefined) {
    return (
      <BigButton disabled={!ready} onPress={() => reading.choose(following)}>
        {words.meter.nextRegister(words.registers(following))}
      </BigButton>
    );
  }
  return (
    <BigButton busy={reading.busy} disabled={!ready} onPress={() => void reading.save([], "")}>
      {words.meter.keep}
    </BigButton>
  );
}

function About({ stop, here }: { stop: Stop; here: number }) {
  const words = t.value;
  return (
    <section class="block about" aria-label={words.meter.about}>
      <p class="serial-big">
        <span class="unseen">{words.meter.serial}: </span>
        {stop.serial}
      </p>
      <p class="address">
        {stop.address}
        {stop.box && <span class="small"> · {words.meter.box(stop.box)}</span>}
      </p>
      {stop.access_note && <AccessNote text={stop.access_note} />}
      {stop.keys && <AccessNote text={words.way.keys(stop.keys)} />}
      {stop.dogs && <AccessNote icon="dog" text={words.way.dogs(stop.dogs)} />}
      {stop.finding_id && <p class="said">{words.findings.waits}</p>}
      <p class="facts">
        {stop.care && (
          <span class="care">
            <Icon name="care" />
            {words.care}
          </span>
        )}
        {here > 0 && <span>{words.meter.leftHere(here)}</span>}
        {stop.state === "read" && <span class="done">{words.meter.readBefore}</span>}
        {stop.state === "skipped" && stop.skip_code && <span>{words.skips[stop.skip_code]}</span>}
      </p>
    </section>
  );
}

function Registers({ reading }: { reading: Reading }) {
  const { registers, texts, register } = reading;
  return (
    <fieldset class="registers" aria-label={t.value.meter.registers}>
      {registers.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === register}
          onClick={() => reading.choose(name)}
        >
          <span>{t.value.registers(name)}</span>
          <strong>{texts[name] || "–"}</strong>
        </button>
      ))}
    </fieldset>
  );
}
