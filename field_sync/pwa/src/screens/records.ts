/** Records of the outbox as people call them: what was done, and how it stands. */

import type { Entry } from "../store/rows";
import type { Operation, OperationBodies } from "../wire";
import { t } from "../words/words";

/** `look` is for a person: the office settled it otherwise than it was done. */
export type Standing = "waiting" | "safe" | "held" | "look";

/** Tell how a record stands. */
export function standingOf(entry: Entry): Standing {
  switch (entry.status) {
    case null:
      return "waiting";
    case "applied":
    case "duplicate":
      return "safe";
    case "held":
      return "held";
    case "merged":
    case "conflict":
    case "rejected":
      return "look";
  }
}

/** Name what was done, with the one word of it that tells it from others. */
export function actName(entry: Entry): string {
  const words = t.value;
  const name = isKnown(entry.type) ? words.acts[entry.type] : entry.type;
  const body = bodyOf(entry);
  const detail = DETAILS.map((field) => body[field]).find((value) => value !== undefined);
  if (entry.type === "evidence.declare" && typeof body.kind === "string") {
    return words.joined(name, evidenceName(body.kind));
  }
  return typeof detail === "string" && detail !== "" ? words.joined(name, detail) : name;
}

/** Read what was done. */
export function bodyOf(entry: Entry): Readonly<Record<string, unknown>> {
  const operation = JSON.parse(entry.wire) as Operation;
  const { body } = operation;
  return typeof body === "object" && body !== null ? { ...body } : {};
}

const DETAILS = ["total", "reason", "text", "cause", "words"] as const;

function isKnown(type: string): type is keyof OperationBodies {
  return Object.hasOwn(t.value.acts, type);
}

function evidenceName(kind: string): string {
  const table: Readonly<Record<string, string>> = t.value.evidence;
  return table[kind] ?? kind;
}
