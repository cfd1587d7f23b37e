/** Fetching the basemap: what it is, then piece by piece what is not here yet. */

import * as errors from "../errors";
import { PIECE_BYTES, piecesOf, type Shelf } from "../store/basemap";
import type { Basemap } from "../wire";
import { type Heard, refusal, type Transport } from "./transport";

const UNFIT = "basemap-unfit";
const PARTIAL = 206;

/** The line, and what gives the token to show on it: it may be renewed by the way. */
export interface Way {
  readonly line: Transport;
  /** Throws `TokenRefused` where there is none. */
  readonly token: () => string;
}

/** How far to go, and who hears of it. */
export interface Wish {
  readonly about: Basemap;
  readonly goesOn: () => boolean;
  readonly told: (pieces: number) => void;
}

/** Ask what basemap there is; null where there is none to be had. Throws as `Transport.sync`. */
export async function ask({ line, token }: Way): Promise<Basemap | null> {
  try {
    return (await line.basemap(token())).basemap ?? null;
  } catch (error) {
    if (error instanceof errors.ServerRefused && error.serverCode === UNFIT) return null;
    throw error;
  }
}

/**
 * Fetch what is missing of an archive, until all of it is here or the wish ends.
 *
 * Throws as `Transport.sync`, and `DiskFull`; what came until then is kept.
 */
export async function fetchRest(way: Way, shelf: Shelf, wish: Wish): Promise<void> {
  const { about, goesOn, told } = wish;
  await shelf.begin(about);
  const first = (await shelf.find())?.pieces ?? 0;
  told(first);
  for (let place = first; place < piecesOf(about) && goesOn(); place++) {
    await shelf.add(place, await fetched(way, about, place));
    told(place + 1);
  }
}

async function fetched({ line, token }: Way, about: Basemap, place: number): Promise<ArrayBuffer> {
  const from = place * PIECE_BYTES;
  const to = Math.min(from + PIECE_BYTES, about.size_bytes);
  const heard = await line.send({
    method: "GET",
    path: `/v1/basemap/${about.id}`,
    token: token(),
    headers: { Range: `bytes=${from}-${to - 1}` },
  });
  return pieceOf(heard, to - from);
}

/** Take a piece out of an answer; a proxy that knows no ranges gives no piece. */
function pieceOf(heard: Heard, length: number): ArrayBuffer {
  if (!heard.ok) throw refusal(heard, { signed: true });
  if (heard.status !== PARTIAL || heard.body.byteLength !== length) {
    const reason = `${heard.body.byteLength} bytes for ${length}`;
    throw new errors.AnswerUnreadable({ reason });
  }
  return heard.body.buffer;
}
