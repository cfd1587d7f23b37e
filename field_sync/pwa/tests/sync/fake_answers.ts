/** What the stand-in for a server answers with. */

import type { Answer } from "./network";

/** Answer with a shape. */
export function json(status: number, shape: object): Answer {
  const headers = { "Content-Type": "application/json" };
  return { status, headers, body: JSON.stringify(shape) };
}

/** Answer with headers alone. */
export function bare(status: number, headers: Readonly<Record<string, string>>): Answer {
  return { status, headers, body: "" };
}

/** Refuse. */
export function problem(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const detail = { en: `Refused: ${code}.`, zh: `拒绝：${code}。` };
  const answer = json(status, { type: `/docs#${code}`, title: code, status, code, detail });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
