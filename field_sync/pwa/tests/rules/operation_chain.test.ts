import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  extend,
  fingerprint,
  firstBreak,
  firstChanged,
  type Head,
  joint,
  type Link,
  NEW,
  START,
  statement,
  vouchedFrom,
} from "../../src/rules/operation_chain";
import { cases } from "./vectors";

interface JointCase {
  readonly head: Head;
  readonly link: Link;
  readonly expect: string;
}

const BODIES = fc.array(fc.string({ maxLength: 20 }), { maxLength: 8 });
const CHAIN = "operation_chain";

describe("the vectors", () => {
  test.each(cases<JointCase>(CHAIN))("joint: $name", (case_) => {
    expect(joint(case_.head, case_.link)).toBe(case_.expect);
  });

  test.each(cases<{ raw: string; expect: string }>(CHAIN, "fingerprints"))("$name", (case_) => {
    expect(fingerprint(case_.raw)).toBe(case_.expect);
    expect(fingerprint(new TextEncoder().encode(case_.raw))).toBe(case_.expect);
  });

  test.each(cases<{ device_id: string; head: Head; expect: string }>(CHAIN, "statements"))(
    "statement: $name",
    (case_) => {
      const written = statement(case_.device_id, case_.head);
      expect(new TextDecoder().decode(written)).toBe(case_.expect);
    },
  );

  test.each(cases<{ links: Link[]; head: Head; expect: number | null }>(CHAIN, "vouching"))(
    "vouching: $name",
    (case_) => {
      expect(vouchedFrom(case_.links, case_.head)).toBe(case_.expect);
    },
  );

  test.each(cases<{ previous: string; body: string; expect: string }>(CHAIN, "timeline"))(
    "timeline: $name",
    (case_) => {
      expect(extend(case_.previous, case_.body)).toBe(case_.expect);
    },
  );
});

test("a whole chain holds wherever it is taken up", () => {
  fc.assert(
    fc.property(BODIES, fc.integer({ min: 0, max: 8 }), (bodies, known) => {
      const links = chain(bodies);
      const last = links.slice(0, known).at(-1);
      expect(firstBreak(last ? { n: last.n, sha256: last.sha256 } : NEW, links)).toBeNull();
    }),
  );
});

test("a lost operation is a gap where it is missed", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 3, maxLength: 8 }), fc.nat(), (bodies, at) => {
      const links = chain(bodies);
      const lost = at % (links.length - 1);
      expect(firstBreak(NEW, links.toSpliced(lost, 1))).toEqual({ n: lost + 2, joint: "gap" });
    }),
  );
});

test("a phone restored from a copy is a fork", () => {
  const [first, second] = chain(["one", "two"]);
  const head = { n: first?.n ?? 0, sha256: fingerprint("another life") };
  expect(firstBreak(head, second ? [second] : [])).toEqual({ n: 2, joint: "fork" });
});

test("a changed moment of a timeline is named", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 8 }), fc.nat(), (bodies, at) => {
      let previous = START;
      const links = bodies.map((body): [string, string] => {
        previous = extend(previous, body);
        return [body, previous];
      });
      expect(firstChanged(links)).toBeNull();
      const place = at % links.length;
      const changed = links.map(([body, stored], each): [string, string] =>
        each === place ? [`${body}!`, stored] : [body, stored],
      );
      expect(firstChanged(changed)).toBe(place);
    }),
  );
});

function chain(bodies: readonly string[]): Link[] {
  let prev = START;
  return bodies.map((body, place) => {
    const link = { n: place + 1, prev, sha256: fingerprint(`${place + 1}${body}`) };
    prev = link.sha256;
    return link;
  });
}
