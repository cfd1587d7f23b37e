/** The stand-in's files, by tus 1.0.0: creation with upload, HEAD and PATCH. */

import { createHash } from "node:crypto";
import { bare, problem } from "./fake_answers";
import type { Answer, Request } from "./network";

/** Files that come; each upload is named by its file's hash. */
export class FakeUploads {
  /** What has come of each file. */
  readonly contents = new Map<string, Uint8Array>();
  /** The most that one request adds to a file. */
  chunkBytesMax = Number.POSITIVE_INFINITY;
  readonly #sizes = new Map<string, number>();

  /** Begin an upload, or keep what has come of it. */
  expect(sha256: string, sizeBytes: number): void {
    this.#sizes.set(sha256, sizeBytes);
    if (!this.contents.has(sha256)) this.contents.set(sha256, new Uint8Array());
  }

  /** Forget where uploads were, and what had come of them. */
  forget(): void {
    this.#sizes.clear();
    this.contents.clear();
  }

  /** Tell whether a file is here, and is the one that was declared. */
  has(sha256: string): boolean {
    return hashOf(this.contents.get(sha256) ?? new Uint8Array()) === sha256;
  }

  answer(request: Request): Answer {
    if (request.method === "POST") return this.#begin(request);
    const sha256 = request.url.pathname.split("/").at(-1) ?? "";
    if (!this.#sizes.has(sha256)) return problem(404, "not-found");
    if (request.method === "PATCH") {
      const offset = Number(request.headers.get("Upload-Offset"));
      if (offset !== this.#sizeOf(sha256)) return problem(409, "upload-offset");
      if (this.#add(sha256, request.content)) return problem(460, "file-hash-differs");
    }
    const headers = { "Upload-Offset": String(this.#sizeOf(sha256)) };
    return bare(request.method === "HEAD" ? 200 : 204, headers);
  }

  /** Answer a creation; the bytes that come with it count if they are the first. */
  #begin({ headers, content }: Request): Answer {
    const sha256 = atob((headers.get("Upload-Metadata") ?? "").replace("sha256 ", ""));
    this.expect(sha256, Number(headers.get("Upload-Length")));
    const place = { Location: `/v1/uploads/${sha256}` };
    if (!headers.has("Content-Type")) return bare(201, place);
    if (this.#sizeOf(sha256) === 0 && this.#add(sha256, content)) {
      return problem(460, "file-hash-differs");
    }
    return bare(201, { ...place, "Upload-Offset": String(this.#sizeOf(sha256)) });
  }

  /** Add bytes; tell whether the file is complete and not the one that was declared. */
  #add(sha256: string, content: Uint8Array): boolean {
    const had = this.contents.get(sha256) ?? new Uint8Array();
    this.contents.set(sha256, Buffer.concat([had, content.slice(0, this.chunkBytesMax)]));
    const isComplete = this.#sizeOf(sha256) >= (this.#sizes.get(sha256) ?? 0);
    const isSpoilt = isComplete && !this.has(sha256);
    if (isSpoilt) this.contents.set(sha256, new Uint8Array());
    return isSpoilt;
  }

  #sizeOf(sha256: string): number {
    return this.contents.get(sha256)?.byteLength ?? 0;
  }
}

function hashOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
