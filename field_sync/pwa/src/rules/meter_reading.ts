/**
 * Registers: what a reading means, and what to ask before leaving the meter.
 *
 * A register shows `digits` whole digits and `decimals` after the point, and rolls over to zero.
 * Consumption is the advance times the multiplier, in kWh; all of it in exact decimals.
 * The comparison is always with the last *actual* reading, so that an honest reading after a bad
 * one is not asked about. What the reader is expected to find never leaves this module.
 */

import {
  add,
  compare,
  type Decimal,
  decimal,
  multiply,
  powerOfTen,
  remainder,
  shown,
  subtract,
  unitsAt,
  ZERO,
} from "./decimal";
import { day, type Explanation, isSilent, type Prompt, prompt } from "./flags";

/** A roll-over is plausible up to this many times the usual consumption. */
export const ROLLOVER_TYPICAL_MAX = decimal("5");
/** Where nothing is known of the usual: up to this share of the register's range. */
export const ROLLOVER_SHARE_MAX = decimal("0.1");
/** Below this many units usual consumption, zero is nothing to ask about. */
export const ZERO_TYPICAL_MIN = decimal("8");

/** Why a value cannot stand on a register. */
export type Fault = "not_a_number" | "negative" | "too_many_digits" | "too_many_decimals";

/** A meter's display. */
export interface Register {
  readonly digits: number;
  readonly decimals: number;
  /** kWh for each unit shown. */
  readonly multiplier: Decimal;
}

/** How far a register moved. */
export interface Advance {
  /** Forward, in units shown; always less than the range. */
  readonly units: Decimal;
  readonly usedKwh: Decimal;
  /** Whether the register passed through zero. */
  readonly rolledOver: boolean;
  /** False when a roll-over would mean far more than usual: the value is negative. */
  readonly plausible: boolean;
}

/** What is known of a meter before it is read; kept from the reader. */
export interface Known {
  /** Register at the last actual reading; null for a new meter. */
  readonly previous: Decimal | null;
  /** The local day of it, as `2026-04-30`. */
  readonly previousOn: string | null;
  /** Usual consumption over as many days. */
  readonly typicalKwh: Decimal | null;
  readonly lowKwh: Decimal | null;
  readonly highKwh: Decimal | null;
  /** Whether it has used energy all along. */
  readonly active: boolean;
  /** What happened at the meter since. */
  readonly explained: ReadonlySet<Explanation>;
}

/** A meter beside this one on the route, that was read before it. */
export interface Neighbour {
  /** What its plate says; the only thing of it that a prompt names. */
  readonly serial: string;
  readonly register: Register;
  /** Kept from the reader. */
  readonly known: Known;
  /** The value that was entered at it. */
  readonly total: Decimal;
}

/** The first value that a register cannot show. */
export function range(register: Register): Decimal {
  return powerOfTen(register.digits);
}

/** The smallest advance that a register shows. */
export function step(register: Register): Decimal {
  return powerOfTen(-register.decimals);
}

/** Say why a value cannot stand on the register, or null if it can; null is no number. */
export function fault(value: Decimal | null, register: Register): Fault | null {
  if (value === null) return "not_a_number";
  if (value.units < 0n) return "negative";
  if (compare(value, range(register)) >= 0) return "too_many_digits";
  return remainder(value, step(register)).units === 0n ? null : "too_many_decimals";
}

/**
 * Work out the advance, `(current - previous) mod 10^digits`, of values without fault.
 *
 * @param typicalKwh usual consumption over as many days, to judge a roll-over by.
 */
export function advance(
  previous: Decimal,
  current: Decimal,
  register: Register,
  typicalKwh: Decimal | null = null,
): Advance {
  const rolledOver = compare(current, previous) < 0;
  const units = add(subtract(current, previous), rolledOver ? range(register) : ZERO);
  const usedKwh = multiply(units, register.multiplier);
  const rollOverMaxKwh =
    typicalKwh !== null && typicalKwh.units > 0n
      ? multiply(typicalKwh, ROLLOVER_TYPICAL_MAX)
      : multiply(multiply(range(register), register.multiplier), ROLLOVER_SHARE_MAX);
  const plausible = !rolledOver || compare(usedKwh, rollOverMaxKwh) <= 0;
  return { units, usedKwh, rolledOver, plausible };
}

/**
 * List what to ask the reader about a value without fault, most helpful first.
 *
 * @param tariffs the parts of the whole by name; empty if the meter has none.
 * @param neighbours the meters beside it on the route that were read before it.
 */
export function check(
  total: Decimal,
  tariffs: ReadonlyMap<string, Decimal>,
  known: Known,
  register: Register,
  neighbours: Iterable<Neighbour> = [],
): Prompt[] {
  const prompts = [
    swapped(total, known, register, neighbours),
    transposed(total, known, register),
    negative(total, known, register),
    zero(total, known, register),
    sum(total, [...tariffs.values()], register),
  ];
  return prompts.filter(
    (asked) => asked !== null && !isSilent(asked.code, known.explained),
  ) as Prompt[];
}

/** List what the value would be with two neighbouring digits exchanged, left to right. */
export function exchanged(value: Decimal, register: Register): Decimal[] {
  const text = `${unitsAt(value, register.decimals)}`;
  const digits = [...text.padStart(register.digits + register.decimals, "0")];
  return digits.slice(1).flatMap((digit, at) => {
    const left = digits[at] ?? digit;
    if (left === digit) return [];
    const swapped = [...digits.slice(0, at), digit, left, ...digits.slice(at + 2)];
    return [{ units: BigInt(swapped.join("")), places: register.decimals }];
  });
}

/** Ask only where exactly one neighbour's value would be usual here, and this one there. */
function swapped(
  total: Decimal,
  known: Known,
  register: Register,
  neighbours: Iterable<Neighbour>,
): Prompt | null {
  if (isUsual(total, known, register)) return null;
  const fitting = [...neighbours].filter(
    (neighbour) =>
      !isUsual(neighbour.total, neighbour.known, neighbour.register) &&
      fits(total, neighbour.known, neighbour.register) &&
      fits(neighbour.total, known, register),
  );
  const [neighbour, ...more] = fitting;
  if (neighbour === undefined || more.length > 0) return null;
  return prompt("ER16", { meter: neighbour.serial });
}

function negative(total: Decimal, known: Known, register: Register): Prompt | null {
  if (known.previous === null) return null;
  const moved = advance(known.previous, total, register, known.typicalKwh);
  if (moved.plausible) return null;
  return prompt("ER10", {
    value: shown(total),
    previous: shown(known.previous),
    date: day(known.previousOn),
  });
}

function zero(total: Decimal, known: Known, register: Register): Prompt | null {
  const stands = known.previous !== null && compare(total, known.previous) === 0;
  if (!stands || !known.active || known.typicalKwh === null) return null;
  const leastKwh = multiply(ZERO_TYPICAL_MIN, register.multiplier);
  if (compare(known.typicalKwh, leastKwh) < 0) return null;
  return prompt("ER12", { date: day(known.previousOn) });
}

/** Ask only where exactly one exchange of digits turns the unusual into the usual. */
function transposed(total: Decimal, known: Known, register: Register): Prompt | null {
  if (known.previous === null || isUsual(total, known, register)) return null;
  const usual = exchanged(total, register).filter((other) => isUsual(other, known, register));
  const [candidate, ...more] = usual;
  if (candidate === undefined || more.length > 0) return null;
  return prompt("ER17", { candidate: shown(candidate) });
}

/** Tell whether the value falls in the band of usual consumption; not if there is no band. */
function isUsual(value: Decimal, known: Known, register: Register): boolean {
  const { previous, lowKwh, highKwh } = known;
  if (previous === null || lowKwh === null || highKwh === null) return false;
  const { usedKwh } = advance(previous, value, register);
  return compare(lowKwh, usedKwh) <= 0 && compare(usedKwh, highKwh) <= 0;
}

/** Tell whether a value of another meter could be read here, and would be usual. */
function fits(value: Decimal, known: Known, register: Register): boolean {
  return fault(value, register) === null && isUsual(value, known, register);
}

/**
 * Ask where the parts do not make the whole.
 *
 * Each register cuts off what it cannot show, so n parts may fall short by up to n - 1 steps;
 * after a roll-over of the whole they exceed it by its range.
 */
function sum(total: Decimal, tariffs: readonly Decimal[], register: Register): Prompt | null {
  if (tariffs.length === 0) return null;
  const parts = tariffs.reduce(add, ZERO);
  const left = remainder(subtract(total, parts), range(register));
  const short = left.units < 0n ? add(left, range(register)) : left;
  const allowed = multiply(decimal(`${tariffs.length - 1}`), step(register));
  if (compare(short, allowed) <= 0) return null;
  return prompt("ER21", { total: shown(total), sum: shown(parts) });
}
