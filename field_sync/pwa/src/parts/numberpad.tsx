/** The number pad: the meter's own display above, keys that a glove hits. */

import { useEffect } from "preact/hooks";
import type { Display, Key } from "../screens/dial";
import { t } from "../words/words";
import { Icon } from "./icons";

/** As wide as a digit. */
const DASH = "\u2012";
const ROWS: readonly (readonly Key[])[] = [
  ["1", "2", "3"],
  ["4", "5", "6"],
  ["7", "8", "9"],
];

export function Pad(props: {
  text: string;
  display: Display;
  name: string;
  onKey: (key: Key) => void;
}) {
  const { text, display, name, onKey } = props;
  const words = t.value.meter;
  useKeyboard(onKey);
  return (
    <div class="pad-block">
      <output class="display" aria-live="polite">
        <span class="unseen">{name}: </span>
        {text || (
          <span class="ghost" aria-hidden="true">
            {ghost(display)}
          </span>
        )}
      </output>
      <fieldset class="keys" aria-label={words.keys}>
        {ROWS.flat().map((key) => (
          <PadKey key={key} name={key} onKey={onKey} />
        ))}
        {display.decimals > 0 ? <PadKey name="." onKey={onKey} /> : <span />}
        <PadKey name="0" onKey={onKey} />
        <button type="button" class="key" aria-label={words.erase} onClick={() => onKey("back")}>
          <Icon name="erase" />
        </button>
      </fieldset>
    </div>
  );
}

function PadKey({ name, onKey }: { name: Key; onKey: (key: Key) => void }) {
  return (
    <button type="button" class="key" onClick={() => onKey(name)}>
      {name}
    </button>
  );
}

/** What the display has room for, in dashes: no digit that somebody might take for a value. */
function ghost({ digits, decimals }: Display): string {
  const whole = DASH.repeat(digits);
  return decimals > 0 ? `${whole}.${DASH.repeat(decimals)}` : whole;
}

/** A keyboard, where one is: digits, the point, and the key that erases. */
function useKeyboard(onKey: (key: Key) => void): void {
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      const key = event.key === "Backspace" ? "back" : event.key === "," ? "." : event.key;
      if (!/^([0-9.]|back)$/.test(key)) return;
      event.preventDefault();
      onKey(key as Key);
    };
    addEventListener("keydown", hear);
    return () => removeEventListener("keydown", hear);
  }, [onKey]);
}
