/**
 * What the shared rules say on the spot: at the site and at the meter, as the server will say it.
 *
 * Nothing here tells the reader what to find.
 */

import * as errors from "../errors";
import { type Decimal, decimal, parse } from "../rules/decimal";
import type { Prompt } from "../rules/flags";
import { Fence, type Verdict, verdict } from "../rules/geofence";
import { check, fault, type Known, type Neighbour, type Register } from "../rules/meter_reading";
import * as picking from "../rules/picking";
import type { Stay } from "../rules/presence";
import * as presence from "../rules/presence";
import { BadGeometry } from "../rules/shapes";
import type { Tables } from "../store/rows";
import type { Exact, Fix, Originals, Sighting, SkipCode, Stop, Task, WorkSite } from "../wire";
import * as view from "./view";

/** How old a fix may be until the district's own limit is on this handheld. */
export const FIX_AGE_MAX_S = 120;
/** Three minutes, until a district says otherwise. */
export const DWELL_S = 180;
/** The register of the whole, which every meter has. */
export const TOTAL = "total";

/** What a meter shows: the register of the whole, and its parts by name if it has them. */
export interface Shown {
  readonly total: Exact;
  readonly tariffs?: Readonly<Record<string, Exact>>;
}

/** What a district asks of its crews' phones. */
export interface Policy {
  readonly ageMaxS: number;
  readonly dwellS: number;
  readonly originals: Originals;
  /** The reasons for which a skipped meter is photographed. */
  readonly photoOnSkip: readonly SkipCode[];
  /** Whether the display is, where a reader confirms an odd value. */
  readonly photoOnConfirm: boolean;
}

/** The same in numbers. */
export interface Values {
  readonly total: Decimal;
  readonly tariffs: ReadonlyMap<string, Decimal>;
}

const fences = new WeakMap<WorkSite, Fence | null>();
const dayForms = new Map<string, Intl.DateTimeFormat>();

/** Hold a fix against an order's site; an order without one leaves it unsure. */
export function arrival(tables: Tables, task: Task, fix: Fix | null): Verdict {
  const fence = task.site ? fenceOf(task.site) : null;
  if (fence === null) {
    return { kind: "unsure", distanceM: null, edgeM: null, reasons: [], datumSuspect: false };
  }
  return verdict(fix, fence, policy(tables));
}

/** Judge a stay by what was seen during it; null without a site, or where nothing was. */
export function stay(tables: Tables, task: Task, sightings: readonly Sighting[]): Stay | null {
  const fence = task.site ? fenceOf(task.site) : null;
  if (fence === null || sightings.length === 0) return null;
  return presence.stay(sightings, fence, policy(tables));
}

/** What the district asks of fixes, stays and photos; until it is known, what most ask. */
export function policy(tables: Tables | null): Policy {
  const district = tables === null ? null : view.findDistrict(tables);
  return {
    ageMaxS: district?.fix_age_max_s ?? FIX_AGE_MAX_S,
    dwellS: district?.dwell_s ?? DWELL_S,
    originals: district?.originals ?? "hash",
    photoOnSkip: district?.photo_on_skip ?? [],
    photoOnConfirm: district?.photo_on_confirm ?? false,
  };
}

/**
 * Hold what was picked to the order's policy set; one that is not here yet allows anything.
 *
 * @throws ReasonNotAllowed the policy set does not let it stand.
 */
export function reason(tables: Tables, task: Task, picked: picking.Picked): void {
  const known = view.findReasons(tables, task);
  if (known === null) return;
  const why = picking.fault(known.reasons, known.own_words, picked);
  if (why === null) return;
  const allowed = known.reasons.filter((each) => each.given_for.includes(picked.givenFor));
  const codes = allowed.map((each) => each.code).join(", ") || "-";
  throw new errors.ReasonNotAllowed({ fault: why, known: codes });
}

/**
 * List what to ask the reader about a value before leaving the meter.
 *
 * @throws NotOnDisplay the meter cannot show such a value.
 * @throws Malformed a tariff is named that the meter does not have.
 */
export function reading(tables: Tables, stop: Stop, shown: Shown): Prompt[] {
  const { total, tariffs } = values(stop, shown);
  return check(total, tariffs, knownOf(tables, stop), registerOf(stop), neighboursOf(tables, stop));
}

/**
 * Read what a meter shows.
 *
 * @throws NotOnDisplay the meter cannot show such a value.
 * @throws Malformed a tariff is named that the meter does not have.
 */
export function values(stop: Stop, { total, tariffs = {} }: Shown): Values {
  for (const name of Object.keys(tariffs)) {
    if (!stop.registers.includes(name)) throw new errors.Malformed({ reason: `register ${name}` });
  }
  const whole = valueOn(stop, total);
  const parts = Object.entries(tariffs).map(([name, text]) => [name, valueOn(stop, text)] as const);
  return { total: whole, tariffs: new Map(parts) };
}

function valueOn(stop: Stop, text: Exact): Decimal {
  const value = parse(text);
  const why = fault(value, registerOf(stop));
  if (value !== null && why === null) return value;
  const { digits, decimals = 0 } = stop;
  throw new errors.NotOnDisplay({ value: text, digits, decimals, fault: why });
}

/** Look for what was read beside a stop; nobody looks while its own value is usual. */
function* neighboursOf(tables: Tables, stop: Stop): Iterable<Neighbour> {
  for (const beside of view.listBeside(tables, stop)) {
    const taken = view.findTaken(tables, beside);
    if (taken === null) continue;
    const [register, known] = [registerOf(beside), knownOf(tables, beside)];
    yield { serial: beside.serial, register, known, total: decimal(taken.total) };
  }
}

function registerOf(stop: Stop): Register {
  const { digits, decimals = 0, multiplier } = stop;
  return { digits, decimals, multiplier: decimal(multiplier) };
}

function knownOf(tables: Tables, stop: Stop): Known {
  return {
    previous: optional(stop.previous_value),
    previousOn: stop.previous_at ? localDay(stop.previous_at, view.zone(tables)) : null,
    typicalKwh: optional(stop.typical_kwh),
    lowKwh: optional(stop.low_kwh),
    highKwh: optional(stop.high_kwh),
    active: stop.active_history ?? false,
    explained: new Set(),
  };
}

function optional(text: Exact | null | undefined): Decimal | null {
  return text == null ? null : decimal(text);
}

/** Give the day of an instant in a time zone, as `2026-04-30`. */
export function localDay(instant: string, zone: string): string {
  const parts = dayForm(zone).formatToParts(Date.parse(instant));
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** Prepare a zone's form of days once: it takes far longer than writing a day. */
function dayForm(zone: string): Intl.DateTimeFormat {
  const known = dayForms.get(zone);
  if (known !== undefined) return known;
  const form = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  dayForms.set(zone, form);
  return form;
}

/** Prepare a site's fence once; null when its geometry is no shape on the ground. */
function fenceOf(site: WorkSite): Fence | null {
  const known = fences.get(site);
  if (known !== undefined) return known;
  const fence = prepared(site);
  fences.set(site, fence);
  return fence;
}

function prepared(site: WorkSite): Fence | null {
  try {
    return new Fence(site.geometry, { radiusM: site.radius_m, datum: site.datum });
  } catch (error) {
    if (error instanceof BadGeometry) return null;
    throw error;
  }
}
