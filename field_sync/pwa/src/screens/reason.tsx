/** Acts that need a reason: to give work back, and to let it wait. Picked from the policy set. */

import { useState } from "preact/hooks";
import { doReturn, doSuspend } from "../deeds";
import { LongField, TextField } from "../parts/fields";
import { Form } from "../parts/form";
import { type Pick, PickField } from "../parts/picks";
import { check, type Fault } from "../rules/reasons";
import { reasonsOn } from "../session";
import type { PolicyReason, ReasonFor, Task } from "../wire";
import { named, t, told } from "../words/words";

interface Deed {
  readonly task: Task;
}

/** Words of one's own in the place of a reason of the policy set. */
const OWN = "";

/** What is picked and written so far. */
interface Reasoning {
  readonly listed: readonly PolicyReason[];
  readonly ownWords: boolean;
  /** A reason's code, `OWN`, or null while nothing is picked. */
  readonly code: string | null;
  readonly pick: (code: string) => void;
  readonly picked: PolicyReason | null;
  readonly note: string;
  readonly write: (note: string) => void;
  /** What is said as the reason: the words written, else those of what was picked. */
  readonly reason: string;
  readonly fault: Fault | null;
  readonly isWhole: boolean;
}

/** Give the work back. */
export function Return({ task }: Deed) {
  const words = t.value.deeds;
  const [tried, setTried] = useState(false);
  const why = useReasoning(task, "return");
  const send = () => {
    setTried(true);
    if (!why.isWhole) return Promise.resolve(false);
    return doReturn(task.id, { reason: why.reason, code: why.picked?.code ?? null });
  };
  return (
    <Form title={words.return} send={send} word={words.return} tone="careful">
      <p class="said">{words.returnTold}</p>
      <WhyFields why={why} tried={tried} more={() => ""} />
    </Form>
  );
}

/** Let the work wait; what its clocks do meanwhile stands beside each reason. */
export function Suspend({ task }: Deed) {
  const words = t.value.deeds;
  const [tried, setTried] = useState(false);
  const [until, setUntil] = useState("");
  const why = useReasoning(task, "suspend");
  const needsUntil = why.picked?.needs_until ?? false;
  const send = () => {
    setTried(true);
    if (!why.isWhole || (needsUntil && until === "")) return Promise.resolve(false);
    const ends = until === "" ? null : new Date(until);
    const code = why.picked?.code ?? null;
    return doSuspend(task.id, { reason: why.reason, code, until: ends });
  };
  return (
    <Form title={words.suspend} send={send} word={words.suspend} tone="careful">
      <p class="said">{words.suspendTold}</p>
      <WhyFields why={why} tried={tried} more={clocksMeanwhile} />
      <TextField
        label={needsUntil ? words.untilNeeded : words.until}
        type="datetime-local"
        value={until}
        onText={setUntil}
        fault={tried && needsUntil && until === "" ? words.untilMissing : null}
        required={needsUntil}
      />
    </Form>
  );
}

/** Hold what a person picks and writes; a phone that knows no reasons asks for words alone. */
function useReasoning(task: Task, givenFor: ReasonFor): Reasoning {
  const known = reasonsOn(task);
  const listed = (known?.reasons ?? []).filter((each) => each.given_for.includes(givenFor));
  const [code, pick] = useState<string | null>(listed.length === 0 ? OWN : null);
  const [note, write] = useState("");
  const picked = listed.find((each) => each.code === code) ?? null;
  const reason = note.trim() === "" && picked !== null ? told(picked.words) : note;
  const fault = check(reason);
  const ownWords = known?.own_words.includes(givenFor) ?? true;
  const isWhole = code !== null && fault === null;
  return { listed, ownWords, code, pick, picked, note, write, reason, fault, isWhole };
}

function WhyFields(props: {
  why: Reasoning;
  tried: boolean;
  more: (reason: PolicyReason | null) => string;
}) {
  const { why, tried, more } = props;
  const words = t.value.deeds;
  const { fault } = why;
  const isShown = fault !== null && (tried || why.note !== "");
  return (
    <>
      {why.listed.length > 0 && (
        <PickField
          legend={words.picks}
          picks={picksOf(why, more)}
          value={why.code}
          fault={tried && why.code === null ? words.pickFirst : null}
          onPick={why.pick}
        />
      )}
      {why.code !== null && (
        <LongField
          label={why.picked ? words.pickedNote : words.reason}
          value={why.note}
          onText={why.write}
          hint={words.reasonHint}
          fault={isShown ? t.value.faults[fault] : null}
          required={why.picked === null}
        />
      )}
    </>
  );
}

function picksOf(why: Reasoning, more: (reason: PolicyReason | null) => string): Pick<string>[] {
  const picks = why.listed.map((each) => {
    return { value: each.code, word: told(each.words), more: more(each) };
  });
  if (!why.ownWords) return picks;
  return [...picks, { value: OWN, word: t.value.deeds.ownWords, more: more(null) }];
}

/** Say what the clocks do while work waits for a reason. */
function clocksMeanwhile(reason: PolicyReason | null): string {
  const words = t.value.deeds;
  const holds = reason?.holds ?? [];
  if (holds.length === 0) return words.runOn;
  return words.standStill(holds.map((kind) => named(t.value.clocks, kind)));
}
