/**
 * What the tests find under the name `vitest` in a browser's page: its own `expect` and `vi`, and
 * as much of a runner as they ask for. A test that hangs is told as failed, and the rest goes on.
 */

import { expect, vi } from "vitest";

export { expect, vi };

/** A test hangs when it takes longer than this, unless it says how long it takes. */
const WAIT_MS = 20_000;

/** The page's own, whatever a test puts in their place. */
const { setTimeout, clearTimeout } = globalThis;

type Work = (...given: never[]) => unknown;
type Hook = () => unknown;

/** What a page cannot have, by a part of its name: timers and disks that a test moves by hand. */
const LEFT_OUT = ["transport.test.ts > time >", /full at put \d, later/] as const;

/** What came of one test. */
export interface Told {
  readonly name: string;
  readonly tookMs: number;
  /** Why it failed; null where it holds. */
  readonly fault: string | null;
}

/** Tests under one name, with what goes before and after them. */
class Suite {
  readonly beforeAll: Hook[] = [];
  readonly afterAll: Hook[] = [];
  readonly beforeEach: Hook[] = [];
  readonly afterEach: Hook[] = [];
  readonly parts: (Suite | Test)[] = [];

  constructor(
    readonly name: string,
    readonly above: Suite | null,
  ) {}
}

interface Test {
  readonly name: string;
  readonly work: () => unknown;
  readonly waitMs: number;
}

let open = new Suite("", null);

/** Gather what a file has, under its name. */
export async function gathered(name: string, bring: () => Promise<unknown>): Promise<Suite> {
  open = new Suite(name, null);
  await bring();
  return open;
}

export function describe(name: string, work: () => void): void {
  const suite = new Suite(name, open);
  open.parts.push(suite);
  open = suite;
  work();
  open = suite.above ?? suite;
}

export function test(name: string, work: () => unknown, waitMs = WAIT_MS): void {
  open.parts.push({ name, work, waitMs });
}

test.each =
  (rows: readonly unknown[]) =>
  (name: string, work: Work, waitMs = WAIT_MS): void => {
    for (const row of rows) test(filled(name, row), () => work(...given(row)), waitMs);
  };

describe.each =
  (rows: readonly unknown[]) =>
  (name: string, work: Work): void => {
    for (const row of rows) describe(filled(name, row), () => work(...given(row)) as undefined);
  };

export const beforeAll = (hook: Hook) => void open.beforeAll.push(hook);
export const afterAll = (hook: Hook) => void open.afterAll.push(hook);
export const beforeEach = (hook: Hook) => void open.beforeEach.push(hook);
export const afterEach = (hook: Hook) => void open.afterEach.push(hook);

/** Run all of a suite, one test after the other; each is told when it has ended. */
export async function run(suite: Suite, tell: (told: Told) => void, path = ""): Promise<void> {
  const here = path === "" ? suite.name : `${path} > ${suite.name}`;
  for (const hook of suite.beforeAll) await hook();
  for (const part of suite.parts) {
    if (part instanceof Suite) await run(part, tell, here);
    else if (!isLeftOut(`${here} > ${part.name}`)) tell(await ended(suite, part, here));
  }
  for (const hook of suite.afterAll) await hook();
}

function isLeftOut(name: string): boolean {
  return LEFT_OUT.some((each) => name.search(each) !== -1);
}

async function ended(suite: Suite, { name, work, waitMs }: Test, path: string): Promise<Told> {
  const startedMs = performance.now();
  const line = lineage(suite);
  let fault: string | null = null;
  try {
    for (const each of line) for (const hook of each.beforeEach) await hook();
    await within(waitMs, work);
  } catch (error) {
    fault = told(error);
  }
  for (const each of line.reverse()) for (const hook of each.afterEach) await hook();
  return { name: `${path} > ${name}`, tookMs: performance.now() - startedMs, fault };
}

async function within(waitMs: number, work: () => unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${waitMs} ms`)), waitMs);
  });
  await Promise.race([Promise.resolve(work()), late]);
  clearTimeout(timer);
}

/** List a suite and those that it stands in, the outermost first. */
function lineage(suite: Suite): Suite[] {
  return suite.above === null ? [suite] : [...lineage(suite.above), suite];
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncause: ${told(error.cause)}`;
  return `${error.name}: ${error.message}\n${error.stack ?? ""}${cause}`;
}

/** Give what a test of one row is called with. */
function given(row: unknown): never[] {
  return (Array.isArray(row) ? row : [row]) as never[];
}

/** Fill a row's values into a test's name. */
function filled(name: string, row: unknown): string {
  const named = (row ?? {}) as Readonly<Record<string, unknown>>;
  const told = name.replace(/\$(\w+)/g, (_, field: string) => say(named[field]));
  return given(row).reduce((text: string, each) => text.replace(/%[sdioj]/, say(each)), told);
}

function say(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}
