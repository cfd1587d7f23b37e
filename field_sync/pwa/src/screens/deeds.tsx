/** Acts that need words: restored, finish, note, correction. One form a screen. */

import { useState } from "preact/hooks";
import { doAmend, doFinish, doNote, doRestore } from "../deeds";
import { LongField, TextField } from "../parts/fields";
import { Form } from "../parts/form";
import { leftOn } from "../session";
import type { Material, Task } from "../wire";
import { t } from "../words/words";
import { Left } from "./left";
import { Materials, writtenMaterials } from "./materials";

interface Deed {
  readonly task: Task;
}

/** The lights are on again: asked once more, for it stops the customer's clock. */
export function Restore({ task }: Deed) {
  const words = t.value.deeds;
  const [note, setNote] = useState("");
  return (
    <Form title={words.restore} send={() => doRestore(task.id, note)} word={words.restoreNow}>
      <p class="said">{words.restoreTold}</p>
      <LongField label={words.noteOptional} value={note} onText={setNote} />
    </Form>
  );
}

/** The end of the work: what was found, done and used. */
export function Finish({ task }: Deed) {
  const words = t.value.deeds;
  const [cause, setCause] = useState("");
  const [workDone, setWorkDone] = useState("");
  const [materials, setMaterials] = useState<readonly Material[]>([]);
  const missing = task.evidence_missing ?? 0;
  const left = task.kind === "route" ? leftOn(task.id) : [];
  const send = () => doFinish(task.id, { cause, workDone, materials: writtenMaterials(materials) });
  const word = left.length > 0 ? t.value.left.end(left.length) : words.finishNow;
  return (
    <Form title={words.finish} send={send} word={word} tone={left.length > 0 ? "careful" : "main"}>
      <Left stops={left} />
      {missing > 0 && <p class="missing">{t.value.order.missing(missing)}</p>}
      {task.kind === "repair" && (
        <LongField label={words.cause} value={cause} onText={setCause} hint={words.causeHint} />
      )}
      <LongField label={words.workDone} value={workDone} onText={setWorkDone} />
      {task.kind === "repair" && <Materials list={materials} onList={setMaterials} />}
    </Form>
  );
}

/** Words for the order's timeline. */
export function Note({ task }: Deed) {
  const words = t.value.deeds;
  const [text, setText] = useState("");
  const send = () => (text.trim() === "" ? Promise.resolve(false) : doNote(task.id, text.trim()));
  return (
    <Form title={words.note} send={send} word={words.save}>
      <LongField label={words.noteText} value={text} onText={setText} required />
    </Form>
  );
}

/** What the crew found otherwise than the order says. */
export function Amend({ task }: Deed) {
  const words = t.value.deeds;
  const [contact, setContact] = useState(task.contact ?? "");
  const [note, setNote] = useState(task.note ?? "");
  const [access, setAccess] = useState(task.site?.access_note ?? "");
  const send = () =>
    doAmend(task.id, { contact, note, ...(task.site ? { accessNote: access } : {}) });
  return (
    <Form title={words.amend} send={send} word={words.save}>
      <p class="said">{words.amendTold}</p>
      <TextField label={words.contact} value={contact} onText={setContact} max={2_000} />
      <LongField label={t.value.order.note} value={note} onText={setNote} />
      {task.site && <LongField label={t.value.order.access} value={access} onText={setAccess} />}
    </Form>
  );
}
