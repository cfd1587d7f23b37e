import fc from "fast-check";
import { expect, test } from "vitest";
import { type Place, parent, read, write } from "../../src/screens/places";

// Half a pair of letters cannot be written into an address.
const id = fc.string({ minLength: 1, unit: "grapheme" });
const deed = fc.constantFrom("check-in", "restore", "finish", "return", "note", "photo");
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom<Place>(
    { kind: "today" },
    { kind: "messages" },
    { kind: "sync" },
    { kind: "settings" },
    { kind: "map", id: null },
    { kind: "sign-in", login: "" },
  ),
  id.map((order): Place => ({ kind: "order", id: order })),
  fc
    .tuple(id, deed)
    .map(([order, what]): Place => ({ kind: "deed", id: order, deed: what as "note" })),
  id.map((route): Place => ({ kind: "route", id: route })),
  fc.tuple(id, id).map(([route, stop]): Place => ({ kind: "meter", id: route, stop })),
  id.map((route): Place => ({ kind: "found", id: route })),
  fc.tuple(id, id).map(([route, stop]): Place => ({ kind: "other-meter", id: route, stop })),
  id.map((order): Place => ({ kind: "map", id: order })),
  id.map((login): Place => ({ kind: "sign-in", login })),
  fc.nat({ max: 999_999_999 }).map((n): Place => ({ kind: "record", n })),
);

test("what is written is read back as the same place", () => {
  fc.assert(
    fc.property(place, (each) => {
      expect(read(write(each))).toEqual(each);
    }),
  );
});

test("whatever stands in the address is some place", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(read(`#${text}`).kind).toBeTypeOf("string");
    }),
  );
});

test("a login in the address of an enrolment is read as it was written", () => {
  expect(read("#login=li.wei%40north")).toEqual({ kind: "sign-in", login: "li.wei@north" });
  expect(read("#login=li%2")).toEqual({ kind: "sign-in", login: "li%2" });
});

test("an address that nobody knows is Today", () => {
  for (const hash of ["", "#", "#/", "#/nowhere", "#/order", "#/route/"]) {
    expect(read(hash)).toEqual({ kind: "today" });
  }
});

test("the five of the bar have nothing above them, everything else has", () => {
  const bar: Place["kind"][] = ["today", "map", "messages", "sync", "settings"];
  fc.assert(
    fc.property(place, (each) => {
      const isOfBar = bar.includes(each.kind) && !(each.kind === "map" && each.id !== null);
      expect(parent(each) === null).toBe(isOfBar);
    }),
  );
});
