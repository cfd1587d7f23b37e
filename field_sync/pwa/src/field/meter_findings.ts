/**
 * What a reader finds at a meter otherwise than the route says, kept as one operation each.
 *
 * When a promise is fulfilled, its operation is on disk; the screen may say "saved".
 * A refusal changes nothing. What is on record changes only when the office has settled it.
 */

import type { Edge } from "../clock";
import * as errors from "../errors";
import { decimal, parse, shown } from "../rules/decimal";
import { fault } from "../rules/meter_reading";
import type { Store } from "../store/connection";
import type { Entry } from "../store/outbox";
import type { Exact, Fix, Stop } from "../wire";
import { TOTAL } from "./checks";
import { whole } from "./fix";
import * as keeping from "./keeping";
import * as view from "./view";

/** What comes with everything that is found. */
interface Seen {
  /** What the plate says. */
  readonly serial: string;
  readonly fix?: Fix | null;
  readonly photoSha256?: readonly string[];
  readonly note?: string;
}

interface Display {
  readonly digits: number;
  readonly decimals: number;
}

/**
 * Say that a meter stands there which is not on the route.
 *
 * @param act.place where it stands, in words.
 * @param act.total what it shows, where it could be read.
 * @throws NotOnPhone the route is not on this handheld.
 * @throws OnRoute the route has a meter with this serial.
 * @throws Malformed the serial or the place is blank, or the value is no number.
 */
export function found(
  store: Store,
  edge: Edge,
  act: Seen & {
    readonly routeId: string;
    readonly place: string;
    readonly total?: Exact | null;
  },
): Promise<Entry> {
  return store.writing((tables) => {
    const { routeId, serial, place } = act;
    const task = view.getTask(tables, { taskId: routeId });
    const there = view.listStops(tables, { routeId }).find((stop) => stop.serial === serial);
    if (there) throw new errors.OnRoute({ serial, sequence: there.sequence });
    const body = { serial, place, total: number(act.total), ...beside(act) };
    return keeping.keep(tables, edge, { task, type: "meter.found", body });
  });
}

/**
 * Say that another meter stands at a stop; what is read at it waits for the office.
 *
 * @param act.digits how many whole digits the new one shows; `decimals` after the point.
 * @param act.total what it shows now; `tariffs` its parts by name, if it has them.
 * @param act.oldTotal the last value of the one that is gone, where somebody knows it.
 * @throws NotOnPhone the stop is not on this handheld.
 * @throws SameSerial the stop has this serial already.
 * @throws NotOnDisplay neither meter can show such a value.
 * @throws Malformed a tariff is named that the stop does not have, or a value has no form.
 */
export function changed(
  store: Store,
  edge: Edge,
  act: Seen &
    Display & {
      readonly stopId: string;
      readonly total: Exact;
      readonly tariffs?: Readonly<Record<string, Exact>>;
      readonly oldTotal?: Exact | null;
    },
): Promise<Entry> {
  return store.writing((tables) => {
    const { stopId, serial, digits, decimals } = act;
    const stop = otherAt(view.getStop(tables, { stopId }), serial);
    const task = view.getTask(tables, { taskId: stop.route_id });
    const parts = Object.entries(act.tariffs ?? {}).map(([name, text]) => {
      if (name === TOTAL || !stop.registers.includes(name)) {
        throw new errors.Malformed({ reason: `register ${name}` });
      }
      return [name, valueOn(stop, act, text)] as const;
    });
    const before = { digits: stop.digits, decimals: stop.decimals ?? 0 };
    const body = {
      stop_id: stopId,
      serial,
      digits,
      decimals,
      total: valueOn(stop, act, act.total),
      tariffs: Object.fromEntries(parts),
      old_total: act.oldTotal == null ? null : valueOn(stop, before, act.oldTotal),
      ...beside(act),
    };
    return keeping.keep(tables, edge, { task, type: "meter.changed", body });
  });
}

/**
 * Say that a meter's plate has another serial than its stop, and nobody knows why.
 *
 * @throws NotOnPhone the stop is not on this handheld.
 * @throws SameSerial the stop has this serial already.
 * @throws NotOnDisplay the meter cannot show such a value.
 * @throws Malformed the serial is blank.
 */
export function mismatch(
  store: Store,
  edge: Edge,
  act: Seen & { readonly stopId: string; readonly total?: Exact | null },
): Promise<Entry> {
  return store.writing((tables) => {
    const { stopId, serial } = act;
    const stop = otherAt(view.getStop(tables, { stopId }), serial);
    const task = view.getTask(tables, { taskId: stop.route_id });
    const display = { digits: stop.digits, decimals: stop.decimals ?? 0 };
    const total = act.total == null ? null : valueOn(stop, display, act.total);
    const body = { stop_id: stopId, serial, total, ...beside(act) };
    return keeping.keep(tables, edge, { task, type: "meter.mismatch", body });
  });
}

function otherAt(stop: Stop, serial: string): Stop {
  if (stop.serial === serial) throw new errors.SameSerial({ serial });
  return stop;
}

/** Write a value as it is kept, where such a display can show it. */
function valueOn(stop: Stop, { digits, decimals }: Display, text: Exact): Exact {
  const value = parse(text);
  const register = { digits, decimals, multiplier: decimal(stop.multiplier) };
  const why = fault(value, register);
  if (value !== null && why === null) return shown(value);
  throw new errors.NotOnDisplay({ value: text, digits, decimals, fault: why });
}

/** Write a number of a meter of which nobody knows what it can show. */
function number(text: Exact | null | undefined): Exact | null {
  if (text == null) return null;
  const value = parse(text);
  if (value === null) throw new errors.Malformed({ reason: `total ${text}` });
  return shown(value);
}

function beside({ fix, photoSha256 = [], note = "" }: Seen) {
  return { fix: whole(fix), photo_sha256: [...photoSha256], note };
}
