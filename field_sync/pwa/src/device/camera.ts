/**
 * Photos made small: turned upright, at most so long on a side, as JPEG.
 *
 * What is shrunk here is what is hashed, kept and sent; a photo that is small already, or that
 * this browser cannot read, goes as it is.
 */

export const SIDE_PX_MAX = 2_048;
const QUALITY = 0.82;
/** Below this a photo is not worth touching: its own bytes are the better evidence. */
const SMALL_BYTES = 600_000;
const MEDIA_TYPE = "image/jpeg";

export interface Shot {
  readonly bytes: ArrayBuffer;
  readonly mediaType: string;
}

/** Make a photo ready to be kept. */
export async function shrink(file: Blob): Promise<Shot> {
  const asItIs = async (): Promise<Shot> => ({
    bytes: await file.arrayBuffer(),
    mediaType: file.type || "application/octet-stream",
  });
  if (file.size <= SMALL_BYTES && file.type === MEDIA_TYPE) return asItIs();
  const drawn = await redrawn(file);
  return drawn !== null && drawn.size < file.size
    ? { bytes: await drawn.arrayBuffer(), mediaType: MEDIA_TYPE }
    : asItIs();
}

/** Work out the size of a photo whose longer side is at most `sideMax`. */
export function fitted(
  width: number,
  height: number,
  sideMax = SIDE_PX_MAX,
): { width: number; height: number } {
  const scale = Math.min(sideMax / Math.max(width, height), 1);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

/** Draw a photo anew, upright; null where the browser cannot read it. */
async function redrawn(file: Blob): Promise<Blob | null> {
  let picture: ImageBitmap;
  try {
    // What the camera noted of its own turn is undone here, once.
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null; // a format of another make of phone: its bytes are kept as they are
  }
  const size = fitted(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0, size.width, size.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob(resolve, MEDIA_TYPE, QUALITY));
}
