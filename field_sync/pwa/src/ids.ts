/** New identifiers: UUIDv7 (RFC 9562), made on the handheld before anything is sent. */

import type { Edge } from "./clock";

const RANDOM_BYTES = 10;
const WALL_BYTES = 6;
const VERSION = 0x70;
const VARIANT = 0x80;

/** Make a UUIDv7 in lower case from the edge's wall clock and chance. */
export function newId(edge: Edge): string {
  const bytes = new Uint8Array(WALL_BYTES + RANDOM_BYTES);
  const view = new DataView(bytes.buffer);
  const wallMs = edge.moment().wall.getTime();
  view.setUint16(0, Math.floor(wallMs / 2 ** 32));
  view.setUint32(2, wallMs % 2 ** 32);
  bytes.set(edge.entropy(RANDOM_BYTES), WALL_BYTES);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | VERSION;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | VARIANT;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
