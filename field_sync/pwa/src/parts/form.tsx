/** A form that fills a screen: its fields, and the one button that keeps it. */

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { parent } from "../screens/places";
import { goUp, place } from "../screens/router";
import { BigButton } from "./buttons";
import { Screen } from "./frame";

/** `send` tells whether it was kept; then the screen makes way for the one above it. */
export function Form(props: {
  title: string;
  word: string;
  send: () => Promise<boolean>;
  children: ComponentChildren;
  tone?: "main" | "careful";
}) {
  const { title, word, send, children, tone = "main" } = props;
  const [busy, setBusy] = useState(false);
  const id = useId();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const here = place.value;
    setBusy(true);
    const kept = await send().finally(() => setBusy(false));
    const up = parent(here);
    // Somebody who has gone on meanwhile stays where they are.
    if (kept && up !== null && place.value === here) goUp(up);
  };
  return (
    <Screen
      title={title}
      foot={
        <BigButton form={id} busy={busy} tone={tone}>
          {word}
        </BigButton>
      }
    >
      <form id={id} class="form" noValidate onSubmit={submit}>
        {children}
      </form>
    </Screen>
  );
}
