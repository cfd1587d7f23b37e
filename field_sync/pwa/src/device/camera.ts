/**
 * Photos made small: turned upright, at most so long on a side, as JPEG.
 *
 * What is shrunk here is what is hashed, kept and sent; the camera's own file is let go, and what
 * it was is declared: its hash, its size, and what it said of itself. A photo that is small
 * already, or that this browser cannot read, goes as it is, and so do all where the district asks
 * for the camera's own.
 */

import type { Original, Originals } from "../wire";
import { claimsOf } from "./exif";

export const SIDE_PX_MAX = 2_048;
const QUALITY = 0.82;
/** Below this a photo is not worth touching: its own bytes are the better evidence. */
const SMALL_BYTES = 600_000;
const MEDIA_TYPE = "image/jpeg";

export interface Shot {
  readonly bytes: ArrayBuffer;
  /** What it was made smaller from; null where it is the camera's own file. */
  readonly original: Original | null;
  /** Whether it would have been made smaller, and could not be opened. */
  readonly unread: boolean;
}

/** Make a photo ready to be kept, as its district wishes. */
export async function shrink(file: Blob, originals: Originals): Promise<Shot> {
  const bytes = await file.arrayBuffer();
  const asItIs = { bytes, original: null, unread: false };
  const isSmall = file.size <= SMALL_BYTES && file.type === MEDIA_TYPE;
  if (isSmall || originals === "send") return asItIs;
  const drawn = await redrawn(file);
  if (drawn === null) return { ...asItIs, unread: true };
  if (drawn.size >= file.size) return asItIs;
  return {
    bytes: await drawn.arrayBuffer(),
    original: await originalOf(bytes, file.type),
    unread: false,
  };
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

/** Tell what is known of the camera's own file. */
export async function originalOf(bytes: ArrayBuffer, mediaType: string): Promise<Original> {
  const { cameraLocal, cameraOffset, latDeg, lonDeg } = claimsOf(bytes);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return {
    sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    size_bytes: bytes.byteLength,
    media_type: mediaType || "application/octet-stream",
    camera_local: cameraLocal,
    camera_offset: cameraOffset,
    lat_deg: latDeg,
    lon_deg: lonDeg,
  };
}

/** Draw a photo anew, upright; null where the browser cannot read it. */
async function redrawn(file: Blob): Promise<Blob | null> {
  let picture: ImageBitmap;
  try {
    // What the camera noted of its own turn is undone here, once.
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null; // a format of another make of phone, or larger than its memory
  }
  const size = fitted(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0, size.width, size.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob(resolve, MEDIA_TYPE, QUALITY));
}
