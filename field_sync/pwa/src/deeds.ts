/**
 * What a person does in the app: each deed is on the disk before it is said to be saved.
 *
 * A refusal is said in words and changes nothing; a deed tells whether it was kept.
 */

import { shrink } from "./device/camera";
import { handOut } from "./device/handing";
import { room } from "./device/persistence";
import * as errors from "./errors";
import * as fieldwork from "./field/fieldwork";
import * as metering from "./field/metering";
import * as promising from "./field/promising";
import { announce, warn } from "./parts/announcer";
import { roundSoon, syncNow } from "./rounds";
import type { Prompt } from "./rules/flags";
import type { CrewEvent } from "./screens/steps";
import { edge, identity, line, policy, store } from "./session";
import type { Store } from "./store/connection";
import * as outbox from "./store/outbox";
import type { Entry } from "./store/rows";
import * as settings from "./store/settings";
import { Name } from "./store/settings";
import * as uploads from "./store/uploads";
import * as corrections from "./sync/corrections";
import * as enrolment from "./sync/enrolment";
import * as received from "./sync/messages";
import { forgetPush } from "./waking";
import type { Aim, ConsentHow, EvidenceKind, Fix, Material, SkipCode } from "./wire";
import { refusalWords } from "./words/refusals";
import { t } from "./words/words";

export type { Prompt } from "./rules/flags";

/** Steps that a press does, without a word. */
type PlainStep = Extract<CrewEvent, "accept" | "set_out" | "start" | "resume">;
const STEPS = {
  accept: fieldwork.accept,
  set_out: fieldwork.setOut,
  start: fieldwork.start,
  resume: fieldwork.resume,
} as const satisfies Record<PlainStep, unknown>;

/** Do a step that needs no words. */
export function doStep(taskId: string, event: CrewEvent): Promise<boolean> {
  if (!isPlain(event)) throw new Error(`${event} has a screen of its own`);
  return doing((opened) => STEPS[event](opened, edge, { taskId }));
}

export function doCheckIn(
  taskId: string,
  arrival: fieldwork.Remedies & { readonly fix: Fix | null; readonly note: string },
): Promise<boolean> {
  return doing((opened) => fieldwork.checkIn(opened, edge, { taskId, ...arrival }));
}

export function doRestore(taskId: string, note: string): Promise<boolean> {
  return doing((opened) => fieldwork.restored(opened, edge, { taskId, note }));
}

export function doReturn(taskId: string, why: fieldwork.Reasoned): Promise<boolean> {
  return doing((opened) => fieldwork.return_(opened, edge, { taskId, ...why }));
}

export function doSuspend(
  taskId: string,
  why: fieldwork.Reasoned & { readonly until: Date | null },
): Promise<boolean> {
  const act = { taskId, ...why, until: why.until?.toISOString() ?? null };
  return doing((opened) => fieldwork.suspend(opened, edge, act));
}

export function doFinish(
  taskId: string,
  end: { cause: string; workDone: string; materials: readonly Material[] },
): Promise<boolean> {
  return doing((opened) => fieldwork.finish(opened, edge, { taskId, ...end }));
}

export function doNote(taskId: string, text: string): Promise<boolean> {
  return doing((opened) => fieldwork.note(opened, edge, { taskId, text }));
}

export function doAmend(
  taskId: string,
  found: { contact: string; note: string; accessNote?: string },
): Promise<boolean> {
  return doing((opened) => corrections.amend(opened, edge, { taskId, ...found }));
}

export function doPromise(
  taskId: string,
  promise: promising.Window & { customer: string; contact: string; aim: Aim },
): Promise<boolean> {
  return doing((opened) => promising.make(opened, edge, { taskId, ...promise }));
}

/** Agree on another window; a signature is kept first, so that the consent can name it. */
export function doReagree(
  taskId: string,
  agreed: promising.Window & {
    promiseId: string;
    consent: { name: string; how: ConsentHow };
    why: string;
    picture: Blob | null;
  },
): Promise<boolean> {
  const { picture, consent, ...rest } = agreed;
  return doing(async (opened) => {
    const signature_sha256 = picture === null ? null : await keepSignature(opened, taskId, picture);
    const whole = { ...consent, signature_sha256 };
    await promising.reagree(opened, edge, { taskId, ...rest, consent: whole });
  });
}

/** Keep a signature and name it; a second press finds it kept already. */
async function keepSignature(opened: Store, taskId: string, picture: Blob): Promise<string> {
  const bytes = await picture.arrayBuffer();
  try {
    const kept = await fieldwork.photo(opened, edge, { taskId, bytes, kind: "signature" });
    return outbox.read<{ sha256: string }>(kept).sha256;
  } catch (error) {
    if (error instanceof errors.AlreadyKept) return String(error.fields.sha256);
    throw error;
  }
}

/** Keep a photo, made smaller where it can be: its bytes and its record, in one write. */
export async function doPhoto(
  taskId: string,
  file: Blob,
  about: { kind: EvidenceKind; stopId?: string; fix?: Fix | null },
  keptAs: (sha256: string) => void = () => {},
): Promise<boolean> {
  const { bytes, original, unread } = await shrink(file, policy.value.originals);
  const said = unread ? t.value.photos.asItIs : t.value.saved;
  return doing(async (opened) => {
    const entry = await fieldwork.photo(opened, edge, { taskId, bytes, original, ...about });
    keptAs(outbox.read<{ sha256: string }>(entry).sha256);
    void room();
  }, said);
}

/** Keep the customer's signature, with the words that it stands under. */
export async function doSign(taskId: string, picture: Blob, terms: string): Promise<boolean> {
  const bytes = await picture.arrayBuffer();
  const about = { kind: "signature", note: terms } as const;
  return doing((opened) => fieldwork.photo(opened, edge, { taskId, bytes, ...about }));
}

export type ReadOutcome =
  | { readonly kind: "kept" }
  | { readonly kind: "asked"; readonly prompts: readonly Prompt[] }
  | { readonly kind: "refused" };

/** Keep a reading, or give what must be looked at again first. */
export async function doRead(
  stopId: string,
  reading: {
    total: string;
    tariffs: Readonly<Record<string, string>>;
    confirmed: readonly string[];
    photos: readonly string[];
    note: string;
    fix: Fix | null;
  },
): Promise<ReadOutcome> {
  const { photos, ...value } = reading;
  let prompts: readonly Prompt[] = [];
  const kept = await doing(async (opened) => {
    const asked = metering.prompts(opened.tables, { stopId, ...value });
    prompts = asked.filter((prompt) => !value.confirmed.includes(prompt.code));
    if (prompts.length > 0) return false;
    return metering.read(opened, edge, { stopId, ...value, photoSha256: photos });
  });
  if (prompts.length > 0) return { kind: "asked", prompts };
  return { kind: kept ? "kept" : "refused" };
}

export function doSkip(
  stopId: string,
  why: { code: SkipCode; fix: Fix | null; photos: readonly string[]; note: string },
): Promise<boolean> {
  const { photos, ...said } = why;
  return doing((opened) => metering.skip(opened, edge, { stopId, ...said, photoSha256: photos }));
}

/** Send a file again that the server refused. */
export async function retryFile(sha256: string): Promise<void> {
  await store.value?.writing((tables) => uploads.retry(tables, { sha256 }));
  roundSoon();
}

/** Enter that somebody has seen how records were settled: they leave the badge, not the list. */
export async function markSeen(entries: readonly Entry[]): Promise<void> {
  const ns = entries.map((entry) => entry.n);
  await store.value?.writing((tables) => outbox.markSeen(tables, { ns }));
}

export async function markRead(read: readonly received.Received[]): Promise<void> {
  if (store.value !== null) await received.markRead(store.value, read);
}

/** Sign in, the first time as the phone's person; null when it went well, else why not. */
export async function logIn(who: {
  login: string;
  password: string;
  name: string;
}): Promise<string | null> {
  const opened = store.value;
  if (opened === null) return null;
  const { login, password, name } = who;
  const asked = { server: location.origin, login: { login, password }, name };
  const isNew = identity.value.device === "";
  try {
    if (isNew) await enrolment.enrol(opened, line(), edge, asked);
    else await enrolment.signIn(opened, line(), edge, { login: asked.login });
  } catch (error) {
    if (error instanceof errors.Refused) return refusalWords(error);
    throw error;
  }
  void syncNow();
  return null;
}

/** End the session; everything that was done stays, and capture goes on. */
export async function signOut(): Promise<void> {
  forgetPush();
  await store.value?.writing((tables) => {
    settings.put(tables, Name.SIGNED_OUT, "yes");
    // A token that was kept would be renewed by the next round: that is no signing out.
    settings.drop(tables, Name.ACCESS_TOKEN);
    settings.drop(tables, Name.REFRESH_TOKEN);
  });
  announce(t.value.settings.signedOut);
}

/** Hand out every operation that is still here, one a line, byte for byte. */
export async function exportOutbox(): Promise<void> {
  const opened = store.value;
  if (opened !== null) await exported(outbox.listKept(opened.tables), "outbox");
}

/** Hand out one record. */
export async function exportEntry(entry: Entry): Promise<void> {
  await exported([entry], String(entry.n));
}

/** Suggest a name for a phone that has none yet. */
export function phoneName(): string {
  const { userAgent } = navigator;
  const model =
    /Android [^;]+; ([^;)]+)/.exec(userAgent)?.[1] ?? /iPhone|iPad/.exec(userAgent)?.[0];
  return (model ?? "").replace(/ Build.*$/, "").slice(0, 60);
}

/** Do something to the store, say how it went, and let sync know of it. */
export async function doing(
  deed: (opened: Store) => Promise<unknown>,
  said: string = t.value.saved,
): Promise<boolean> {
  const opened = store.value;
  if (opened === null) return false;
  try {
    // `false`: it was put off by a question, and nobody needs to be told.
    if ((await deed(opened)) === false) return false;
  } catch (error) {
    if (!(error instanceof errors.Refused)) throw error;
    warn(refusalWords(error));
    return false;
  }
  navigator.vibrate?.(30);
  announce(said);
  roundSoon();
  return true;
}

async function exported(entries: readonly Entry[], what: string): Promise<void> {
  const lines = entries.map((entry) => `${entry.wire}\n`).join("");
  const day = edge.moment().wall.toISOString().slice(0, 10);
  const name = `lamplighter-${identity.value.device.slice(-8)}-${what}-${day}.jsonl`;
  if (await handOut(name, lines)) announce(t.value.sync.exported(entries.length));
}

function isPlain(event: CrewEvent): event is PlainStep {
  return Object.hasOwn(STEPS, event);
}
