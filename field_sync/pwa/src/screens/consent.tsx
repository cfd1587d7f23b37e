/** The customer's consent: the words that are agreed to, and a signature under them. */

import { useEffect, useRef, useState } from "preact/hooks";
import { doSign } from "../deeds";
import { type Pad, padOn } from "../device/pad";
import { LongField } from "../parts/fields";
import { Form } from "../parts/form";
import type { Task } from "../wire";
import { t } from "../words/words";

export function Consent({ task }: { task: Task }) {
  const words = t.value.consent;
  const canvas = useRef<HTMLCanvasElement>(null);
  const pad = useRef<Pad | null>(null);
  const [signed, setSigned] = useState(false);
  const [terms, setTerms] = useState("");
  useEffect(() => {
    if (canvas.current === null) return;
    const made = padOn(canvas.current, () => setSigned(made.isSigned));
    pad.current = made;
    return () => made.end();
  }, []);
  const send = async () => {
    const picture = signed ? await pad.current?.picture() : null;
    return picture ? doSign(task.id, picture, terms.trim()) : false;
  };
  return (
    <Form title={t.value.deeds.consent} word={signed ? words.keep : words.signFirst} send={send}>
      <LongField label={words.terms} hint={words.termsHint} value={terms} onText={setTerms} />
      <div class="field">
        <span id="pad-label">{words.sign}</span>
        <canvas class="pad" ref={canvas} role="img" aria-labelledby="pad-label" />
        <button type="button" class="button" onClick={() => pad.current?.clear()}>
          {words.again}
        </button>
      </div>
    </Form>
  );
}
