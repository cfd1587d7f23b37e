/**
 * Exact decimal numbers, as energy is counted: text on the wire, whole numbers of a step inside.
 *
 * Only what the rules need; there is no division.
 */

/** The number `units / 10 ** places`. */
export interface Decimal {
  readonly units: bigint;
  /** Digits after the point, those that are zero included. */
  readonly places: number;
}

export const ZERO: Decimal = { units: 0n, places: 0 };
/** Longer numbers are no numbers of ours, and would only cost memory. */
const EXPONENT_MAX = 1_000;
const CHARS_MAX = 1_000;
const FORM = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?$/;

/** Read a number as it is typed or sent; null if the text is no finite number. */
export function parse(text: string): Decimal | null {
  const [, sign = "", digits = "", exponent = "0"] = text.trim().match(FORM) ?? [];
  const shift = Number(exponent);
  if (digits === "" || text.length > CHARS_MAX || Math.abs(shift) > EXPONENT_MAX) return null;
  const [whole = "", part = ""] = digits.split(".");
  const units = BigInt(`${whole}${part}`) * (sign === "-" ? -1n : 1n);
  const places = part.length - shift;
  return places >= 0 ? { units, places } : { units: units * 10n ** BigInt(-places), places: 0 };
}

/**
 * Read a number that must be one.
 *
 * @throws RangeError it is none.
 */
export function decimal(text: string): Decimal {
  const value = parse(text);
  if (value === null) throw new RangeError(`no number: ${text}`);
  return value;
}

/** Give a power of ten. */
export function powerOfTen(exponent: number): Decimal {
  return exponent >= 0
    ? { units: 10n ** BigInt(exponent), places: 0 }
    : { units: 1n, places: -exponent };
}

export function add(one: Decimal, other: Decimal): Decimal {
  const places = Math.max(one.places, other.places);
  return { units: unitsAt(one, places) + unitsAt(other, places), places };
}

export function subtract(one: Decimal, other: Decimal): Decimal {
  return add(one, { units: -other.units, places: other.places });
}

export function multiply(one: Decimal, other: Decimal): Decimal {
  return { units: one.units * other.units, places: one.places + other.places };
}

/** Give what is left of a division, with the sign of the dividend. */
export function remainder(dividend: Decimal, divisor: Decimal): Decimal {
  const places = Math.max(dividend.places, divisor.places);
  return { units: unitsAt(dividend, places) % unitsAt(divisor, places), places };
}

/** Compare two numbers: negative, zero or positive, as the first is less, equal or more. */
export function compare(one: Decimal, other: Decimal): number {
  const { units } = subtract(one, other);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** Write a number in whole units of `10 ** -places`; finer digits must not be there. */
export function unitsAt(value: Decimal, places: number): bigint {
  return places >= value.places
    ? value.units * 10n ** BigInt(places - value.places)
    : value.units / 10n ** BigInt(value.places - places);
}

/** Write a number as people do: no exponent, no needless zeros. */
export function shown(value: Decimal): string {
  const sign = value.units < 0n ? "-" : "";
  const digits = `${value.units}`.replace("-", "").padStart(value.places + 1, "0");
  const whole = digits.slice(0, digits.length - value.places);
  const part = digits.slice(digits.length - value.places).replace(/0+$/, "");
  return part === "" ? sign + whole : `${sign}${whole}.${part}`;
}
