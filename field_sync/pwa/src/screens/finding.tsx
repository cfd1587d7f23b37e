/** A meter found otherwise than the route says: what stands there, in one form. */

import { useState } from "preact/hooks";
import { doPhoto } from "../deeds";
import { doChanged, doFound, doMismatch } from "../findings";
import { ChoiceField, LongField, TextField } from "../parts/fields";
import { Form } from "../parts/form";
import { PhotoButton } from "../parts/photos";
import { stopsOf, workOn } from "../session";
import type { Fix, Stop } from "../wire";
import { t } from "../words/words";
import {
  faultsOf,
  faultyParts,
  type Parts,
  type Text,
  type Texts,
  type What,
  whole,
} from "./findingform";
import { Gone } from "./gone";
import { TOTAL, useGlance } from "./reading";

/** A meter that is not on the route. */
export function Found({ routeId }: { routeId: string }) {
  const draft = useDraft("found", {}, routeId);
  if (workOn(routeId) === null) return <Gone />;
  const words = t.value.findings;
  const send = () => draft.sent((seen) => doFound(routeId, { ...seen, ...whole(draft.texts) }));
  return (
    <Form title={words.found} send={send} word={words.report}>
      <p class="said">{words.foundTold}</p>
      <Line draft={draft} text="serial" label={words.serial} />
      <Line draft={draft} text="place" label={words.place} hint={words.placeHint} />
      <Line draft={draft} text="total" label={words.totalIf} numeric />
      <Beside draft={draft} />
    </Form>
  );
}

/** Another meter at a stop: it was changed, or nobody knows why its serial differs. */
export function OtherMeter({ routeId, stopId }: { routeId: string; stopId: string }) {
  const stop = stopsOf(routeId).find((each) => each.id === stopId);
  return stop === undefined ? <Gone /> : <Other key={stop.id} stop={stop} />;
}

function Other({ stop }: { stop: Stop }) {
  const [what, setWhat] = useState<"changed" | "mismatch">("changed");
  const display = { digits: String(stop.digits), decimals: String(stop.decimals ?? 0) };
  const draft = useDraft(what, display, stop.route_id, stop.id);
  const words = t.value.findings;
  const isChanged = what === "changed";
  const send = () =>
    draft.sent((seen) => {
      const said = { ...seen, ...whole(draft.texts, draft.parts) };
      return isChanged
        ? doChanged(stop.id, { ...said, total: said.total ?? "" })
        : doMismatch(stop.id, said);
    });
  return (
    <Form title={words.other} send={send} word={words.report}>
      <p class="said">{words.otherTold}</p>
      <ChoiceField
        legend={words.what}
        options={[
          ["changed", words.whats.changed],
          ["mismatch", words.whats.mismatch],
        ]}
        value={what}
        onChoose={setWhat}
      />
      <Line draft={draft} text="serial" label={words.serial} />
      {isChanged && <Line draft={draft} text="digits" label={words.digits} numeric />}
      {isChanged && <Line draft={draft} text="decimals" label={words.decimals} numeric />}
      <Line draft={draft} text="total" label={isChanged ? words.total : words.totalIf} numeric />
      {isChanged && <PartLines draft={draft} stop={stop} />}
      {isChanged && <Line draft={draft} text="oldTotal" label={words.oldTotal} numeric />}
      <Beside draft={draft} />
    </Form>
  );
}

/** What comes with every finding. */
interface Seen {
  readonly fix: Fix | null;
  readonly photos: readonly string[];
}

interface Draft {
  readonly texts: Texts;
  readonly photos: readonly string[];
  readonly parts: Parts;
  readonly fault: (text: Text) => string | null;
  readonly partFault: (name: string) => string | null;
  readonly writePart: (name: string, value: string) => void;
  readonly write: (text: Text, value: string) => void;
  readonly photograph: (file: File) => void;
  /** Send it where nothing is missing; else show what is. */
  readonly sent: (send: (seen: Seen) => Promise<boolean>) => Promise<boolean>;
}

const BLANK: Texts = {
  serial: "",
  place: "",
  total: "",
  oldTotal: "",
  digits: "",
  decimals: "",
  note: "",
};

function useDraft(what: What, given: Partial<Texts>, routeId: string, stopId?: string): Draft {
  const [texts, setTexts] = useState<Texts>({ ...BLANK, ...given });
  const [parts, setParts] = useState<Parts>({});
  const [tried, setTried] = useState(false);
  const [photos, setPhotos] = useState<readonly string[]>([]);
  const fix = useGlance();
  const faults = faultsOf(what, texts);
  const faulty = what === "changed" ? faultyParts(parts) : [];
  const at = stopId === undefined ? {} : { stopId };
  return {
    texts,
    parts,
    photos,
    partFault: (name) => (tried && faulty.includes(name) ? t.value.findings.noNumber : null),
    writePart: (name, value) => setParts({ ...parts, [name]: value }),
    fault: (text) => {
      const fault = faults[text];
      return tried && fault !== undefined ? t.value.findings[fault] : null;
    },
    write: (text, value) => setTexts({ ...texts, [text]: value }),
    photograph: (file) =>
      void doPhoto(routeId, file, { kind: "meter", ...at, fix: fix() }, (sha256) =>
        setPhotos((had) => [...had, sha256]),
      ),
    sent: async (send) => {
      setTried(true);
      const lacks = Object.keys(faults).length + faulty.length > 0;
      return lacks ? false : send({ fix: fix(), photos });
    },
  };
}

function Line(props: {
  draft: Draft;
  text: Text;
  label: string;
  hint?: string;
  numeric?: boolean;
}) {
  const { draft, text, label, hint, numeric = false } = props;
  return (
    <TextField
      label={label}
      value={draft.texts[text]}
      onText={(value) => draft.write(text, value)}
      hint={hint}
      fault={draft.fault(text)}
      mode={numeric ? "numeric" : "text"}
      max={text === "place" ? 2_000 : 200}
    />
  );
}

/** What the parts of the whole show, where the meter has several registers. */
function PartLines({ draft, stop }: { draft: Draft; stop: Stop }) {
  return stop.registers
    .filter((name) => name !== TOTAL)
    .map((name) => (
      <TextField
        key={name}
        label={t.value.findings.partIf(t.value.registers(name))}
        value={draft.parts[name] ?? ""}
        onText={(value) => draft.writePart(name, value)}
        fault={draft.partFault(name)}
        mode="numeric"
        max={200}
      />
    ));
}

/** The photo and the note. */
function Beside({ draft }: { draft: Draft }) {
  const words = t.value.photos;
  const count = draft.photos.length;
  return (
    <>
      <PhotoButton label={count > 0 ? words.more(count) : words.short} onFile={draft.photograph} />
      <LongField
        label={t.value.deeds.noteOptional}
        value={draft.texts.note}
        onText={(value) => draft.write("note", value)}
      />
    </>
  );
}
