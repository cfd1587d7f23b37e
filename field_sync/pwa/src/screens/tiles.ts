/** The pictures of the basemap that this phone keeps, for the map; in the map's own chunk. */

import * as leaflet from "leaflet";
import {
  DEPTH_MAX,
  type Entry,
  find,
  HEAD_BYTES,
  type Head,
  readDirectory,
  readHead,
  type Stretch,
  tileId,
  Unreadable,
} from "../rules/pmtiles";
import { piecesOf, type Shelf } from "../store/basemap";
import type { Basemap } from "../wire";

/** Reads a stretch of the archive; null where it is not here. */
export type Read = (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer> | null>;

/** Directories that are kept unpacked; each names some thousand tiles. */
const DIRECTORIES_MAX = 32;
/** Farther in, the last pictures are shown larger. */
const ZOOM_MAX = 20;

/** An open archive. */
export class Tiles {
  readonly about: Basemap;
  readonly #read: Read;
  readonly #head: Head;
  /** By their place in the archive, the latest used last. */
  readonly #directories = new Map<number, Promise<Entry[]>>();

  constructor(about: Basemap, read: Read, head: Head) {
    this.about = about;
    this.#read = read;
    this.#head = head;
  }

  /** Find the picture of a tile; null where there is none. */
  async picture(zoom: number, column: number, row: number): Promise<Blob | null> {
    const id = tileId(zoom, column, row);
    const found = id === null ? null : await this.#stretchOf(id);
    if (found === null) return null;
    const bytes = await this.#read(this.#head.tilesOffset + found.offset, found.length);
    return bytes === null ? null : new Blob([bytes], { type: `image/${this.about.format}` });
  }

  async #stretchOf(id: number): Promise<Stretch | null> {
    let { offset, length } = this.#head.root;
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      const entry = find(await this.#directory(offset, length), id);
      if (entry === null || entry.run > 0) return entry;
      offset = this.#head.leavesOffset + entry.offset;
      length = entry.length;
    }
    return null;
  }

  #directory(offset: number, length: number): Promise<Entry[]> {
    const known = this.#directories.get(offset) ?? this.#opened(offset, length);
    this.#directories.delete(offset);
    this.#directories.set(offset, known);
    for (const oldest of this.#directories.keys()) {
      if (this.#directories.size <= DIRECTORIES_MAX) break;
      this.#directories.delete(oldest);
    }
    return known;
  }

  async #opened(offset: number, length: number): Promise<Entry[]> {
    const bytes = await this.#read(offset, length);
    if (bytes === null) throw new Unreadable("a directory is not here");
    return readDirectory(this.#head.isPacked ? await unpacked(bytes) : bytes);
  }
}

/** Open an archive. Throws `Unreadable` where it is none. */
export async function openTiles(about: Basemap, read: Read): Promise<Tiles> {
  const head = await read(0, HEAD_BYTES);
  if (head === null) throw new Unreadable("its head is not here");
  return new Tiles(about, read, readHead(head));
}

/** The ground of the map, and whom its makers want named. */
export interface Ground {
  readonly layer: leaflet.GridLayer;
  readonly source: string;
}

/** Make the ground of what is kept on a shelf; null where that is not a whole archive. */
export async function groundOf(shelf: Shelf): Promise<Ground | null> {
  const kept = await shelf.find();
  if (kept === null || kept.pieces < piecesOf(kept.about)) return null;
  const tiles = await openTiles(kept.about, (offset, length) => shelf.read(offset, length));
  return { layer: layerOf(tiles), source: kept.about.attribution ?? "" };
}

/** Make the layer that draws an archive beneath everything else. */
function layerOf(tiles: Tiles): leaflet.GridLayer {
  const { zoom_min, zoom_max, south_deg, west_deg, north_deg, east_deg } = tiles.about;
  return new Pictures(tiles, {
    minNativeZoom: zoom_min,
    maxNativeZoom: zoom_max,
    maxZoom: ZOOM_MAX,
    bounds: [
      [south_deg, west_deg],
      [north_deg, east_deg],
    ],
  });
}

class Pictures extends leaflet.GridLayer {
  readonly #tiles: Tiles;

  constructor(tiles: Tiles, options: leaflet.GridLayerOptions) {
    super(options);
    this.#tiles = tiles;
  }

  override createTile(at: leaflet.Coords, done: leaflet.DoneCallback): HTMLElement {
    const picture = document.createElement("img");
    picture.alt = "";
    void this.#tiles
      .picture(at.z, at.x, at.y)
      .then((found) => found && shown(picture, found))
      .then(
        () => done(undefined, picture),
        (error: unknown) => done(error as Error, picture),
      );
    return picture;
  }
}

async function shown(picture: HTMLImageElement, bytes: Blob): Promise<void> {
  picture.src = URL.createObjectURL(bytes);
  try {
    await picture.decode();
  } finally {
    URL.revokeObjectURL(picture.src);
  }
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
