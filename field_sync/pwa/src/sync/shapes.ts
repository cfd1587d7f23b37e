/**
 * What an answer must look like to be believed: held to its shape at the border, and not after it.
 *
 * Fields that are not known here are passed over, as the wire only ever adds.
 */

import type {
  Acknowledged,
  BasemapOffer,
  CheckpointMark,
  Enrolled,
  LastWordsHeard,
  Outcome,
  Problem,
  PushKey,
  PushSubscribed,
  SyncAnswer,
  Tokens,
} from "../wire";

/** The answer does not have its shape; the message says where. */
export class Unreadable extends Error {}

/** Tells where a value fails, or null where it does not. */
type Check = (value: unknown) => string | null;

/** Reads a whole answer. Throws `Unreadable`. */
export type Reader<T> = (text: string) => T;

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const CHAIN_HASH = /^([0-9a-f]{64})?$/;
const PUSH_KEY = /^[A-Za-z0-9_-]{87}$/;
const NAME_CHARS_MAX = 200;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;
const STATUSES = ["applied", "duplicate", "merged", "conflict", "held", "rejected"];

const text: Check = (value) => (typeof value === "string" ? null : "is no text");
const flag: Check = (value) => (typeof value === "boolean" ? null : "is no flag");
const whole: Check = (value) => (Number.isSafeInteger(value) ? null : "is no whole number");
const number: Check = (value) => (typeof value === "number" ? null : "is no number");
const id = matching(ID);
const sha256 = matching(SHA256);
const chainHash = matching(CHAIN_HASH);
const name: Check = (value) =>
  typeof value === "string" && value !== "" && value.length <= 2 * NAME_CHARS_MAX
    ? null
    : "is no name";
const instant: Check = (value) =>
  matching(INSTANT)(value) ?? (Number.isNaN(Date.parse(value as string)) ? "is no instant" : null);

const words = shape({ en: text, zh: text });
const known = shape({});
const missingFile = shape(
  { sha256, size_bytes: whole },
  { offset_bytes: whole, upload: orNull(text) },
);
const outcome = shape(
  { n: whole, id, status: oneOf(STATUSES), code: text, detail: words },
  { fields: known },
);
const change = shape({ entity: name, id }, { put: known, gone: flag });
const feed = shape({ audience: name, through: whole, changes: listOf(change) }, { fresh: flag });
const checkpoint = shape({ number: whole, sha256 });
const tokens = shape(
  { access_token: text, refresh_token: text, name },
  { token_type: oneOf(["Bearer", "DPoP"]) },
);

const basemap = shape(
  {
    id: sha256,
    size_bytes: whole,
    format: oneOf(["png", "jpeg", "webp"]),
    zoom_min: whole,
    zoom_max: whole,
    west_deg: number,
    south_deg: number,
    east_deg: number,
    north_deg: number,
  },
  { attribution: text },
);
export const basemapOffer: Reader<BasemapOffer> = reader(shape({ basemap: orNull(basemap) }));

export const syncAnswer: Reader<SyncAnswer> = reader(
  shape(
    {
      server_at: instant,
      acked_through: whole,
      outcomes: listOf(outcome),
      feeds: listOf(feed),
      dropped: listOf(name),
      cursor: text,
      more: flag,
      missing: listOf(missingFile),
      next_in_s: number,
    },
    { wipe: flag, notice: text, chain: orNull(chainHash), checkpoint },
  ),
);

export const acknowledged: Reader<Acknowledged> = reader(
  shape(
    { server_at: instant, acked_through: whole, chain: chainHash },
    { outcomes: listOf(outcome), known: chainHash },
  ),
);

export const lastWordsHeard: Reader<LastWordsHeard> = reader(
  shape(
    {
      server_at: instant,
      safe_through: whole,
      missing: listOf(missingFile),
      upload_token: text,
      upload_expires_at: instant,
    },
    { more: flag },
  ),
);

export const tokensGiven: Reader<Tokens> = reader(tokens);

export const enrolled: Reader<Enrolled> = reader(shape({ device_id: id, district_id: id, tokens }));

export const pushKey: Reader<PushKey> = reader(shape({ key: matching(PUSH_KEY) }));

export const pushSubscribed: Reader<PushSubscribed> = reader(shape({ since: instant }));

export const checkpointMark: Reader<CheckpointMark> = reader(checkpoint);

export const problem: Reader<Problem> = reader(
  shape({ status: whole, code: text, detail: words }, { fields: known }),
);

/** Read the final outcome of an operation that was held, as a record tells it. */
export const outcomeOf: (body: unknown) => Outcome = holding(outcome);

function reader<T>(check: Check): Reader<T> {
  const held = holding<T>(check);
  return (given) => {
    let value: unknown;
    try {
      value = JSON.parse(given);
    } catch (error) {
      throw new Unreadable("is no JSON", { cause: error });
    }
    return held(value);
  };
}

function holding<T>(check: Check): (value: unknown) => T {
  return (value) => {
    const fault = check(value);
    if (fault !== null) throw new Unreadable(fault);
    return value as T;
  };
}

function matching(pattern: RegExp): Check {
  return (value) =>
    typeof value === "string" && pattern.test(value) ? null : `is not like ${pattern.source}`;
}

function oneOf(values: readonly string[]): Check {
  return (value) => (values.includes(value as string) ? null : `is none of ${values.join(", ")}`);
}

function orNull(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return "is no list";
    for (const [place, each] of value.entries()) {
      const fault = check(each);
      if (fault !== null) return `[${place}] ${fault}`;
    }
    return null;
  };
}

function shape(
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Check {
  const checks = Object.entries({ ...required, ...optional });
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "is no object";
    const fields = value as Readonly<Record<string, unknown>>;
    for (const [field, check] of checks) {
      if (!Object.hasOwn(fields, field)) {
        if (Object.hasOwn(required, field)) return `lacks ${field}`;
        continue;
      }
      const fault = check(fields[field]);
      if (fault !== null) return `${field} ${fault}`;
    }
    return null;
  };
}
