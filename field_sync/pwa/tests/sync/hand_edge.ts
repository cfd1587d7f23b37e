/** A handheld's clocks that a test moves by hand, and chance from a seed. */

import type { Edge, Moment } from "../../src/clock";

export const START = new Date("2026-11-23T00:00:00.000Z");
const HOUR_MS = 3_600_000;
const MS_PER_S = 1000;

/** Chance from a seed (mulberry32): numbers from 0 up to, but not, 1. */
export function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Clocks that stand still until they are moved. */
export class HandEdge implements Edge {
  /** How far the wall clock is ahead of the truth. */
  fastS = 0;
  readonly #chance: () => number;
  readonly #boots: string;
  #boot = 1;
  #nowMs = START.getTime();
  #bootedMs = this.#nowMs - HOUR_MS;

  constructor({ seed = 0, boots = "boot" }: { seed?: number; boots?: string } = {}) {
    this.#chance = chanceFrom(seed);
    this.#boots = boots;
  }

  moment(): Moment {
    return {
      wall: new Date(this.#nowMs + this.fastS * MS_PER_S),
      monoMs: this.#nowMs - this.#bootedMs,
      boot: `${this.#boots}-${this.#boot}`,
    };
  }

  entropy(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => Math.floor(this.#chance() * 256));
  }

  advance(seconds: number): void {
    this.#nowMs += seconds * MS_PER_S;
  }

  reboot(): void {
    this.#boot += 1;
    this.#bootedMs = this.#nowMs;
  }
}
