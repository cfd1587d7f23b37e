/** Barcodes through the back camera: by the phone's own detector, or by ours where it has none. */

interface Detected {
  readonly rawValue: string;
}

export interface Detector {
  detect(source: HTMLVideoElement): Promise<Detected[]>;
}

interface DetectorMaker {
  new (options?: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** What is printed on meters. */
const FORMATS = ["code_128", "code_39", "code_93", "ean_13", "itf", "qr_code", "data_matrix"];
/** A phone whose own detector lacks one of these reads better by ours. */
const NEEDED = ["code_128", "code_39", "qr_code"];
const EVERY_MS = 250;

/** Tell whether this phone has a camera that pages may use. */
export function canScan(): boolean {
  return "mediaDevices" in navigator;
}

/**
 * Look through the back camera, shown in `video`, until a code is seen or somebody gives up.
 *
 * Throws a DOMException when the camera may not be used.
 */
export async function scan(video: HTMLVideoElement, until: AbortSignal): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment" },
  });
  try {
    video.srcObject = stream;
    await video.play();
    return await firstCode(await chooseDetector(), video, until);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

/** Choose the phone's own detector where it knows what is printed on meters, else ours. */
export async function chooseDetector(): Promise<Detector> {
  const Maker = (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector;
  const known = (await Maker?.getSupportedFormats().catch(() => [])) ?? [];
  if (Maker !== undefined && NEEDED.every((format) => known.includes(format))) {
    return new Maker({ formats: FORMATS.filter((format) => known.includes(format)) });
  }
  const { makeDetector } = await import("./decoding");
  return makeDetector();
}

async function firstCode(
  detector: Detector,
  video: HTMLVideoElement,
  until: AbortSignal,
): Promise<string | null> {
  while (!until.aborted) {
    const [code] = await detector.detect(video).catch((): Detected[] => []); // a frame too early
    if (code !== undefined && code.rawValue !== "") return code.rawValue;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  return null;
}
