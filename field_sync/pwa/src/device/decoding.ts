/**
 * Barcodes read by ourselves, where the phone has no detector of its own: iPhones, and phones
 * without Google's services. Loaded only when somebody scans.
 *
 * It reads what is printed on meters: Code 128, 39 and 93, EAN-13, ITF and QR. Each reader is
 * taken by itself: the library whole is twice as large.
 */

import BinaryBitmap from "@zxing/library/es2015/core/BinaryBitmap";
import HybridBinarizer from "@zxing/library/es2015/core/common/HybridBinarizer";
import DecodeHintType from "@zxing/library/es2015/core/DecodeHintType";
import Exception from "@zxing/library/es2015/core/Exception";
import Code39Reader from "@zxing/library/es2015/core/oned/Code39Reader";
import Code93Reader from "@zxing/library/es2015/core/oned/Code93Reader";
import Code128Reader from "@zxing/library/es2015/core/oned/Code128Reader";
import EAN13Reader from "@zxing/library/es2015/core/oned/EAN13Reader";
import ITFReader from "@zxing/library/es2015/core/oned/ITFReader";
import QRCodeReader from "@zxing/library/es2015/core/qrcode/QRCodeReader";
import RGBLuminanceSource from "@zxing/library/es2015/core/RGBLuminanceSource";
import type { Detector } from "./barcode";

/** Larger frames only take longer. */
const WIDTH_PX_MAX = 960;
const HINTS = new Map<DecodeHintType, unknown>([[DecodeHintType.TRY_HARDER, true]]);
const READERS = [
  new Code128Reader(),
  new Code39Reader(),
  new Code93Reader(),
  new EAN13Reader(),
  new ITFReader(),
  new QRCodeReader(),
];

/** Pixels of a frame: red, green, blue and alpha of each. */
export interface Frame {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Make a detector that looks at frames of a video. */
export function makeDetector(): Detector {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return {
    detect: async (video) => {
      if (context === null || video.videoWidth === 0) return [];
      const scale = Math.min(WIDTH_PX_MAX / video.videoWidth, 1);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const text = decode(context.getImageData(0, 0, canvas.width, canvas.height));
      return text === null ? [] : [{ rawValue: text }];
    },
  };
}

/** Read the code in a frame; null where there is none. */
export function decode(frame: Frame): string | null {
  const source = new RGBLuminanceSource(greyOf(frame), frame.width, frame.height);
  const bitmap = new BinaryBitmap(new HybridBinarizer(source));
  for (const reader of READERS) {
    try {
      return reader.decode(bitmap, HINTS).getText();
    } catch (error) {
      if (!(error instanceof Exception)) throw error; // its own say only that it sees nothing
    }
  }
  return null;
}

/** Weigh the colours as the eye does (ITU-R BT.601). */
function greyOf({ data, width, height }: Frame): Uint8ClampedArray {
  const grey = new Uint8ClampedArray(width * height);
  for (let at = 0; at < grey.length; at++) {
    const [red = 0, green = 0, blue = 0] = [data[at * 4], data[at * 4 + 1], data[at * 4 + 2]];
    grey[at] = (red * 299 + green * 587 + blue * 114) / 1_000;
  }
  return grey;
}
