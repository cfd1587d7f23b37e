/**
 * Photos that a district's policy asks for: of a meter that could not be read, of an odd value.
 *
 * The phone asks for them; the server takes what happened without, and says what is missing.
 */

import type { SkipCode } from "../wire";

/** Tell whether a photo is missing that a skip should have. */
export function ofSkip(
  code: SkipCode,
  { photos, onSkip }: { readonly photos: number; readonly onSkip: readonly SkipCode[] },
): boolean {
  return photos === 0 && onSkip.includes(code);
}

/** Tell whether a photo is missing that a confirmed prompt should have. */
export function ofReading(
  confirmed: readonly string[],
  { photos, onConfirm }: { readonly photos: number; readonly onConfirm: boolean },
): boolean {
  return onConfirm && photos === 0 && confirmed.length > 0;
}
