/** One of several, each a large line with what comes of it. */

import { useId } from "preact/hooks";

export interface Pick<T extends string> {
  readonly value: T;
  readonly word: string;
  readonly more: string;
}

export function PickField<T extends string>(props: {
  legend: string;
  picks: readonly Pick<T>[];
  value: T | null;
  fault: string | null;
  onPick: (value: T) => void;
}) {
  const { legend, picks, value, fault, onPick } = props;
  const id = useId();
  return (
    <fieldset class="picks" aria-describedby={`${id}-more`}>
      <legend>{legend}</legend>
      {picks.map((pick) => (
        <label key={pick.value}>
          <input
            type="radio"
            name={id}
            checked={pick.value === value}
            onChange={() => onPick(pick.value)}
          />
          <span class="pick">
            <strong>{pick.word}</strong>
            {pick.more && <small>{pick.more}</small>}
          </span>
        </label>
      ))}
      <p id={`${id}-more`} class="fault" aria-live="polite">
        {fault}
      </p>
    </fieldset>
  );
}
