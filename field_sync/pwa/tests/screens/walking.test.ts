import fc from "fast-check";
import { expect, test } from "vitest";
import { found, goesOn, leftHere, next, scanned } from "../../src/screens/walking";
import { stop } from "./made";

const states = fc.array(fc.constantFrom("open", "read", "skipped"), {
  minLength: 1,
  maxLength: 40,
});
const walked = states.map((all) =>
  all.map((state, at) => stop({ sequence: at + 1, state: state as "open" })),
);

test("the next meter is open, and is not the one that one stands before", () => {
  fc.assert(
    fc.property(walked, fc.nat(), (stops, pick) => {
      const here = stops[pick % stops.length];
      const to = next(stops, here?.id ?? null);
      const others = stops.filter((each) => each.state === "open" && each.id !== here?.id);
      expect(to === null).toBe(others.length === 0);
      if (to !== null) expect(others).toContain(to);
    }),
  );
});

test("a whole route is walked by next alone", () => {
  fc.assert(
    fc.property(walked, (stops) => {
      let left = stops;
      for (let steps = 0; steps < stops.length; steps++) {
        const to = goesOn(left);
        if (to === null) break;
        left = left.map((each) => (each.id === to.id ? { ...each, state: "read" } : each));
      }
      expect(left.every((each) => each.state !== "open")).toBe(true);
    }),
  );
});

test("behind the last meter of a route it begins again at the first that was left out", () => {
  const stops = [
    stop({ sequence: 1 }),
    stop({ sequence: 2, state: "read" }),
    stop({ sequence: 3, state: "read" }),
  ];
  expect(next(stops, "s3")?.id).toBe("s1");
  expect(goesOn(stops)?.id).toBe("s1");
});

test("a search finds by serial, address and box, done meters too, whatever the width of letters", () => {
  const stops = [
    stop({ sequence: 1, serial: "A100200300", state: "read" }),
    stop({ sequence: 2, address: "海府路 12 号", box: "B7" }),
  ];
  const ids = (text: string) => found(stops, text, "open").map((each) => each.id);
  expect(ids("a1002")).toEqual(["s1"]);
  expect(ids("海府路１２号")).toEqual(["s2"]);
  expect(ids("b7")).toEqual(["s2"]);
  expect(ids("")).toEqual(["s2"]);
});

test("at a door one is told how many are left behind it", () => {
  const stops = [
    stop({ sequence: 1, box: "B1" }),
    stop({ sequence: 2, box: "B1" }),
    stop({ sequence: 3, box: "B1", state: "read" }),
    stop({ sequence: 4, box: "B2" }),
  ];
  const [here] = stops;
  expect(here && leftHere(stops, here).map((each) => each.id)).toEqual(["s2"]);
});

test("a scanned label finds its meter even where it says more than the serial", () => {
  const stops = [
    stop({ sequence: 1, serial: "100200300" }),
    stop({ sequence: 2, serial: "100200301" }),
  ];
  expect(scanned(stops, "100200301")?.id).toBe("s2");
  expect(scanned(stops, "CN*100200300*2024")?.id).toBe("s1");
  expect(scanned(stops, "100200300;100200301")).toBeNull();
  expect(scanned(stops, "12")).toBeNull();
});
