/** The customer's consent: the words that are agreed to, and a signature under them. */

import { useState } from "preact/hooks";
import { doSign } from "../deeds";
import { LongField } from "../parts/fields";
import { Form } from "../parts/form";
import { SignatureField, useSignature } from "../parts/signature";
import type { Task } from "../wire";
import { t } from "../words/words";

export function Consent({ task }: { task: Task }) {
  const words = t.value.consent;
  const signature = useSignature();
  const [terms, setTerms] = useState("");
  const send = async () => {
    const picture = await signature.picture();
    return picture !== null && doSign(task.id, picture, terms.trim());
  };
  const word = signature.isSigned ? words.keep : words.signFirst;
  return (
    <Form title={t.value.deeds.consent} word={word} send={send}>
      <LongField label={words.terms} hint={words.termsHint} value={terms} onText={setTerms} />
      <SignatureField signature={signature} />
    </Form>
  );
}
