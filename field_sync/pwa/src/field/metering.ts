/**
 * What a reader does at a meter: each act is checked by the shared rules, then kept.
 *
 * When a promise is fulfilled, its operation is on disk; the screen may say "saved".
 * A refusal changes nothing. Every act throws `NotOnPhone` where its stop is not (or no longer) on
 * this handheld, and what `keeping.keep` and `Store.writing` throw.
 */

import type { Edge } from "../clock";
import * as errors from "../errors";
import { shown } from "../rules/decimal";
import type { Prompt } from "../rules/flags";
import * as photoWanted from "../rules/photo_wanted";
import type { Store, Tables } from "../store/connection";
import type { Entry } from "../store/outbox";
import type { Fix, Method, SkipCode } from "../wire";
import * as checks from "./checks";
import { whole } from "./fix";
import * as keeping from "./keeping";
import * as view from "./view";

/** Names the meter of an act, with a fix and words where there are any. */
interface AtStop {
  readonly stopId: string;
  readonly fix?: Fix | null;
  readonly note?: string;
}

/**
 * List what to ask the reader about a value; it changes nothing.
 *
 * @throws NotOnDisplay the meter cannot show such a value.
 * @throws Malformed a tariff is named that the meter does not have.
 */
export function prompts(
  tables: Tables,
  { stopId, ...value }: { readonly stopId: string } & checks.Shown,
): Prompt[] {
  return checks.reading(tables, view.getStop(tables, { stopId }), value);
}

/**
 * Keep a reading; what looks odd must have been looked at again and confirmed.
 *
 * @param act.method how the value was got.
 * @param act.confirmed codes of the prompts that the reader has seen and confirmed.
 * @param act.photoSha256 photos of the display, kept before.
 * @throws NotOnDisplay the meter cannot show such a value.
 * @throws ConfirmFirst a prompt has not been confirmed; its words are in the refusal.
 * @throws PhotoFirst the district asks for a photo of what is confirmed, and no note says why none.
 * @throws Malformed a tariff is named that the meter does not have.
 */
export function read(
  store: Store,
  edge: Edge,
  act: AtStop &
    checks.Shown & {
      readonly method?: Method;
      readonly confirmed?: readonly string[];
      readonly photoSha256?: readonly string[];
    },
): Promise<Entry> {
  return store.writing((tables) => {
    const stop = view.getStop(tables, act);
    const task = view.getTask(tables, { taskId: stop.route_id });
    const asked = checks.reading(tables, stop, act);
    requireConfirmed(asked, act.confirmed ?? []);
    const codes = asked.map((prompt) => prompt.code);
    const photos = act.photoSha256?.length ?? 0;
    const { photoOnConfirm: onConfirm } = checks.policy(tables);
    requirePhoto(photoWanted.ofReading(codes, { photos, onConfirm }), act.note);
    const { total, tariffs } = checks.values(stop, act);
    const parts = [...tariffs].map(([name, value]) => [name, shown(value)] as const);
    const body = {
      stop_id: act.stopId,
      total: shown(total),
      tariffs: Object.fromEntries(parts),
      method: act.method ?? "read",
      confirmed: codes,
      fix: whole(act.fix),
      photo_sha256: [...(act.photoSha256 ?? [])],
      note: act.note ?? "",
    };
    return keeping.keep(tables, edge, { task, type: "reading.take", body });
  });
}

/**
 * Say that a meter could not be read, and why.
 *
 * @throws PhotoFirst the district asks for a photo of this, and no note says why there is none.
 */
export function skip(
  store: Store,
  edge: Edge,
  act: AtStop & { readonly code: SkipCode; readonly photoSha256?: readonly string[] },
): Promise<Entry> {
  return store.writing((tables) => {
    const stop = view.getStop(tables, act);
    const task = view.getTask(tables, { taskId: stop.route_id });
    const { stopId, code, photoSha256 = [], note = "" } = act;
    const { photoOnSkip: onSkip } = checks.policy(tables);
    requirePhoto(photoWanted.ofSkip(code, { photos: photoSha256.length, onSkip }), note);
    const fix = whole(act.fix);
    const body = { stop_id: stopId, code, fix, photo_sha256: [...photoSha256], note };
    return keeping.keep(tables, edge, { task, type: "reading.skip", body });
  });
}

function requireConfirmed(asked: readonly Prompt[], confirmed: readonly string[]): void {
  const open = asked.filter((prompt) => !confirmed.includes(prompt.code));
  if (open.length === 0) return;
  throw new errors.ConfirmFirst({
    codes: open.map((prompt) => prompt.code),
    prompts_en: open.map((prompt) => prompt.en).join("; "),
    prompts_zh: open.map((prompt) => prompt.zh).join("；"),
  });
}

/** Ask for a photo that policy wants, unless a note says why there is none. */
function requirePhoto(isMissing: boolean, note = ""): void {
  if (isMissing && note.trim() === "") throw new errors.PhotoFirst();
}
