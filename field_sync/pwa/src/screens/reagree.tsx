/** Another time for a promise: the window, the customer's consent, and why it must be. */

import { useState } from "preact/hooks";
import { doReagree } from "../deeds";
import { ChoiceField, LongField, TextField } from "../parts/fields";
import { Form } from "../parts/form";
import { SignatureField, useSignature } from "../parts/signature";
import { listRunning } from "../rules/promising";
import { check } from "../rules/reasons";
import type { ConsentHow, Task } from "../wire";
import { t } from "../words/words";
import { EMPTY, WindowFields, windowOf } from "./promise";
import { lineOf } from "./promised";

export function Reagree({ task }: { task: Task }) {
  const words = t.value.promises;
  const running = listRunning(task);
  const signature = useSignature();
  const [chosen, setChosen] = useState<string | null>(running[0]?.promise.id ?? null);
  const [typed, setTyped] = useState(EMPTY);
  const [name, setName] = useState("");
  const [how, setHow] = useState<ConsentHow>("spoken");
  const [why, setWhy] = useState("");
  const [tried, setTried] = useState(false);
  const fault = check(why);
  const send = async () => {
    setTried(true);
    const window = windowOf(typed);
    const picture = how === "signed" ? await signature.picture() : null;
    const isWhole = fault === null && name.trim() !== "" && (how !== "signed" || picture !== null);
    if (window === null || chosen === null || !isWhole) return false;
    const consent = { name: name.trim(), how };
    return doReagree(task.id, { promiseId: chosen, ...window, consent, why, picture });
  };
  return (
    <Form title={words.reagree} word={words.keepAgreed} send={send} tone="careful">
      <p class="said">{chosen === null ? words.none : words.reagreeTold}</p>
      {running.length > 1 && (
        <ChoiceField
          legend={words.which}
          options={running.map((clock) => [clock.promise.id, lineOf(clock, clock.promise)])}
          value={chosen}
          onChoose={setChosen}
        />
      )}
      <WindowFields typed={typed} tried={tried} onTyped={setTyped} />
      <LongField
        label={words.why}
        hint={t.value.deeds.reasonHint}
        value={why}
        onText={setWhy}
        fault={fault !== null && (tried || why !== "") ? t.value.faults[fault] : null}
        required
      />
      <TextField
        label={words.consent}
        value={name}
        onText={setName}
        fault={tried && name.trim() === "" ? words.missing : null}
        max={200}
        required
      />
      <HowField how={how} onHow={setHow} />
      <div hidden={how !== "signed"}>
        <SignatureField signature={signature} />
      </div>
    </Form>
  );
}

function HowField({ how, onHow }: { how: ConsentHow; onHow: (how: ConsentHow) => void }) {
  const { how: legend, hows } = t.value.promises;
  return (
    <ChoiceField
      legend={legend}
      options={[
        ["spoken", hows.spoken],
        ["signed", hows.signed],
        ["written", hows.written],
      ]}
      value={how}
      onChoose={onHow}
    />
  );
}
