/**
 * What a camera wrote into a JPEG of itself: its wall clock, the zone that it names, its place.
 *
 * It is a claim, not a proof: anybody can write it. It is read before a photo is made smaller,
 * because the smaller one does not have it. Whatever is not as it should be is left out.
 * Source: CIPA DC-008 (Exif 2.32), TIFF 6.0.
 */

export interface Claims {
  /** The camera's wall clock as it stands: `2026-11-23T10:31:00`. */
  readonly cameraLocal: string | null;
  /** The zone that the camera names: `+08:00`. */
  readonly cameraOffset: string | null;
  readonly latDeg: number | null;
  readonly lonDeg: number | null;
}

const NOTHING: Claims = { cameraLocal: null, cameraOffset: null, latDeg: null, lonDeg: null };
/** Cameras write it at the beginning; looking farther would only cost time. */
const LOOK_BYTES_MAX = 256_000;
const ENTRIES_MAX = 512;
const TAG = {
  exif: 0x8769,
  gps: 0x8825,
  original: 0x9003,
  offset: 0x9011,
  latRef: 1,
  lat: 2,
  lonRef: 3,
  lon: 4,
} as const;
const ASCII = 2;
const LONG = 4;
const RATIONAL = 5;
/** Some makers write their degrees so, though the standard does not. */
const SIGNED_RATIONAL = 10;

/** Read what a photo says of itself. */
export function claimsOf(bytes: ArrayBuffer): Claims {
  try {
    const tiff = findTiff(new DataView(bytes, 0, Math.min(bytes.byteLength, LOOK_BYTES_MAX)));
    return tiff === null ? NOTHING : claimed(tiff);
  } catch (error) {
    if (error instanceof RangeError) return NOTHING; // it points beyond its own end
    throw error;
  }
}

/** Find the TIFF structure in the first APP1 segment that holds one. */
function findTiff(jpeg: DataView): DataView | null {
  if (jpeg.byteLength < 4 || jpeg.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 4 <= jpeg.byteLength && jpeg.getUint8(at) === 0xff) {
    const marker = jpeg.getUint8(at + 1);
    const size = jpeg.getUint16(at + 2);
    if (marker === 0xda || size < 2) return null;
    const isExif = marker === 0xe1 && size >= 16 && jpeg.getUint32(at + 4) === 0x45786966;
    if (isExif)
      return new DataView(jpeg.buffer, at + 10, Math.min(size - 8, jpeg.byteLength - at - 10));
    at += 2 + size;
  }
  return null;
}

function claimed(tiff: DataView): Claims {
  const isLittle = tiff.getUint16(0) === 0x4949;
  const main = entriesAt(tiff, tiff.getUint32(4, isLittle), isLittle);
  const exif = below(tiff, main, TAG.exif, isLittle);
  const gps = below(tiff, main, TAG.gps, isLittle);
  const offset = textOf(tiff, exif.get(TAG.offset)) ?? "";
  const latDeg = degreesOf(tiff, gps.get(TAG.lat), textOf(tiff, gps.get(TAG.latRef)), isLittle);
  const lonDeg = degreesOf(tiff, gps.get(TAG.lon), textOf(tiff, gps.get(TAG.lonRef)), isLittle);
  const hasPlace = latDeg !== null && lonDeg !== null && Math.abs(latDeg) <= 90;
  return {
    cameraLocal: localOf(textOf(tiff, exif.get(TAG.original)) ?? ""),
    cameraOffset: /^[+-]\d{2}:\d{2}$/.test(offset) ? offset : null,
    latDeg: hasPlace ? latDeg : null,
    lonDeg: hasPlace && Math.abs(lonDeg) <= 180 ? lonDeg : null,
  };
}

/** An entry of a directory: its type, how many values, and where they lie. */
interface Entry {
  readonly type: number;
  readonly count: number;
  readonly at: number;
}

const WIDTHS: Readonly<Record<number, number>> = { [ASCII]: 1, [LONG]: 4, [RATIONAL]: 8 };

function entriesAt(tiff: DataView, at: number, isLittle: boolean): ReadonlyMap<number, Entry> {
  const found = new Map<number, Entry>();
  const count = Math.min(tiff.getUint16(at, isLittle), ENTRIES_MAX);
  for (let number = 0; number < count; number++) {
    const here = at + 2 + number * 12;
    const type = tiff.getUint16(here + 2, isLittle);
    const values = tiff.getUint32(here + 4, isLittle);
    const isInline = (WIDTHS[type] ?? Infinity) * values <= 4;
    const where = isInline ? here + 8 : tiff.getUint32(here + 8, isLittle);
    found.set(tiff.getUint16(here, isLittle), { type, count: values, at: where });
  }
  return found;
}

/** Read the directory that an entry points to; an empty one where there is none. */
function below(
  tiff: DataView,
  entries: ReadonlyMap<number, Entry>,
  tag: number,
  isLittle: boolean,
): ReadonlyMap<number, Entry> {
  const pointer = entries.get(tag);
  if (pointer?.type !== LONG) return new Map();
  return entriesAt(tiff, tiff.getUint32(pointer.at, isLittle), isLittle);
}

function textOf(tiff: DataView, entry: Entry | undefined): string | null {
  if (entry?.type !== ASCII || entry.count > 64) return null;
  const letters = Array.from({ length: entry.count }, (_, at) => tiff.getUint8(entry.at + at));
  return String.fromCharCode(...letters)
    .replace(/\0.*$/s, "")
    .trim();
}

/** `2026:11:23 10:31:00` is how cameras write it. */
function localOf(text: string): string | null {
  const found = /^(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text);
  if (found === null || found[1] === "0000") return null;
  const [, year, month, day, time] = found;
  return `${year}-${month}-${day}T${time}`;
}

function degreesOf(
  tiff: DataView,
  entry: Entry | undefined,
  side: string | null,
  isLittle: boolean,
): number | null {
  if (entry === undefined || entry.count !== 3 || side === null) return null;
  if (entry.type !== RATIONAL && entry.type !== SIGNED_RATIONAL) return null;
  const [degrees = 0, minutes = 0, seconds = 0] = [0, 8, 16].map((step) => {
    const at = entry.at + step;
    return tiff.getInt32(at, isLittle) / tiff.getInt32(at + 4, isLittle);
  });
  const value = degrees + minutes / 60 + seconds / 3_600;
  if (!Number.isFinite(value)) return null;
  return Math.round((side === "S" || side === "W" ? -value : value) * 1e7) / 1e7;
}
