/**
 * The basemap on this phone: one archive in pieces of equal size, in a database of its own.
 *
 * It is no work: it can be fetched again, so it is forgotten without being asked after. A piece is
 * here whole or not at all, so that a download that was cut off goes on with the next one.
 */

import { type IDBPDatabase, openDB } from "idb";
import * as errors from "../errors";
import type { Basemap } from "../wire";

const NAME = "lamplighter-basemap";
const VERSION = 1;
const ABOUT = "about";
const PIECES = "pieces";
const KEPT = "kept";
/** Small enough to be fetched whole over a bad line, large enough that few are needed. */
export const PIECE_BYTES = 1_048_576;

/** An archive of which some pieces, or all, are here. */
export interface Kept {
  readonly about: Basemap;
  readonly pieces: number;
}

export class Shelf {
  readonly #database: IDBPDatabase;

  constructor(database: IDBPDatabase) {
    this.#database = database;
  }

  /** Tell which archive is here, and how many of its pieces. */
  async find(): Promise<Kept | null> {
    const about = (await this.#database.get(ABOUT, KEPT)) as Basemap | undefined;
    if (about === undefined) return null;
    return { about, pieces: await this.#database.count(PIECES) };
  }

  /** Begin to keep an archive; the pieces of another one are forgotten. */
  async begin(about: Basemap): Promise<void> {
    const kept = await this.find();
    if (kept?.about.id !== about.id) await this.forget();
    await this.#database.put(ABOUT, about, KEPT);
  }

  /** Keep the next piece. Throws `DiskFull` where there is no space. */
  async add(place: number, piece: ArrayBuffer): Promise<void> {
    try {
      await this.#database.put(PIECES, piece, place);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
      throw new errors.DiskFull({}, { cause: error });
    }
  }

  /** Forget the archive. */
  async forget(): Promise<void> {
    const transaction = this.#database.transaction([ABOUT, PIECES], "readwrite");
    await transaction.objectStore(ABOUT).clear();
    await transaction.objectStore(PIECES).clear();
    await transaction.done;
  }

  /** Read a stretch of the archive; null where a piece of it is not here. */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const first = Math.floor(offset / PIECE_BYTES);
    const last = Math.floor((offset + Math.max(length, 1) - 1) / PIECE_BYTES);
    const wanted = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const pieces = await Promise.all(wanted.map((place) => this.#database.get(PIECES, place)));
    const found = pieces.filter((piece): piece is ArrayBuffer => piece instanceof ArrayBuffer);
    if (found.length < pieces.length) return null;
    const joined = found.length === 1 ? found[0] : await new Blob(found).arrayBuffer();
    const from = offset - first * PIECE_BYTES;
    if (joined === undefined || from + length > joined.byteLength) return null;
    return new Uint8Array(joined, from, length);
  }

  close(): void {
    this.#database.close();
  }
}

/** Count the pieces of an archive. */
export function piecesOf(about: Basemap): number {
  return Math.ceil(about.size_bytes / PIECE_BYTES);
}

/** Open the shelf, which is empty at first. */
export async function openShelf(name = NAME): Promise<Shelf> {
  const database = await openDB(name, VERSION, {
    upgrade: (upgraded) => {
      upgraded.createObjectStore(ABOUT);
      upgraded.createObjectStore(PIECES);
    },
  });
  return new Shelf(database);
}
