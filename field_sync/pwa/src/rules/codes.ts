/**
 * Codes: does what a phone scanned name the thing that stands here?
 *
 * Labels say a serial as it stands, or a longer text around it (an address of the maker's, a link).
 * Width, case and blanks do not matter; a serial of fewer than six characters must stand alone, for
 * it lies within too many codes by chance.
 */

const WITHIN_CHARS_MIN = 6;
const BLANKS = /[ \t\r\n\f\v]+/g;

/** Whether a code is one of those that are known of a place; `unknown` where none is known. */
export type Match = "matches" | "differs" | "unknown";

/** Take width, case and blanks away. */
export function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(BLANKS, "");
}

/** Tell whether a code names a serial, alone or within a longer text. */
export function names(code: string, serial: string): boolean {
  const whole = fold(code);
  const wanted = fold(serial);
  if ([...wanted].length < WITHIN_CHARS_MIN) return whole === wanted && wanted !== "";
  return whole.includes(wanted);
}

/** Hold a code, as it was scanned, against those that are known of a place. */
export function match(code: string, known: readonly string[]): Match {
  if (known.length === 0) return "unknown";
  return known.some((each) => names(code, each)) ? "matches" : "differs";
}
