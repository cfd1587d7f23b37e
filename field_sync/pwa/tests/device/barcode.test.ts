import { afterEach, describe, expect, test, vi } from "vitest";
import { canScan, chooseDetector } from "../../src/device/barcode";
import { decode } from "../../src/device/decoding";
import { code39, drawn, qr } from "./printed";

afterEach(() => vi.unstubAllGlobals());

describe("a code in a frame is read", () => {
  test("from bars, either way up", () => {
    expect(decode(code39("SNM0012"))).toBe("SNM0012");
    expect(decode(code39("SNM0012", { upsideDown: true }))).toBe("SNM0012");
  });

  test("from a square", () => {
    expect(decode(qr("https://maker.example/m/SNM0012"))).toBe("https://maker.example/m/SNM0012");
  });

  test("and none where there is none", () => {
    expect(decode(drawn(200, 200, () => false))).toBeNull();
    expect(decode(drawn(200, 200, (x, y) => (x * 7 + y * 13) % 5 < 2))).toBeNull();
  });
});

describe("the phone's own detector", () => {
  const asked = vi.fn();
  function own(formats: readonly string[]) {
    return class {
      static getSupportedFormats = async () => formats;
      constructor(options: unknown) {
        asked(options);
      }
    };
  }

  test("is used where it knows what is printed on meters", async () => {
    const Own = own(["code_128", "code_39", "qr_code", "aztec"]);
    vi.stubGlobal("BarcodeDetector", Own);
    expect(await chooseDetector()).toBeInstanceOf(Own);
    expect(asked).toHaveBeenCalledWith({ formats: ["code_128", "code_39", "qr_code"] });
  });

  test.each([[[]], [["qr_code"]]])("is passed over where it knows only %j", async (formats) => {
    const Own = own(formats);
    vi.stubGlobal("BarcodeDetector", Own);
    vi.stubGlobal("document", { createElement: () => ({ getContext: () => null }) });
    const ours = await chooseDetector();
    expect(ours).not.toBeInstanceOf(Own);
    expect(await ours.detect({} as HTMLVideoElement)).toEqual([]);
  });
});

test("without a camera nobody is offered to scan", () => {
  vi.stubGlobal("navigator", {});
  expect(canScan()).toBe(false);
  vi.stubGlobal("navigator", { mediaDevices: {} });
  expect(canScan()).toBe(true);
});
