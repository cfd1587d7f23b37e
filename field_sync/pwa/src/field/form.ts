/**
 * The form of each act: what the server's shapes allow, held to before anything is kept.
 *
 * The limits are those of `schemas`, and `schemas/vectors/forms.json` holds both to the same; types
 * are the compiler's affair, values are checked here. Numbers of a register are held to the meter's
 * display (`checks`).
 */

import { TEXT_CHARS_MAX } from "../rules/amending";
import { FILE_BYTES_MAX } from "../store/uploads";
import type {
  Consent,
  Fix,
  Material,
  MeterChanged,
  MeterFound,
  MeterMismatch,
  OperationBodies,
  Original,
  Position,
  PositionAmended,
  PromiseMade,
  Sighting,
  TextAmended,
} from "../wire";

export type ActType = keyof OperationBodies;

const NAME_CHARS_MAX = 200;
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(Z|[+-]\d{2}:\d{2})$/;
const METRES_MAX = 1e7;
const SECONDS_MAX = 1e9;
const QUANTITY_MAX = 100_000;
const MATERIALS_MAX = 100;
const CONFIRMED_MAX = 20;
export const PHOTOS_MAX = 10;
export const SIGHTINGS_MAX = 40;
export const CODE_CHARS_MAX = 300;
const DIGITS_MAX = 12;
const DECIMALS_MAX = 3;
const ORIGINAL_BYTES_MAX = 1e12;
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;
const OFFSET = /^[+-]\d{2}:\d{2}$/;

type Window = Pick<PromiseMade, "from_at" | "due_at" | "words">;

/** What is wrong with a value, in a few words; null if nothing is. */
type Fault = string | null;
type Forms = { readonly [T in ActType]: (body: OperationBodies[T]) => readonly Fault[] };

const code = (picked: string | null | undefined): readonly Fault[] =>
  picked == null ? [] : [name("code", picked)];

const FORMS: Forms = {
  "task.accept": () => [],
  "task.set_out": () => [],
  "task.start": () => [],
  "task.return": (body) => [text("reason", body.reason), ...code(body.code)],
  "task.suspend": (body) => [
    text("reason", body.reason),
    instant("until", body.until),
    ...code(body.code),
  ],
  "task.resume": () => [],
  "task.note": (body) => [text("text", body.text, { charsMin: 1 })],
  "task.finish": (body) => [
    text("cause", body.cause),
    text("work_done", body.work_done),
    ...list("materials", body.materials, MATERIALS_MAX, material),
  ],
  "task.amend": (body) => [
    ...amended("contact", body.contact),
    ...amended("note", body.note),
    ...amended("access_note", body.access_note),
    ...moved(body.position),
  ],
  "promise.make": (body) => [
    name("customer", body.customer),
    text("contact", body.contact),
    ...window(body),
    ...(body.consent ? consent(body.consent) : []),
  ],
  "promise.reagree": (body) => [
    matching("promise_id", body.promise_id, ID),
    ...window(body),
    ...consent(body.consent),
    text("why", body.why),
  ],
  "repair.restored": (body) => [text("note", body.note)],
  "checkin.record": (body) => [
    ...fix(body.fix),
    text("note", body.note),
    ...list("sightings", body.sightings, SIGHTINGS_MAX, sighting),
    ...list("photo_sha256", body.photo_sha256, PHOTOS_MAX, hash),
    words("scanned", body.scanned ?? "", 0, CODE_CHARS_MAX),
  ],
  "evidence.declare": (body) => [
    matching("sha256", body.sha256, SHA256),
    number("size_bytes", body.size_bytes, 0, FILE_BYTES_MAX),
    name("media_type", body.media_type),
    matching("stop_id", body.stop_id, ID),
    ...fix(body.fix),
    text("note", body.note),
    ...originalOf(body.original),
  ],
  "reading.take": (body) => [
    matching("stop_id", body.stop_id, ID),
    ...list("confirmed", body.confirmed, CONFIRMED_MAX, () => []),
    ...fix(body.fix),
    ...list("photo_sha256", body.photo_sha256, PHOTOS_MAX, () => []),
    text("note", body.note),
  ],
  "reading.skip": (body) => [
    matching("stop_id", body.stop_id, ID),
    ...fix(body.fix),
    ...list("photo_sha256", body.photo_sha256, PHOTOS_MAX, () => []),
    text("note", body.note),
  ],
  "meter.found": (body) => [text("place", body.place, { charsMin: 1 }), ...seen(body)],
  "meter.changed": (body) => [
    matching("stop_id", body.stop_id, ID),
    number("digits", body.digits, 1, DIGITS_MAX),
    number("decimals", body.decimals, 0, DECIMALS_MAX),
    ...seen(body),
  ],
  "meter.mismatch": (body) => [matching("stop_id", body.stop_id, ID), ...seen(body)],
};

/** Say what is wrong with the values of an act, or null if it can be kept. */
export function faultOf<T extends ActType>(type: T, body: OperationBodies[T]): Fault {
  return FORMS[type](body).find((fault) => fault !== null) ?? null;
}

function text(field: string, value: string | undefined, { charsMin = 0 } = {}): Fault {
  return words(field, value ?? "", charsMin, TEXT_CHARS_MAX);
}

function name(field: string, value: string): Fault {
  return words(field, value, 1, NAME_CHARS_MAX);
}

function words(field: string, value: string, charsMin: number, charsMax: number): Fault {
  const chars = [...value].length;
  if (chars < charsMin) return `${field} is empty`;
  if (chars > charsMax) return `${field} is longer than ${charsMax} characters`;
  return value.includes("\0") ? `${field} holds a NUL` : null;
}

function matching(field: string, value: string | null | undefined, pattern: RegExp): Fault {
  return value == null || pattern.test(value) ? null : `${field} does not have its form`;
}

function instant(field: string, value: string | null | undefined): Fault {
  if (value == null) return null;
  return INSTANT.test(value) && !Number.isNaN(Date.parse(value)) ? null : `${field} is no instant`;
}

function number(field: string, value: number | null | undefined, min: number, max: number): Fault {
  return value == null || (min <= value && value <= max) ? null : `${field} is out of range`;
}

function list<T>(
  field: string,
  values: readonly T[] | undefined,
  countMax: number,
  each: (value: T) => readonly Fault[],
): readonly Fault[] {
  if (values && values.length > countMax) return [`${field} has more than ${countMax}`];
  return (values ?? []).flatMap(each);
}

function window(value: Window): readonly Fault[] {
  return [
    instant("from_at", value.from_at),
    instant("due_at", value.due_at),
    text("words", value.words, { charsMin: 1 }),
  ];
}

function consent(value: Consent): readonly Fault[] {
  return [
    name("consent.name", value.name),
    matching("consent.signature_sha256", value.signature_sha256, SHA256),
  ];
}

function material({ name: called, quantity, unit }: Material): readonly Fault[] {
  return [
    name("material", called),
    number("quantity", quantity, Number.MIN_VALUE, QUANTITY_MAX),
    unit === undefined ? null : name("unit", unit),
  ];
}

function position({ lat_deg, lon_deg }: Position | Fix): readonly Fault[] {
  return [number("lat_deg", lat_deg, -90, 90), number("lon_deg", lon_deg, -180, 180)];
}

function fix(value: Fix | null | undefined): readonly Fault[] {
  if (!value) return [];
  return [
    ...position(value),
    number("accuracy_m", value.accuracy_m, 0, METRES_MAX),
    number("age_s", value.age_s, 0, SECONDS_MAX),
    value.provider == null ? null : name("provider", value.provider),
  ];
}

function sighting({ after_s, fix: there }: Sighting): readonly Fault[] {
  return [number("after_s", after_s, 0, SECONDS_MAX), ...fix(there)];
}

/** What everything has that a reader finds at a meter. */
function seen(body: MeterFound | MeterChanged | MeterMismatch): readonly Fault[] {
  return [
    name("serial", body.serial),
    ...fix(body.fix),
    ...list("photo_sha256", body.photo_sha256, PHOTOS_MAX, hash),
    text("note", body.note),
  ];
}

function hash(value: string): readonly Fault[] {
  return [matching("photo_sha256", value, SHA256)];
}

function originalOf(value: Original | null | undefined): readonly Fault[] {
  if (!value) return [];
  return [
    matching("original", value.sha256, SHA256),
    number("original", value.size_bytes, 0, ORIGINAL_BYTES_MAX),
    name("original", value.media_type),
    matching("camera_local", value.camera_local, LOCAL),
    matching("camera_offset", value.camera_offset, OFFSET),
    number("lat_deg", value.lat_deg, -90, 90),
    number("lon_deg", value.lon_deg, -180, 180),
  ];
}

function amended(field: string, value: TextAmended | null | undefined): readonly Fault[] {
  return value ? [text(field, value.saw), text(field, value.set)] : [];
}

function moved(value: PositionAmended | null | undefined): readonly Fault[] {
  return value ? [value.saw, value.set].flatMap((each) => (each ? position(each) : [])) : [];
}
