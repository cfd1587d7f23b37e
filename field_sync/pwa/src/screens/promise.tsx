/** What the customer is promised at the door, in words and a window. */

import { useState } from "preact/hooks";
import { doPromise } from "../deeds";
import { ChoiceField, LongField, TextField } from "../parts/fields";
import { Form } from "../parts/form";
import type { Aim, Task } from "../wire";
import { t } from "../words/words";

/** A window as it is typed; `datetime-local`, in the phone's own zone. */
export interface Typed {
  readonly from: string;
  readonly by: string;
  readonly words: string;
}

export const EMPTY: Typed = { from: "", by: "", words: "" };

/** Read what was typed; null while something is missing. */
export function windowOf(typed: Typed) {
  const words = typed.words.trim();
  if (typed.by === "" || words === "") return null;
  const from = typed.from === "" ? null : new Date(typed.from).toISOString();
  return { from, due: new Date(typed.by).toISOString(), words };
}

export function WindowFields(props: {
  typed: Typed;
  tried: boolean;
  onTyped: (typed: Typed) => void;
}) {
  const { typed, tried, onTyped } = props;
  const words = t.value.promises;
  const missing = (text: string) => (tried && text.trim() === "" ? words.missing : null);
  return (
    <>
      <TextField
        label={words.from}
        type="datetime-local"
        value={typed.from}
        onText={(from) => onTyped({ ...typed, from })}
      />
      <TextField
        label={words.by}
        type="datetime-local"
        value={typed.by}
        onText={(by) => onTyped({ ...typed, by })}
        fault={missing(typed.by)}
        required
      />
      <LongField
        label={words.words}
        hint={words.wordsHint}
        value={typed.words}
        onText={(said) => onTyped({ ...typed, words: said })}
        fault={missing(typed.words)}
        required
      />
    </>
  );
}

export function MakePromise({ task }: { task: Task }) {
  const words = t.value.promises;
  const [typed, setTyped] = useState(EMPTY);
  const [aim, setAim] = useState<Aim>("arrive");
  const [customer, setCustomer] = useState("");
  const [contact, setContact] = useState(task.contact ?? "");
  const [tried, setTried] = useState(false);
  const send = () => {
    setTried(true);
    const window = windowOf(typed);
    if (window === null || customer.trim() === "") return Promise.resolve(false);
    return doPromise(task.id, { ...window, aim, customer: customer.trim(), contact });
  };
  const aims = words.aims;
  return (
    <Form title={words.make} word={words.keepMade} send={send}>
      <p class="said">{words.makeTold}</p>
      <ChoiceField
        legend={words.aim}
        options={[
          ["arrive", aims.arrive],
          ["restore", aims.restore],
          ["finish", aims.finish],
        ]}
        value={aim}
        onChoose={setAim}
      />
      <WindowFields typed={typed} tried={tried} onTyped={setTyped} />
      <TextField
        label={words.customer}
        value={customer}
        onText={setCustomer}
        fault={tried && customer.trim() === "" ? words.missing : null}
        max={200}
        required
      />
      <TextField label={words.contact} value={contact} onText={setContact} max={2_000} />
    </Form>
  );
}
