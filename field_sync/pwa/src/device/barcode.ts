/** Barcodes by the phone's own detector, where it has one. */

interface Detected {
  readonly rawValue: string;
}

interface Detector {
  detect(source: CanvasImageSource): Promise<Detected[]>;
}

type DetectorMaker = new (options?: { formats: string[] }) => Detector;

/** What is printed on meters. */
const FORMATS = ["code_128", "code_39", "code_93", "ean_13", "itf", "qr_code", "data_matrix"];
const EVERY_MS = 250;

/** Tell whether this phone can read barcodes. */
export function canScan(): boolean {
  return maker() !== null && "mediaDevices" in navigator;
}

/**
 * Look through the back camera, shown in `video`, until a code is seen or somebody gives up.
 *
 * Throws a DOMException when the camera may not be used.
 */
export async function scan(video: HTMLVideoElement, until: AbortSignal): Promise<string | null> {
  const Maker = maker();
  if (Maker === null) return null;
  const detector = new Maker({ formats: FORMATS });
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment" },
  });
  try {
    video.srcObject = stream;
    await video.play();
    return await firstCode(detector, video, until);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
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

function maker(): DetectorMaker | null {
  const found = (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector;
  return found ?? null;
}
