/** The number pad's display: what a key does to the digits, within what the meter can show. */

export interface Display {
  readonly digits: number;
  readonly decimals: number;
}

export type Key =
  | "0"
  | "1"
  | "2"
  | "3"
  | "4"
  | "5"
  | "6"
  | "7"
  | "8"
  | "9"
  | "."
  | "back"
  | "clear";

/** Press a key; one that the meter's display has no room for changes nothing. */
export function press(text: string, key: Key, display: Display): string {
  switch (key) {
    case "back":
      return text.slice(0, -1);
    case "clear":
      return "";
    case ".":
      if (display.decimals === 0 || text.includes(".")) return text;
      return `${text || "0"}.`;
    default:
      return withDigit(text, key, display);
  }
}

/** Give the number as it is kept, or null while there is none. */
export function value(text: string): string | null {
  const trimmed = text.endsWith(".") ? text.slice(0, -1) : text;
  if (!/^\d+(\.\d+)?$/.test(trimmed)) return null;
  const [whole = "", part] = trimmed.split(".");
  const shown = whole.replace(/^0+(?=\d)/, "");
  return part === undefined ? shown : `${shown}.${part}`;
}

/** Give what was read of several registers, by name; one that shows no number is left out. */
export function valuesOf(texts: Readonly<Record<string, string>>): Record<string, string> {
  const read = Object.entries(texts).flatMap(([name, text]) => {
    const shown = value(text.trim());
    return shown === null ? [] : [[name, shown] as const];
  });
  return Object.fromEntries(read);
}

function withDigit(text: string, digit: string, display: Display): string {
  const [whole = "", part] = text.split(".");
  if (part !== undefined) return part.length < display.decimals ? text + digit : text;
  return whole.length < display.digits ? text + digit : text;
}
