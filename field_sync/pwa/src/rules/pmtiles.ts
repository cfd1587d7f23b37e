/**
 * PMTiles archives: where in the one file the picture of a tile lies.
 *
 * Bytes throughout; directories are given unpacked. Source: PMTiles specification, version 3.
 */

export const HEAD_BYTES = 127;
/** The specification has a directory lie in another at most so often. */
export const DEPTH_MAX = 4;
const MAGIC = "PMTiles";
const VERSION = 3;
const GZIP = 2;
/** Beyond it the numbers of tiles are no longer exact in a double. */
const ZOOM_MAX = 26;

/** A stretch of the archive. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** What the head of an archive says. */
export interface Head {
  readonly root: Stretch;
  readonly leavesOffset: number;
  readonly tilesOffset: number;
  readonly isPacked: boolean;
}

/** Tiles from `id` on share one picture; without a run the entry leads to another directory. */
export interface Entry extends Stretch {
  readonly id: number;
  readonly run: number;
}

/** The archive is none that we can read. */
export class Unreadable extends Error {}

/** Read the head. Throws `Unreadable`. */
export function readHead(bytes: Uint8Array): Head {
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (bytes.length < HEAD_BYTES || magic !== MAGIC || bytes[MAGIC.length] !== VERSION) {
    throw new Unreadable("no PMTiles archive of version 3");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (place: number) => Number(view.getBigUint64(place, true));
  return {
    root: { offset: at(8), length: at(16) },
    leavesOffset: at(40),
    tilesOffset: at(56),
    isPacked: view.getUint8(97) === GZIP,
  };
}

/** Read a directory; its entries are in the order of their ids. Throws `Unreadable`. */
export function readDirectory(bytes: Uint8Array): Entry[] {
  const next = numbersOf(bytes);
  const count = next();
  if (count > bytes.length) throw new Unreadable("a directory has more entries than bytes");
  let id = 0;
  const ids = Array.from({ length: count }, () => {
    id += next();
    return id;
  });
  const runs = Array.from(ids, next);
  const lengths = Array.from(ids, next);
  let endsAt = 0;
  return ids.map((each, place) => {
    const told = next();
    // Nothing is told of a stretch that follows the one before.
    const offset = told === 0 && place > 0 ? endsAt : told - 1;
    const length = lengths[place] ?? 0;
    endsAt = offset + length;
    return { id: each, run: runs[place] ?? 0, offset, length };
  });
}

/** Find the entry that a tile lies in, or that leads on to it. */
export function find(entries: readonly Entry[], id: number): Entry | null {
  let low = 0;
  let high = entries.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.id ?? Infinity) <= id) low = middle + 1;
    else high = middle - 1;
  }
  const entry = entries[high];
  if (entry === undefined) return null;
  return entry.run === 0 || id < entry.id + entry.run ? entry : null;
}

/**
 * Number a tile: along the Hilbert curve of its zoom, after all tiles of the zooms above; null where
 * there is no such tile.
 */
export function tileId(zoom: number, column: number, row: number): number | null {
  const side = 2 ** zoom;
  const inside = 0 <= column && column < side && 0 <= row && row < side;
  if (!inside || !(0 <= zoom && zoom <= ZOOM_MAX)) return null;
  let [x, y, place] = [column, row, (side * side - 1) / 3];
  for (let half = side / 2; half >= 1; half /= 2) {
    const right = (x & half) > 0 ? 1 : 0;
    const low = (y & half) > 0 ? 1 : 0;
    place += half * half * ((3 * right) ^ low);
    if (low === 0) {
      if (right === 1) [x, y] = [half - 1 - x, half - 1 - y];
      [x, y] = [y, x];
    }
  }
  return place;
}

/** Give the numbers of a directory one after another: seven bits a byte, the lowest first. */
function numbersOf(bytes: Uint8Array): () => number {
  let at = 0;
  return () => {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = bytes[at];
      if (byte === undefined) throw new Unreadable("a directory ends too early");
      at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new Unreadable("a number of a directory is too large");
  };
}
