/** Evidence files: kept in the store by hash, and sent until the server has them. */

import * as errors from "../errors";
import type { Tables, Upload, UploadState } from "./rows";

export type { Upload, UploadState } from "./rows";

export const FILE_BYTES_MAX = 30_000_000;
/** Bytes of files that have arrived and stay here, in case that the server asks once more. */
export const ARRIVED_BYTES_MAX = 200_000_000;

const HEX = 16;
const ASCII_AT_BRAND = 4;
const BRAND_BYTES = 4;
const SIGNATURES: readonly (readonly [signature: string, mediaType: string])[] = [
  ["\u00ff\u00d8\u00ff", "image/jpeg"],
  ["\u0089PNG\r\n\u001a\n", "image/png"],
  ["%PDF-", "application/pdf"],
];
const BRANDS: Readonly<Record<string, string>> = {
  heic: "image/heic",
  heix: "image/heic",
  mif1: "image/heif",
};

/** A file whose bytes are to be kept. */
export interface Copied {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly bytes: ArrayBuffer;
}

/** Orders whose files wait: how many, and their bytes. */
export interface WaitingFiles {
  readonly subject: string;
  readonly files: number;
  readonly filesBytes: number;
}

/** Hash a file and tell what it is; it is kept when `add` is part of a write. Throws `FileTooLarge`. */
export async function copyIn(bytes: ArrayBuffer): Promise<Copied> {
  const sizeBytes = bytes.byteLength;
  if (sizeBytes > FILE_BYTES_MAX) {
    throw new errors.FileTooLarge({ size_bytes: sizeBytes, bytes_max: FILE_BYTES_MAX });
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(HEX).padStart(2, "0")).join("");
  return { sha256, sizeBytes, mediaType: mediaTypeOf(bytes), bytes };
}

/** Tell what a file is from its first bytes; its name proves nothing. */
export function mediaTypeOf(bytes: ArrayBuffer): string {
  const first = String.fromCharCode(...new Uint8Array(bytes, 0, Math.min(16, bytes.byteLength)));
  for (const [signature, mediaType] of SIGNATURES) {
    if (first.startsWith(signature)) return mediaType;
  }
  const brand = first.slice(ASCII_AT_BRAND + BRAND_BYTES, ASCII_AT_BRAND + 2 * BRAND_BYTES);
  if (first.startsWith("RIFF") && brand === "WEBP") return "image/webp";
  if (first.startsWith("ftyp", ASCII_AT_BRAND)) return BRANDS[brand] ?? "video/mp4";
  return "application/octet-stream";
}

/** Keep a file and queue it, in the caller's write; the same bytes are queued once. */
export function add(tables: Tables, { copied, n }: { copied: Copied; n: number }): void {
  const { sha256, sizeBytes, mediaType, bytes } = copied;
  const known = tables.uploads.get(sha256);
  if (known?.isHere) return;
  tables.addFile(sha256, bytes);
  const fresh: Upload = {
    sha256,
    sizeBytes,
    mediaType,
    n,
    state: "waiting",
    location: null,
    code: "",
    begun: false,
    isHere: true,
  };
  tables.uploads.put(sha256, known ? { ...known, isHere: true } : fresh);
}

/** Find a file by its hash. */
export function find(tables: Tables, { sha256 }: { sha256: string }): Upload | null {
  return tables.uploads.get(sha256) ?? null;
}

/**
 * Find the next file to send, of those that an operation up to `through` has declared.
 *
 * The server takes no file whose declaration it holds; that one waits with it.
 */
export function findNext(tables: Tables, { through }: { through: number }): Upload | null {
  return sendable(tables, through)[0] ?? null;
}

/** Find the next file to send of those whose place the server has named. */
export function findExpected(tables: Tables): Upload | null {
  return expected(tables)[0] ?? null;
}

/** List the files in the order of their operations. */
export function listAll(tables: Tables): Upload[] {
  return ordered(tables.uploads.all());
}

/** Count the files that the server does not have yet. */
export function countWaiting(tables: Tables): number {
  return tables.uploads.count("state", "waiting");
}

/** Count the files that the server does not have yet, and their bytes. */
export function weighWaiting(tables: Tables): { files: number; filesBytes: number } {
  let filesBytes = 0;
  for (const file of tables.uploads.in("state", "waiting")) filesBytes += file.sizeBytes;
  return { files: countWaiting(tables), filesBytes };
}

/** List the orders whose files wait, in the order of their operations. */
export function listWaitingBySubject(tables: Tables): WaitingFiles[] {
  const found = new Map<string, WaitingFiles>();
  for (const file of ordered(tables.uploads.in("state", "waiting"))) {
    const subject = tables.outbox.get(file.n)?.subject;
    if (subject === undefined) continue;
    const known = found.get(subject) ?? { subject, files: 0, filesBytes: 0 };
    const filesBytes = known.filesBytes + file.sizeBytes;
    found.set(subject, { subject, files: known.files + 1, filesBytes });
  }
  return [...found.values()];
}

/** Count the files that could be sent now. */
export function countSendable(tables: Tables, { through }: { through: number }): number {
  return sendable(tables, through).length;
}

/** Count the files that are to be sent of those whose place the server has named. */
export function countExpected(tables: Tables): number {
  return expected(tables).length;
}

/** Remember that bytes of a file are sent, before they are. */
export function begin(tables: Tables, { sha256 }: { sha256: string }): void {
  change(tables, sha256, { begun: true });
}

/** Remember where a file's bytes go on, or that the place is gone. */
export function locate(
  tables: Tables,
  { sha256, location }: { sha256: string; location: string | null },
): void {
  change(tables, sha256, { location });
}

/** Enter what became of a file; `code` tells why it was refused. */
export function settle(
  tables: Tables,
  { sha256, state, code = "" }: { sha256: string; state: UploadState; code?: string },
): void {
  change(tables, sha256, { state, code });
}

/** Queue a file again that was refused, because a person wants it so. */
export function retry(tables: Tables, { sha256 }: { sha256: string }): void {
  change(tables, sha256, { state: "waiting", code: "", location: null });
}

/**
 * Take over where files go on that the server still expects; it has the others.
 *
 * `places` tells where each goes on, by its hash. Where it expects `more` than it named, the
 * others wait.
 */
export function expect(
  tables: Tables,
  { places, more }: { places: ReadonlyMap<string, string>; more: boolean },
): void {
  for (const { sha256 } of ordered(tables.uploads.in("state", "waiting"))) {
    const place = places.get(sha256);
    if (place !== undefined || more) locate(tables, { sha256, location: place ?? null });
    else settle(tables, { sha256, state: "arrived" });
  }
}

/** Queue anew what we held for arrived and the server says it misses. */
export function askAgain(tables: Tables, { missing }: { missing: Iterable<string> }): void {
  for (const sha256 of missing) {
    if (tables.uploads.get(sha256)?.state !== "arrived") continue;
    change(tables, sha256, { state: "waiting", location: null });
  }
}

/** Let go of the bytes of files that arrived long ago, when those that are here take much room. */
export function prune(tables: Tables): void {
  const arrived = ordered(tables.uploads.in("state", "arrived")).filter((file) => file.isHere);
  let room = ARRIVED_BYTES_MAX;
  for (const file of arrived.reverse()) {
    room -= file.sizeBytes;
    if (room >= 0) continue;
    tables.dropFile(file.sha256);
    change(tables, file.sha256, { isHere: false });
  }
}

function sendable(tables: Tables, through: number): Upload[] {
  return ordered(tables.uploads.in("state", "waiting")).filter(
    (file) => file.n <= through && tables.outbox.get(file.n)?.status !== "held",
  );
}

function expected(tables: Tables): Upload[] {
  return ordered(tables.uploads.in("state", "waiting")).filter((file) => file.location !== null);
}

function ordered(files: Iterable<Upload>): Upload[] {
  return [...files].sort((one, other) => one.n - other.n);
}

function change(tables: Tables, sha256: string, what: Partial<Upload>): void {
  const file = tables.uploads.get(sha256);
  if (file !== undefined) tables.uploads.put(sha256, { ...file, ...what });
}
