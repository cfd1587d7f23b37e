/** Being woken: offered where the browser can, with words where it cannot. */

import { useId, useState } from "preact/hooks";
import { SwitchField } from "../parts/fields";
import { pushStanding } from "../session";
import { able, pushTrouble, turnOff, turnOn } from "../waking";
import { t, told } from "../words/words";

export function PushSettings() {
  const words = t.value.push;
  const id = useId();
  return (
    <section class="block" aria-labelledby={id}>
      <h2 id={id}>{words.title}</h2>
      {able.value === "able" || able.value === "unasked" ? (
        <Switch />
      ) : (
        <p class="small">{words.trouble[able.value]}</p>
      )}
      {pushTrouble.value && <p class="missing">{told(pushTrouble.value)}</p>}
    </section>
  );
}

function Switch() {
  const words = t.value.push;
  const [busy, setBusy] = useState(false);
  const standing = pushStanding.value;
  const turn = async (on: boolean) => {
    if (busy) return;
    setBusy(true);
    await (on ? turnOn() : turnOff());
    setBusy(false);
  };
  return (
    <>
      <SwitchField
        label={words.label}
        hint={words.hint}
        on={standing !== "off"}
        onSwitch={(on) => void turn(on)}
      />
      <p class="small" role="status">
        {standing !== "off" && words.states[standing]}
      </p>
    </>
  );
}
