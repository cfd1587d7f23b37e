/** The choice to keep the basemap on this phone, with its size before, and how far it has come. */

import { useEffect } from "preact/hooks";
import {
  bytesOf,
  doing,
  forgetBasemap,
  isWhole,
  keepBasemap,
  kept,
  lookForBasemap,
  offered,
  pauseBasemap,
  trouble,
} from "../basemap";
import { prefer, preferences } from "../device/preferences";
import { SwitchField } from "../parts/fields";
import type { Basemap } from "../wire";
import { t, told } from "../words/words";

export function GroundSettings() {
  const words = t.value.basemap;
  useEffect(() => void lookForBasemap(), []);
  const about = offered.value ?? kept.value?.about ?? null;
  if (about === null) return null;
  return (
    <section class="block">
      <h2>{words.title}</h2>
      <Standing about={about} />
      {trouble.value && (
        <p class="missing" role="status">
          {told(trouble.value)}
        </p>
      )}
      <Ways about={about} />
      <SwitchField
        label={words.metered}
        hint={words.meteredHint}
        on={preferences.value.basemapOnMetered}
        onSwitch={(basemapOnMetered) => prefer({ basemapOnMetered })}
      />
    </section>
  );
}

function Standing({ about }: { about: Basemap }) {
  const words = t.value;
  const here = kept.value;
  if (here === null) return <p>{words.basemap.about(words.size(about.size_bytes))}</p>;
  if (isWhole.value) return <p>{words.basemap.have(words.size(here.about.size_bytes))}</p>;
  const doneBytes = bytesOf(here);
  const label = words.basemap.come(words.size(doneBytes), words.size(here.about.size_bytes));
  return (
    <>
      <p>{label}</p>
      <progress aria-label={label} value={doneBytes} max={here.about.size_bytes} />
    </>
  );
}

function Ways({ about }: { about: Basemap }) {
  const words = t.value.basemap;
  const label = keepLabel(about);
  const rests = doing.value === "resting";
  return (
    <div class="ways">
      {!rests && <Press label={words.pause} onPress={pauseBasemap} />}
      {rests && label && <Press label={label} onPress={() => void keepBasemap()} />}
      {rests && kept.value && <Press label={words.forget} onPress={() => void forgetBasemap()} />}
    </div>
  );
}

/** Say what fetching would bring, and how much; null where nothing is left to fetch. */
function keepLabel(about: Basemap): string | null {
  const { basemap: words, size } = t.value;
  const here = kept.value;
  if (here === null) return words.keep(size(about.size_bytes));
  if (here.about.id !== about.id) return words.newer(size(about.size_bytes));
  return isWhole.value ? null : words.goOn(size(about.size_bytes - bytesOf(here)));
}

function Press({ label, onPress }: { label: string; onPress: () => void }) {
  return (
    <button type="button" class="button" onClick={onPress}>
      {label}
    </button>
  );
}
