import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  compare,
  type Decimal,
  decimal,
  parse,
  remainder,
  shown,
} from "../../src/rules/decimal";
import type { Explanation } from "../../src/rules/flags";
import {
  advance,
  check,
  exchanged,
  fault,
  type Known,
  type Neighbour,
  type Register,
  range,
} from "../../src/rules/meter_reading";
import { cases } from "./vectors";

interface Display {
  readonly digits: number;
  readonly decimals: number;
  readonly multiplier: string;
}

interface FaultCase {
  readonly value: string;
  readonly digits: number;
  readonly decimals: number;
  readonly expect: string | null;
}

interface AdvanceCase extends Display {
  readonly previous: string;
  readonly current: string;
  readonly typical_kwh: string | null;
  readonly expect: {
    readonly units: string;
    readonly used_kwh: string;
    readonly rolled_over: boolean;
    readonly plausible: boolean;
  };
}

interface Facts {
  readonly previous: string | null;
  readonly previous_on: string | null;
  readonly typical_kwh: string | null;
  readonly low_kwh: string | null;
  readonly high_kwh: string | null;
  readonly active: boolean;
  readonly explained: readonly Explanation[];
}

interface Beside {
  readonly serial: string;
  readonly register: Display;
  readonly known: Facts;
  readonly total: string;
}

interface Asked {
  readonly known: Facts;
  readonly register: Display;
  readonly total: string;
  readonly tariffs: Readonly<Record<string, string>>;
  readonly neighbours?: readonly Beside[];
  readonly expect: readonly object[];
}

const REGISTER: fc.Arbitrary<Register> = fc.record({
  digits: fc.integer({ min: 1, max: 12 }),
  decimals: fc.integer({ min: 0, max: 3 }),
  multiplier: fc.constantFrom(decimal("1"), decimal("60"), decimal("0.1")),
});
/** A register with two values that it can show. */
const READ_TWICE = REGISTER.chain((register) =>
  fc.tuple(fc.constant(register), valueOn(register), valueOn(register)),
);

describe("the vectors", () => {
  test.each(cases<FaultCase>("meter_reading", "faults"))("fault: $name", (case_) => {
    const { digits, decimals } = case_;
    const register = { digits, decimals, multiplier: decimal("1") };
    expect(fault(parse(case_.value), register)).toBe(case_.expect);
  });

  test.each(cases<AdvanceCase>("meter_reading", "advances"))("advance: $name", (case_) => {
    const { previous, current, typical_kwh: typicalKwh } = case_;
    const moved = advance(
      decimal(previous),
      decimal(current),
      register(case_),
      optional(typicalKwh),
    );
    expect(shown(moved.units)).toBe(shown(decimal(case_.expect.units)));
    expect(shown(moved.usedKwh)).toBe(shown(decimal(case_.expect.used_kwh)));
    expect(moved.rolledOver).toBe(case_.expect.rolled_over);
    expect(moved.plausible).toBe(case_.expect.plausible);
  });

  test.each(cases<Asked>("meter_reading"))("prompts: $name", (case_) => {
    const tariffs = Object.entries(case_.tariffs).map(
      ([name, text]) => [name, decimal(text)] as const,
    );
    const asked = check(
      decimal(case_.total),
      new Map(tariffs),
      known(case_.known),
      register(case_.register),
      case_.neighbours?.map(neighbour),
    );
    expect(asked.map(({ code, numbers }) => ({ code, numbers }))).toEqual(case_.expect);
  });
});

test("an advance brings the register to its value", () => {
  fc.assert(
    fc.property(READ_TWICE, ([display, previous, current]) => {
      const moved = advance(previous, current, display);
      expect(moved.units.units >= 0n && compare(moved.units, range(display)) < 0).toBe(true);
      const arrived = remainder(add(previous, moved.units), range(display));
      expect(compare(arrived, current)).toBe(0);
      expect(moved.rolledOver).toBe(compare(current, previous) < 0);
    }),
  );
});

test("an exchange of digits undoes itself", () => {
  fc.assert(
    fc.property(READ_TWICE, ([display, value]) => {
      for (const other of exchanged(value, display)) {
        expect(fault(other, display)).toBeNull();
        expect(exchanged(other, display).some((back) => compare(back, value) === 0)).toBe(true);
      }
    }),
  );
});

test("no prompt tells what the reader should find", () => {
  const display: Register = { digits: 5, decimals: 0, multiplier: decimal("1") };
  const secrets = ["7701.117", "7702.117", "7703.117"] as const;
  const [lowKwh, typicalKwh, highKwh] = [
    decimal(secrets[0]),
    decimal(secrets[1]),
    decimal(secrets[2]),
  ];
  fc.assert(
    fc.property(valueOn(display), valueOn(display), valueOn(display), (previous, total, peak) => {
      const known: Known = {
        previous,
        previousOn: "2026-04-30",
        typicalKwh,
        lowKwh,
        highKwh,
        active: true,
        explained: new Set(),
      };
      for (const asked of check(total, new Map([["peak", peak]]), known, display)) {
        const told = asked.en + asked.zh + Object.values(asked.numbers).join("");
        expect(secrets.some((secret) => told.includes(secret))).toBe(false);
        expect(told).not.toContain("{");
      }
    }),
  );
});

function valueOn({ digits, decimals }: Register): fc.Arbitrary<Decimal> {
  return fc
    .bigInt({ min: 0n, max: 10n ** BigInt(digits + decimals) - 1n })
    .map((units) => ({ units, places: decimals }));
}

function register({ digits, decimals, multiplier }: Display): Register {
  return { digits, decimals, multiplier: decimal(multiplier) };
}

function known(facts: Facts): Known {
  return {
    previous: optional(facts.previous),
    previousOn: facts.previous_on,
    typicalKwh: optional(facts.typical_kwh),
    lowKwh: optional(facts.low_kwh),
    highKwh: optional(facts.high_kwh),
    active: facts.active,
    explained: new Set(facts.explained),
  };
}

function neighbour(beside: Beside): Neighbour {
  const { serial, total } = beside;
  const display = register(beside.register);
  return { serial, register: display, known: known(beside.known), total: decimal(total) };
}

function optional(text: string | null): Decimal | null {
  return text === null ? null : decimal(text);
}
