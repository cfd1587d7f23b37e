/**
 * Picking a reason: a policy set says what work may be returned or suspended for.
 *
 * Whoever picks none gives words of their own, where the policy set lets them; no clock stands
 * still for those.
 */

import type { PolicyReason, ReasonFor } from "../wire";

/** Why what was picked cannot stand. */
export type Fault = "unknown" | "own_words" | "no_end";

/** What is asked of a reason that a policy set knows. */
export type Reason = Pick<PolicyReason, "code" | "given_for" | "needs_until">;

/** What was picked; no code where words alone were given. */
export interface Picked {
  readonly code: string | null;
  readonly givenFor: ReasonFor;
  /** Whether it was said until when the work waits. */
  readonly hasUntil: boolean;
}

/** Judge what was picked; null when it may stand. */
export function fault(
  reasons: readonly Reason[],
  ownWords: readonly ReasonFor[],
  { code, givenFor, hasUntil }: Picked,
): Fault | null {
  if (code === null) return ownWords.includes(givenFor) ? null : "own_words";
  const picked = reasons.find((each) => each.code === code);
  if (!picked?.given_for.includes(givenFor)) return "unknown";
  const lacksEnd = givenFor === "suspend" && (picked.needs_until ?? false) && !hasUntil;
  return lacksEnd ? "no_end" : null;
}
