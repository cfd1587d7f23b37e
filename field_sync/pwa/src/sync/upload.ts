/**
 * Resumable upload of one file (tus 1.0.0, core and creation with upload).
 *
 * The first chunk goes with the creation, so that a small file takes one request; after that the
 * server is asked where the bytes go on, and gets what is left. Every cut costs at most one chunk.
 */

import * as errors from "../errors";
import type { Store } from "../store/connection";
import type { Upload } from "../store/uploads";
import * as uploads from "../store/uploads";
import { type Heard, refusal, type Transport } from "./transport";

export const CHUNK_BYTES_MAX = 512_000;
/** Requests for one file in one go, whatever the server answers. */
export const MOVES_MAX = 1_000;
/** Requests in a row after which the server has no byte more. */
export const STILL_MAX = 6;
const VERSION = "1.0.0";
const MEDIA_TYPE = "application/offset+octet-stream";
const CREATED = 201;
const GONE: ReadonlySet<number> = new Set([404, 410]);
/** The chunk was cut, or another request moved the upload on: ask where it is. */
const ELSEWHERE: ReadonlySet<number> = new Set([400, 409, 412]);
const OFFSET = /^\d{1,15}$/;
const SPOILT = "file-hash-differs";

/** Told how many bytes of how many the server has. */
export type Told = (sentBytes: number, bytesMax: number) => void;

/** A file on its way: where its bytes lie, where they go, and who hears of it. */
interface Way {
  readonly store: Store;
  readonly line: Transport;
  readonly token: string;
  readonly bytes: ArrayBuffer;
  readonly told: Told;
}

/** A file as the store has it now, and how much of it the server has; null: ask for that. */
interface Place {
  readonly file: Upload;
  readonly offsetBytes: number | null;
}

/**
 * Send what the server does not have of a file yet; return when it has all of it.
 *
 * A file that was spoilt on its way is refused by its hash, and sent once more from the start.
 *
 * Throws `NoSignal` where the line broke (the next call goes on there), `TokenRefused`, `Revoked`,
 * `ServerRefused` where the server will not have this file, and `NotAFile` where its bytes are gone
 * from this handheld.
 */
export async function send(
  store: Store,
  line: Transport,
  { file, token, told }: { file: Upload; token: string; told: Told },
): Promise<void> {
  const bytes = await store.readFile(file.sha256);
  if (bytes === null) throw new errors.NotAFile({ path: file.sha256 });
  const way: Way = { store, line, token, bytes, told };
  try {
    await sendAll(way, file);
  } catch (error) {
    if (!(error instanceof errors.ServerRefused) || error.serverCode !== SPOILT) throw error;
    await sendAll(way, uploads.find(store.tables, { sha256: file.sha256 }) ?? file);
  }
}

/** Ask, send and ask again until the server has all of a file. */
async function sendAll(way: Way, begun: Upload): Promise<void> {
  let place: Place = { file: begun, offsetBytes: null };
  let farthest = -1;
  let still = 0;
  for (let moves = 0; moves < MOVES_MAX && still <= STILL_MAX; moves++) {
    still++;
    if (place.offsetBytes === null) place = await find(way, place.file);
    const { file, offsetBytes } = place;
    if (offsetBytes === null) {
      place = { file: await located(way, file, null), offsetBytes };
      continue;
    }
    if (offsetBytes > farthest) {
      farthest = offsetBytes;
      still = 0;
    }
    way.told(offsetBytes, file.sizeBytes);
    if (offsetBytes >= file.sizeBytes) return;
    place = { file, offsetBytes: await append(way, file, offsetBytes) };
  }
  throw new errors.NoSignal({ sha256: begun.sha256 });
}

/** Find where a file goes on; of one that the server never heard of, send the first chunk. */
async function find(way: Way, given: Upload): Promise<Place> {
  let file = given;
  if (file.location === null && !file.begun) {
    const begun = await begin(way, file);
    if (begun.offsetBytes !== null) return begun;
    file = begun.file;
  }
  if (file.location === null) file = await create(way, file);
  return { file, offsetBytes: await ask(way, file) };
}

/**
 * Open the upload with the first chunk; tell how far it is, or null if that must be asked for.
 *
 * If the line breaks, nobody knows what came: from then on the server is asked first.
 */
async function begin(way: Way, given: Upload): Promise<Place> {
  const { sha256 } = given;
  await way.store.writing((tables) => uploads.begin(tables, { sha256 }));
  const file: Upload = { ...given, begun: true };
  const heard = await opened(way, file, chunk(way, 0));
  if (ELSEWHERE.has(heard.status)) return { file, offsetBytes: null };
  const taken = await takenUp(way, file, heard);
  const isTold = heard.headers.has("Upload-Offset");
  return { file: taken, offsetBytes: isTold ? offsetOf(heard) : null };
}

/** Open the upload; the server gives the same place again for the same file. */
async function create(way: Way, file: Upload): Promise<Upload> {
  return takenUp(way, file, await opened(way, file, null));
}

/** Ask for an upload, with the first bytes or without. */
function opened(way: Way, file: Upload, content: Uint8Array<ArrayBuffer> | null): Promise<Heard> {
  const headers = {
    "Tus-Resumable": VERSION,
    "Upload-Length": String(file.sizeBytes),
    "Upload-Metadata": `sha256 ${btoa(file.sha256)}`,
    ...(content === null ? {} : { "Content-Type": MEDIA_TYPE }),
  };
  const { token } = way;
  return way.line.send({ method: "POST", path: "/v1/uploads", token, headers, content });
}

/** Remember the place that the server gave. */
function takenUp(way: Way, file: Upload, heard: Heard): Promise<Upload> {
  if (heard.status !== CREATED) throw refusal(heard, { signed: true });
  const location = heard.headers.get("Location") ?? "";
  if (!isOurs(location)) {
    throw new errors.AnswerUnreadable({ reason: "an upload on another host" });
  }
  return located(way, file, location);
}

async function located(way: Way, file: Upload, location: string | null): Promise<Upload> {
  const { sha256 } = file;
  await way.store.writing((tables) => uploads.locate(tables, { sha256, location }));
  const found = uploads.find(way.store.tables, { sha256 });
  if (found === null) throw new Error("files are never taken from the store while they wait");
  return found;
}

/** Ask how many bytes the server has; null if it does not know the upload any more. */
async function ask(way: Way, file: Upload): Promise<number | null> {
  const headers = { "Tus-Resumable": VERSION };
  const { token } = way;
  const heard = await way.line.send({ method: "HEAD", path: placeOf(file), token, headers });
  if (GONE.has(heard.status)) return null;
  if (!heard.ok) throw refusal(heard, { signed: true });
  return offsetOf(heard);
}

/** Send one chunk; give the new offset, or null if it must be asked for. */
async function append(way: Way, file: Upload, offsetBytes: number): Promise<number | null> {
  const heard = await way.line.send({
    method: "PATCH",
    path: placeOf(file),
    token: way.token,
    headers: {
      "Tus-Resumable": VERSION,
      "Upload-Offset": String(offsetBytes),
      "Content-Type": MEDIA_TYPE,
    },
    content: chunk(way, offsetBytes),
  });
  if (ELSEWHERE.has(heard.status) || GONE.has(heard.status)) return null;
  if (!heard.ok) throw refusal(heard, { signed: true });
  return offsetOf(heard);
}

/** Our token goes nowhere but to our server, however a browser reads an address. */
function isOurs(location: string): boolean {
  return /^\/[^/\\]/.test(location);
}

function placeOf(file: Upload): string {
  if (file.location === null) throw new Error("a file has a place before bytes are sent there");
  return file.location;
}

function offsetOf(heard: Heard): number {
  const raw = heard.headers.get("Upload-Offset") ?? "";
  if (!OFFSET.test(raw)) throw new errors.AnswerUnreadable({ reason: "no Upload-Offset" });
  return Number(raw);
}

function chunk(way: Way, offsetBytes: number): Uint8Array<ArrayBuffer> {
  const size = Math.min(CHUNK_BYTES_MAX, Math.max(way.bytes.byteLength - offsetBytes, 0));
  return new Uint8Array(way.bytes, Math.min(offsetBytes, way.bytes.byteLength), size);
}
