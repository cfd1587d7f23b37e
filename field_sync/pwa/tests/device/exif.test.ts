import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { originalOf } from "../../src/device/camera";
import { claimsOf } from "../../src/device/exif";

const FOLDER = new URL("../../../../tests/data/photos/", import.meta.url);
const NOTHING = { cameraLocal: null, cameraOffset: null, latDeg: null, lonDeg: null };

/** What exiftool reads in the photos, by the names of its columns. */
function truth(): Readonly<Record<string, string>>[] {
  const [head = "", ...rows] = readFileSync(new URL("truth.csv", FOLDER), "utf-8")
    .trim()
    .split("\n");
  const names = head.trim().split(",");
  return rows.map((row) => {
    const cells = row.trim().split(",");
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ""]));
  });
}

function photo(name: string): ArrayBuffer {
  return new Uint8Array(readFileSync(new URL(name, FOLDER))).buffer;
}

const JPEGS = truth().filter((row) => row.file?.endsWith(".jpg"));

test.each(JPEGS)("a real photo says what exiftool reads in it: $file", (row) => {
  const claims = claimsOf(photo(row.file ?? ""));
  const local = row.datetime_original?.replace(/^(\d+):(\d+):(\d+) /, "$1-$2-$3T");
  expect(claims.cameraLocal).toBe(local || null);
  expect(claims.cameraOffset).toBe(row.offset || null);
  for (const [said, known] of [
    [claims.latDeg, row.gps_lat],
    [claims.lonDeg, row.gps_lon],
  ] as const) {
    if (known) expect(said).toBeCloseTo(Number(known), 6);
    else expect(said).toBeNull();
  }
});

test("a photo of a format that is not read, and what is none, say nothing", () => {
  expect(claimsOf(photo("heic_IMG_5195.HEIC"))).toEqual(NOTHING);
  expect(claimsOf(new ArrayBuffer(0))).toEqual(NOTHING);
});

test("whatever becomes of its bytes, a photo is read or says nothing", () => {
  const whole = new Uint8Array(photo("jpg_mobile_HMD_Nokia_8.3_5G_small.jpg")).slice(0, 4_000);
  const spoilt = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40 });
  fc.assert(
    fc.property(spoilt, fc.nat(whole.length), (changes, end) => {
      const copy = whole.slice();
      for (const [at, byte] of changes) copy[at] = byte;
      const { latDeg, lonDeg } = claimsOf(copy.slice(0, end).buffer);
      expect(Math.abs(latDeg ?? 0)).toBeLessThanOrEqual(90);
      expect(Math.abs(lonDeg ?? 0)).toBeLessThanOrEqual(180);
    }),
    { numRuns: 500 },
  );
});

test("of the camera's own file its hash, its size and its claims are told", async () => {
  const bytes = photo("jpg_orientation_portrait_6.jpg");
  const original = await originalOf(bytes, "");
  expect(original.size_bytes).toBe(bytes.byteLength);
  expect(original.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(original.media_type).toBe("application/octet-stream");
});
