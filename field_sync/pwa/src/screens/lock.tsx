/** The lock: a PIN on the number pad; whoever forgot it signs in with the password instead. */

import { useRef, useState } from "preact/hooks";
import { isPin, PIN_CHARS_MAX } from "../device/pin";
import { BigButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { identity } from "../session";
import { t } from "../words/words";
import { setPin, unlock } from "./locking";
import { SignInForm } from "./signin";

export function Lock() {
  const words = t.value.pin;
  const [forgotten, setForgotten] = useState(false);
  const { device } = identity.value;
  if (forgotten) {
    return (
      <SignInForm
        title={words.forgotten}
        login=""
        onDone={() => void setPin(null)}
        onCancel={() => setForgotten(false)}
      />
    );
  }
  return (
    <div class="screen lock">
      <main class="body">
        <h1>
          <Icon name="lock" /> {words.locked}
        </h1>
        <p class="small">{words.safe}</p>
        <PinForm />
        {device && (
          <button type="button" class="button" onClick={() => setForgotten(true)}>
            {words.forgot}
          </button>
        )}
      </main>
    </div>
  );
}

function PinForm() {
  const words = t.value.pin;
  const [pin, setText] = useState("");
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const open = async (event: Event) => {
    event.preventDefault();
    if (!isPin(pin) || busy) return;
    setBusy(true);
    const outcome = await unlock(pin).finally(() => setBusy(false));
    if (outcome === "right") return;
    setSaid(outcome === "wrong" ? words.wrong : words.wait(outcome.waitS));
    setText("");
    field.current?.focus();
  };
  return (
    <form id="pin-form" class="form" noValidate onSubmit={(event) => void open(event)}>
      <label for="pin">{words.first}</label>
      <input
        id="pin"
        ref={field}
        class="pin-input"
        type="password"
        inputMode="numeric"
        autoComplete="off"
        maxLength={PIN_CHARS_MAX}
        value={pin}
        aria-describedby="pin-said"
        onInput={(event) => setText(event.currentTarget.value.replace(/\D/g, ""))}
      />
      <p id="pin-said" class="fault" role="alert">
        {said}
      </p>
      <BigButton form="pin-form" busy={busy} disabled={!isPin(pin)}>
        {words.unlock}
      </BigButton>
    </form>
  );
}
