import { describe, expect, test } from "vitest";
import { type ActType, faultOf } from "../../src/field/form";
import type { OperationBodies } from "../../src/wire";
import { cases } from "../rules/vectors";

interface Case {
  readonly type: ActType;
  readonly body: object;
  readonly fill?: Readonly<Record<string, number>>;
  readonly kept: boolean;
}

test.each(cases<Case>("forms"))(
  "an act has its form where the vectors say so: $type, $name",
  (case_) => {
    const fault = faultOf(case_.type, filled(case_) as OperationBodies[ActType]);
    expect(fault === null).toBe(case_.kept);
  },
);

describe("a fault is named in a few words", () => {
  test.each([
    ["task.return", { reason: "x".repeat(2_001) }, "reason is longer than 2000 characters"],
    ["task.note", { text: "" }, "text is empty"],
    ["task.note", { text: "a\0" }, "text holds a NUL"],
    ["task.suspend", { reason: "flood", until: "tomorrow" }, "until is no instant"],
    ["reading.skip", { stop_id: "s 1", code: "dog" }, "stop_id does not have its form"],
    [
      "task.finish",
      { materials: Array(101).fill({ name: "fuse", quantity: 1 }) },
      "materials has more than 100",
    ],
    [
      "checkin.record",
      { fix: { lat_deg: Number.NaN, lon_deg: 110.32 } },
      "lat_deg is out of range",
    ],
  ] as const)("%s: %j", (type, body, fault) => {
    expect(faultOf<ActType>(type, body)).toBe(fault);
  });
});

/** Give a case's body, with as many letters in it as the case says. */
function filled({ body, fill = {} }: Case): object {
  const copy = structuredClone(body);
  for (const [path, chars] of Object.entries(fill)) {
    const above = path.split(".");
    const field = above.pop() ?? "";
    const place = above.reduce((at, name) => Reflect.get(at, name) as object, copy);
    Reflect.set(place, field, "x".repeat(chars));
  }
  return copy;
}
