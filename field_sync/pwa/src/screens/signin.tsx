/** Signing in: the first time it makes this phone the person's, later it only opens the session. */

import { useState } from "preact/hooks";
import { logIn, phoneName } from "../deeds";
import { BigButton } from "../parts/buttons";
import { TextField } from "../parts/fields";
import { Icon } from "../parts/icons";
import { LanguageSwitch } from "../parts/language";
import { identity } from "../session";
import { t } from "../words/words";
import { goInstead, place } from "./router";

/** The sign-in of a phone that is nobody's yet, or whose session has ended. */
export function SignIn() {
  const here = place.value;
  const login = here.kind === "sign-in" ? here.login : "";
  const enrolled = identity.value.device !== "";
  return (
    <SignInForm
      title={enrolled ? t.value.signIn.again : t.value.signIn.title}
      login={login}
      onDone={() => goInstead({ kind: "today" })}
      onCancel={enrolled ? () => goInstead({ kind: "sync" }) : null}
    />
  );
}

interface Form {
  readonly title: string;
  readonly login: string;
  readonly onDone: () => void;
  readonly onCancel: (() => void) | null;
}

export function SignInForm({ title, login, onDone, onCancel }: Form) {
  const words = t.value.signIn;
  const enrolled = identity.value.device !== "";
  const form = useSignIn(login, onDone);
  return (
    <div class="screen sign-in">
      <main class="body">
        <p class="brand">
          <Icon name="lamp" /> Lamplighter <LanguageSwitch />
        </p>
        <h1>{title}</h1>
        <p class="said">{enrolled ? words.againTold : words.told}</p>
        <form id="sign-in" class="form" noValidate onSubmit={(event) => void form.enter(event)}>
          <TextField label={words.login} {...form.login} complete="username" />
          <TextField
            label={words.password}
            type="password"
            {...form.password}
            complete="current-password"
          />
          {!enrolled && <TextField label={words.name} hint={words.nameHint} {...form.name} />}
          <p class="fault" role="alert">
            {form.fault}
          </p>
        </form>
      </main>
      <footer class="foot">
        <BigButton form="sign-in" busy={form.busy} disabled={!form.ready}>
          {form.busy ? words.busy : words.enter}
        </BigButton>
        {onCancel && (
          <button type="button" class="big careful" onClick={onCancel}>
            {t.value.cancel}
          </button>
        )}
      </footer>
    </div>
  );
}

function useText(first: string | (() => string)): {
  value: string;
  onText: (text: string) => void;
} {
  const [value, onText] = useState(first);
  return { value, onText };
}

function useSignIn(first: string, onDone: () => void) {
  const login = useText(first);
  const password = useText("");
  const name = useText(phoneName);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const who = login.value.trim();
  const ready = who !== "" && password.value !== "";
  const enter = async (event: Event) => {
    event.preventDefault();
    if (busy || !ready) return;
    setBusy(true);
    setFault("");
    const asked = { login: who, password: password.value, name: name.value.trim() || who };
    const refusal = await logIn(asked).finally(() => setBusy(false));
    setFault(refusal ?? "");
    if (refusal === null) onDone();
  };
  return { login, password, name, busy, fault, ready, enter };
}
