/** A server in memory that keeps the protocol's promises and knows nothing of the business. */

import { createHash } from "node:crypto";
import type {
  AudienceChanges,
  Change,
  CheckpointMark,
  Enrolment,
  LastWords,
  MissingFile,
  Operation,
  Outcome,
  Refresh,
  SignIn,
  Status,
  SyncAnswer,
  SyncRequest,
  Tokens,
} from "../../src/wire";
import { json, problem } from "./fake_answers";
import { FakeUploads } from "./fake_uploads";
import { START } from "./hand_edge";
import type { Answer, Request } from "./network";
import { Witness } from "./witness";

export const LOGIN = "li.wei";
export const PASSWORD = "under the north bridge";
export const ADDRESS = "http://127.0.0.1:1";
const LATER = new Date(START.getTime() + 86_400_000).toISOString();

/** What the stand-in keeps of one device. */
interface Device {
  readonly settled: { readonly digest: string; readonly outcome: Outcome | null }[];
  operations: Operation[];
  firsts: Map<string, Status | null>;
  readonly declared: Map<string, number>;
}

type Entry = { readonly number: number; readonly key: Key; readonly body: object | null };
/** A record, as far as the stand-in looks at it. */
interface Named {
  readonly id: string;
  readonly [field: string]: unknown;
}
type Key = readonly [entity: string, id: string];
type Cursor = Record<string, number>;

/** A server in memory: settles operations once, feeds audiences, takes files. */
export class FakeServer {
  /** The most changes in one answer. */
  page = 1_000;
  /** Gives an operation its outcome; null is applied. */
  judge: (operation: Operation) => Status | null = () => null;
  /** The newest checkpoint, which it shows; `seen` is what the device last said it saw. */
  checkpoint: CheckpointMark | null = null;
  seen: CheckpointMark | undefined;
  /** Access tokens are refused until they are renewed. */
  expired = false;
  /** Sessions have ended: refresh tokens are refused as well. */
  closed = false;
  revoked = false;
  /** The next answer tells the device to wipe. */
  wiping = false;
  /** The most files that it waits for at once of a revoked device. */
  expectedMax = Number.POSITIVE_INFINITY;
  /** Refuses a body of more bytes than this. */
  bodyBytesMax = Number.POSITIVE_INFINITY;
  readonly requests: string[] = [];
  readonly lastWords: Operation[] = [];
  readonly asked: SyncRequest[] = [];
  readonly uploads = new FakeUploads();
  /** Looks at keys, proofs and signatures; null where a test has no use for it. */
  witness: Witness | null = new Witness();
  readonly #feed = new Map<string, Map<string, Entry>>();
  readonly #heads = new Map<string, number>();
  readonly #devices = new Map<string, Device>();
  #lineage = 1;
  #issued = 0;

  // What a test arranges and looks at.

  /** Tell an audience an entity's newest form. */
  put(audience: string, entity: string, body: Named): void {
    this.#enter(audience, [entity, body.id], body);
  }

  /** Tell an audience that an entity is gone. */
  take(audience: string, entity: string, id: string): void {
    this.#enter(audience, [entity, id], null);
  }

  /** Take an audience from the device. */
  drop(audience: string): void {
    this.#feed.delete(audience);
  }

  /** Become an older backup: cursors mean nothing any more, and later operations are lost. */
  restore({ settled }: { settled: number }): void {
    this.#lineage += 1;
    for (const device of this.#devices.values()) {
      device.settled.length = Math.min(settled, device.settled.length);
      device.operations = device.operations.filter((each) => each.n <= settled);
      const ids = new Set(device.operations.map((each) => each.id));
      device.firsts = new Map([...device.firsts].filter(([id]) => ids.has(id)));
    }
  }

  /** Every operation that was settled, in order. */
  get operations(): Operation[] {
    return [...this.#devices.values()].flatMap((device) => device.operations);
  }

  /** The newest form of an audience's entities of one kind, by id. */
  records(audience: string, entity: string): Named[] {
    const all = [...(this.#feed.get(audience)?.values() ?? [])];
    return all
      .filter((each) => each.key[0] === entity && each.body !== null)
      .map((each) => each.body as Named)
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  // What it does on the wire.

  readonly handle = (request: Request): Answer => {
    const path = request.url.pathname;
    this.requests.push(`${request.method} ${path}`);
    const refused = this.witness?.refuse(request);
    if (refused) return refused;
    if (path === "/v1/sync/last-words") return this.#hearLast(read<LastWords>(request));
    if (path.startsWith("/v1/sessions")) return this.#session(path, request);
    return this.#unauthorized(request) ?? this.#atDoor(path, request);
  };

  #atDoor(path: string, request: Request): Answer {
    if (path === "/v1/devices") return this.#enrol(read<Enrolment>(request));
    const device = this.#device(tokenOf(request).split(".")[1] ?? "");
    if (path === "/v1/sync") return this.#sync(device, request);
    if (path === "/v1/sync/ack") {
      return this.#ack(device, Number(request.url.searchParams.get("after")));
    }
    return this.uploads.answer(request);
  }

  #session(path: string, request: Request): Answer {
    if (path === "/v1/sessions") {
      const ask = read<SignIn>(request);
      if (ask.login !== LOGIN || ask.password !== PASSWORD) return problem(401, "wrong-password");
      if (ask.device_id && this.revoked) return problem(401, "device-revoked");
      if (ask.device_id && !this.#devices.has(ask.device_id)) return problem(404, "not-found");
      this.expired = this.closed = false;
      return json(201, this.#tokens(ask.device_id ?? null));
    }
    if (this.revoked) return problem(401, "device-revoked");
    if (this.closed) return problem(401, "not-signed-in");
    this.expired = false;
    return json(201, this.#tokens(read<Refresh>(request).refresh_token.split(".")[1] ?? null));
  }

  #tokens(deviceId: string | null): Tokens {
    this.#issued += 1;
    return {
      access_token: `access.${deviceId}.${this.#issued}`,
      access_expires_at: LATER,
      token_type: "DPoP",
      refresh_token: `refresh.${deviceId}.${this.#issued}`,
      refresh_expires_at: LATER,
      person_id: "p1",
      name: "李伟",
      roles: ["lineman"],
      device_id: deviceId,
      districts: [],
    };
  }

  #unauthorized(request: Request): Answer | null {
    const token = tokenOf(request);
    if (this.revoked && token.startsWith("grant.") && request.method !== "POST") return null;
    if (this.revoked) return problem(401, "device-revoked");
    return this.expired || this.closed || token === "" ? problem(401, "not-signed-in") : null;
  }

  /** Forget a device, as a backup does that is older than it. */
  forgetDevices(): void {
    this.#devices.clear();
  }

  #enrol({ id, key }: Enrolment): Answer {
    if (!id) throw new Error("a phone names itself");
    this.witness?.know(id, key);
    this.#device(id);
    return json(201, { device_id: id, district_id: "d1", tokens: this.#tokens(id) });
  }

  #ack(device: Device, after: number): Answer {
    const { settled } = device;
    const told = settled.slice(after).flatMap((each) => each.outcome ?? []);
    return json(200, {
      server_at: START.toISOString(),
      acked_through: settled.length,
      chain: settled.at(-1)?.digest ?? "",
      outcomes: told.slice(0, 1_000),
      known: after > 0 ? (settled[after - 1]?.digest ?? "") : "",
    });
  }

  #sync(device: Device, request: Request): Answer {
    if (request.sizeBytes > this.bodyBytesMax) return problem(413, "too-large");
    const ask = read<SyncRequest>(request);
    this.asked.push(ask);
    this.seen = ask.seen;
    const wires = wiresOf(request, ask);
    this.witness?.requireSigned(tokenOf(request).split(".")[1] ?? "", ask, wires);
    const outcomes = wires.flatMap((wire) => this.#settle(device, wire) ?? []);
    const cursor = this.#readCursor(ask.cursor ?? null);
    if (cursor === null) return problem(422, "cursor-unknown");
    const { feeds, more } = this.#pages(cursor, Math.min(this.page, ask.changes_max ?? 2_000));
    const dropped = Object.keys(cursor).filter((audience) => !this.#feed.has(audience));
    for (const audience of dropped) delete cursor[audience];
    const answer: SyncAnswer = {
      server_at: START.toISOString(),
      acked_through: device.settled.length,
      chain: device.settled.at(-1)?.digest ?? "",
      outcomes,
      feeds,
      dropped,
      cursor: JSON.stringify([this.#lineage, cursor]),
      more,
      missing: this.#missing(device),
      next_in_s: 60,
      wipe: this.wiping,
      notice: this.wiping ? "报失" : "",
    };
    return json(200, this.checkpoint ? { ...answer, checkpoint: this.checkpoint } : answer);
  }

  /** Keep what a revoked device says, and expect the files that it declares. */
  #hearLast(words: LastWords): Answer {
    if (!this.revoked && !this.wiping) return problem(409, "device-stands");
    const said = (words.operations ?? []) as Operation[];
    this.lastWords.push(...said);
    const device = this.#device(words.device_id);
    for (const operation of said) declare(device, operation);
    const everything = this.#missing(device);
    const missing = everything.slice(0, this.expectedMax);
    for (const file of missing) this.uploads.expect(file.sha256, file.size_bytes);
    return json(200, {
      server_at: START.toISOString(),
      safe_through: said.at(-1)?.n ?? 0,
      missing,
      more: missing.length < everything.length,
      upload_token: `grant.${words.device_id}`,
      upload_expires_at: LATER,
    });
  }

  #missing(device: Device): MissingFile[] {
    return [...device.declared]
      .filter(([sha256]) => !this.uploads.has(sha256))
      .map(([sha256, sizeBytes]) => ({
        sha256,
        size_bytes: sizeBytes,
        upload: `/v1/uploads/${sha256}`,
      }));
  }

  /** Settle an operation once; again, the first answer. */
  #settle(device: Device, wire: string): Outcome | null {
    const operation = JSON.parse(wire) as Operation;
    const digest = createHash("sha256").update(wire).digest("hex");
    const expected = device.settled.length + 1;
    if (operation.n < expected) {
      const first = device.settled[operation.n - 1];
      return digest === first?.digest ? first.outcome : outcome(operation, "held", "sequence-fork");
    }
    if (operation.n > expected) return outcome(operation, "held", "sequence-gap");
    const chain = device.settled.at(-1)?.digest ?? "";
    if (operation.prev !== chain) return outcome(operation, "held", "sequence-fork");
    const known = device.firsts.get(operation.id);
    if (known !== undefined) {
      const again = repeated(operation, known);
      device.settled.push({ digest, outcome: again });
      return again;
    }
    const status = this.judge(operation);
    const told = status === null ? null : outcome(operation, status, `said-${status}`);
    device.firsts.set(operation.id, status);
    device.settled.push({ digest, outcome: told });
    device.operations.push(operation);
    if (told === null) declare(device, operation);
    return told;
  }

  #pages(cursor: Cursor, left: number): { feeds: AudienceChanges[]; more: boolean } {
    const feeds: AudienceChanges[] = [];
    let room = left;
    let more = false;
    for (const [audience, entries] of [...this.#feed].sort(([one], [other]) =>
      one < other ? -1 : 1,
    )) {
      const since = cursor[audience] ?? 0;
      const head = this.#heads.get(audience) ?? 0;
      if (audience in cursor && since >= head) continue;
      const news = [...entries.values()]
        .filter((each) => each.number > since && (since > 0 || each.body !== null))
        .sort((one, other) => one.number - other.number);
      const page = news.slice(0, room);
      const rest = news.length > page.length;
      room -= page.length;
      more ||= rest;
      const through = rest ? (page.at(-1)?.number ?? since) : head;
      cursor[audience] = through;
      feeds.push({ audience, through, fresh: since === 0, changes: page.map(change) });
    }
    return { feeds, more };
  }

  #readCursor(text: string | null): Cursor | null {
    if (text === null) return {};
    try {
      const [lineage, seen] = JSON.parse(text) as [number, Cursor];
      if (lineage === this.#lineage) return seen;
      return Object.fromEntries(Object.keys(seen).map((audience) => [audience, 0]));
    } catch {
      return null;
    }
  }

  #device(id: string): Device {
    const fresh: Device = {
      settled: [],
      operations: [],
      firsts: new Map(),
      declared: new Map(),
    };
    const device = this.#devices.get(id) ?? fresh;
    this.#devices.set(id, device);
    return device;
  }

  #enter(audience: string, key: Key, body: object | null): void {
    const number = (this.#heads.get(audience) ?? 0) + 1;
    this.#heads.set(audience, number);
    const entries = this.#feed.get(audience) ?? new Map<string, Entry>();
    entries.set(key.join(" "), { number, key, body });
    this.#feed.set(audience, entries);
  }
}

export function read<T>(request: Request): T {
  return JSON.parse(new TextDecoder().decode(request.content)) as T;
}

export function tokenOf(request: Request): string {
  return (request.headers.get("Authorization") ?? "").split(" ")[1] ?? "";
}

/** Cut the operations out of a body as the exact texts that they are. */
function wiresOf(request: Request, ask: SyncRequest): string[] {
  const body = new TextDecoder().decode(request.content);
  const wires = (ask.operations ?? []).map((each) => JSON.stringify(each));
  // Written by JSON.stringify and read back, they are the same texts; the body proves it.
  for (const wire of wires) if (!body.includes(wire)) throw new Error("not sent as it was kept");
  return wires;
}

function declare(device: Device, operation: Operation): void {
  if (operation.type !== "evidence.declare") return;
  const body = operation.body as { sha256: string; size_bytes: number };
  device.declared.set(body.sha256, body.size_bytes);
}

function change({ key: [entity, id], body }: Entry): Change {
  return body === null ? { entity, id, gone: true } : { entity, id, put: body };
}

function outcome(operation: Operation, status: Status, code: string): Outcome {
  const detail = { en: `This was ${code}.`, zh: `结果：${code}。` };
  return { n: operation.n, id: operation.id, status, code, detail };
}

/** Say what became of an operation the first time. */
function repeated(operation: Operation, first: Status | null): Outcome {
  const again = outcome(operation, "duplicate", "operation-duplicate");
  if (first === null) return again;
  return { ...again, fields: { first_status: first, first_code: `said-${first}` } };
}
