/** Fields of forms: each with its label, its hint and its fault, tied together for who listens. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { t } from "../words/words";

interface Text {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly hint?: string | undefined;
  readonly fault?: string | null | undefined;
  readonly type?: "text" | "password" | "datetime-local";
  readonly mode?: "text" | "numeric";
  readonly complete?: string;
  readonly required?: boolean;
  readonly max?: number;
}

/** Each kind by itself, for the roles that it may have differ. */
const TYPES = {
  text: { type: "text" },
  password: { type: "password" },
  "datetime-local": { type: "datetime-local" },
} as const;

/** One line of text. */
export function TextField(props: Text) {
  const { value, onText, type = "text", mode, complete = "off", required, max } = props;
  const id = useId();
  return (
    <Field id={id} {...props}>
      <input
        id={id}
        {...TYPES[type]}
        value={value}
        autoComplete={complete}
        autoCapitalize="off"
        spellcheck={false}
        inputMode={mode}
        required={required}
        maxLength={max}
        aria-invalid={props.fault ? true : undefined}
        aria-describedby={`${id}-more`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </Field>
  );
}

/** Several lines of text. */
export function LongField(props: Omit<Text, "type" | "mode" | "complete">) {
  const { value, onText, required, max = 2_000 } = props;
  const id = useId();
  return (
    <Field id={id} {...props}>
      <textarea
        id={id}
        rows={3}
        value={value}
        required={required}
        maxLength={max}
        aria-invalid={props.fault ? true : undefined}
        aria-describedby={`${id}-more`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </Field>
  );
}

interface Choice<T extends string> {
  readonly legend: string;
  readonly options: readonly (readonly [T, string])[];
  readonly value: T | null;
  readonly onChoose: (value: T) => void;
}

/** A word beside an act, in one line where room is scarce: its label stands in it. */
export function NoteLine({ value, onText }: Pick<Text, "value" | "onText">) {
  const label = t.value.deeds.noteOptional;
  return (
    <input
      aria-label={label}
      placeholder={label}
      value={value}
      maxLength={2_000}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  );
}

/** One of a few. */
export function ChoiceField<T extends string>(props: Choice<T>) {
  const { legend, options, value, onChoose } = props;
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      <div class="options">
        {options.map(([option, word]) => (
          <label key={option}>
            <input
              type="radio"
              name={name}
              checked={option === value}
              onChange={() => onChoose(option)}
            />
            <span>{word}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Yes or no. */
export function SwitchField(props: {
  label: string;
  hint?: string | undefined;
  on: boolean;
  onSwitch: (on: boolean) => void;
}) {
  const { label, hint, on, onSwitch } = props;
  return (
    <label class="switch">
      <span>
        {label}
        {hint && <small>{hint}</small>}
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        onChange={(event) => onSwitch(event.currentTarget.checked)}
      />
    </label>
  );
}

function Field(props: {
  id: string;
  label: string;
  hint?: string | undefined;
  fault?: string | null | undefined;
  children: ComponentChildren;
}) {
  // Where a fault may come its room stands from the start, so that nothing moves.
  const hasMore = props.hint !== undefined || props.fault !== undefined;
  return (
    <div class="field">
      <label for={props.id}>{props.label}</label>
      {props.children}
      {hasMore && (
        <p id={`${props.id}-more`} class={props.fault ? "fault" : "hint"} aria-live="polite">
          {props.fault || props.hint}
        </p>
      )}
    </div>
  );
}
