/** Codes as they are printed on meters, drawn into the frame of a camera. */

import BarcodeFormat from "@zxing/library/es2015/core/BarcodeFormat";
import QRCodeWriter from "@zxing/library/es2015/core/qrcode/QRCodeWriter";
import type { Frame } from "../../src/device/decoding";

/** Code 39: nine elements a letter, bars and gaps in turn, `1` is wide (ISO/IEC 16388). */
const LETTERS: Readonly<Record<string, string>> = {
  "0": "000110100",
  "1": "100100001",
  "2": "001100001",
  S: "001000110",
  N: "000010011",
  M: "101000010",
  "*": "010010100",
};
const NARROW_PX = 2;
const WIDE_PX = 5;

/** Print text as Code 39 across the middle of a frame. */
export function code39(text: string, { upsideDown = false } = {}): Frame {
  const bars: boolean[] = [];
  for (const letter of `*${text}*`) {
    const elements = LETTERS[letter] ?? "";
    for (const [at, wide] of [...elements].entries()) {
      bars.push(...Array<boolean>(wide === "1" ? WIDE_PX : NARROW_PX).fill(at % 2 === 0));
    }
    bars.push(...Array<boolean>(NARROW_PX).fill(false));
  }
  const line = upsideDown ? bars.reverse() : bars;
  const quiet = 40;
  return drawn(line.length + 2 * quiet, 120, (x, y) => {
    return y > 30 && y < 90 && (line[x - quiet] ?? false);
  });
}

/** Print text as a QR code. */
export function qr(text: string): Frame {
  const sidePx = 240;
  const made = new QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, sidePx, sidePx, new Map());
  return drawn(sidePx, sidePx, (x, y) => made.get(x, y));
}

/** Draw a frame, dark where it is said, on paper that is not quite white. */
export function drawn(
  width: number,
  height: number,
  isDark: (x: number, y: number) => boolean,
): Frame {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    const tone = isDark(at % width, Math.floor(at / width)) ? 30 : 225;
    data.set([tone, tone, tone - 10, 255], at * 4);
  }
  return { data, width, height };
}
