/** A key that signs nothing, for worlds in which nobody looks at signatures: it costs no time. */

import type { KeyStore } from "../../src/sync/keys";
import type { DeviceKey } from "../../src/wire";

const KEY: DeviceKey = { kty: "EC", crv: "P-256", x: "x".repeat(43), y: "y".repeat(43) };

export const PAPER_KEYS: KeyStore = {
  make: async () => KEY,
  find: async () => KEY,
  sign: async () => "s".repeat(86),
  isChanging: async () => false,
  next: async () => PAPER_KEYS,
  change: async () => {},
};
