/** Setting, changing and taking off the PIN. */

import { useId, useState } from "preact/hooks";
import { isPin, PIN_CHARS_MAX, PIN_CHARS_MIN } from "../device/pin";
import { announce } from "../parts/announcer";
import { TextField } from "../parts/fields";
import { t } from "../words/words";
import { hasPin, setPin } from "./locking";

export function PinSettings() {
  const words = t.value.pin;
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <section class="block" aria-labelledby={id}>
      <h2 id={id}>{words.title}</h2>
      <p class="small">{hasPin.value ? words.isOn : words.told}</p>
      {open ? (
        <NewPin onDone={() => setOpen(false)} />
      ) : (
        <div class="ways">
          <button type="button" class="button" onClick={() => setOpen(true)}>
            {hasPin.value ? words.change : words.set}
          </button>
          {hasPin.value && (
            <button type="button" class="button" onClick={() => void takeOff()}>
              {words.off}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

async function takeOff(): Promise<void> {
  await setPin(null);
  announce(t.value.pin.isOff);
}

function NewPin({ onDone }: { onDone: () => void }) {
  const words = t.value.pin;
  const [first, setFirst] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const bad = !isPin(first) ? words.form(PIN_CHARS_MIN, PIN_CHARS_MAX) : null;
  const differs = bad === null && first !== again ? words.differs : null;
  const keep = async (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (bad !== null || differs !== null) return;
    await setPin(first);
    announce(words.isSet);
    onDone();
  };
  return (
    <form class="form" noValidate onSubmit={(event) => void keep(event)}>
      <PinField label={words.first} value={first} onText={setFirst} fault={tried ? bad : null} />
      <PinField
        label={words.again}
        value={again}
        onText={setAgain}
        fault={tried ? differs : null}
      />
      <div class="ways">
        <button type="submit" class="button">
          {words.keep}
        </button>
        <button type="button" class="button" onClick={onDone}>
          {t.value.cancel}
        </button>
      </div>
    </form>
  );
}

function PinField(props: {
  label: string;
  value: string;
  onText: (text: string) => void;
  fault: string | null;
}) {
  const kind = { type: "password", mode: "numeric", complete: "new-password" } as const;
  return <TextField {...kind} {...props} max={PIN_CHARS_MAX} />;
}
