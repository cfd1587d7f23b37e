/**
 * The handheld's outermost edge: the one place where it reads clocks and draws chance.
 *
 * Everything inside takes a `Moment` or an `Edge` as an argument; tests move theirs by hand.
 */

/** What the handheld's clocks say at one instant. */
export interface Moment {
  /** The wall clock; somebody may have set it wrong. */
  readonly wall: Date;
  /** A clock that nobody can set, in whole milliseconds since the boot began. */
  readonly monoMs: number;
  /** Names the boot that `monoMs` counts from. */
  readonly boot: string;
}

/** What a handheld knows of the world without asking anybody: its clocks and chance. */
export interface Edge {
  moment(): Moment;
  /** Draw `count` random bytes. */
  entropy(count: number): Uint8Array<ArrayBuffer>;
}

/** The clocks that a page can read, in milliseconds. */
export interface Clocks {
  wallMs(): number;
  monoMs(): number;
}

/** How far the clocks of one boot may come apart at once: they are read with so much blur. */
export const APART_MS = 250;
/** And per millisecond that goes by: what an oscillator may err (`rules/event_time`, drift). */
export const DRIFT = 1e-4;

const BOOT_BYTES = 16;
const HEX = 16;

/**
 * The clocks and the chance of the browser that this runs in.
 *
 * A page's monotonic clock may stand still while the phone sleeps, and the protocol wants one that
 * counts sleep. So a boot lasts only while both clocks go together: when the wall clock has gone
 * elsewhere, the phone slept or somebody set its clock, and nobody here can tell which. Then a new
 * boot begins, whose acts the server places by the wall clock as it does after a real one.
 */
export class Machine implements Edge {
  readonly #clocks: Clocks;
  #boot: string;
  /** Both clocks at the boot's beginning. */
  #began: { readonly wallMs: number; readonly monoMs: number };

  constructor(clocks: Clocks = PAGE) {
    this.#clocks = clocks;
    this.#boot = this.#newBoot();
    this.#began = this.#read();
  }

  moment(): Moment {
    const now = this.#read();
    const gone = now.monoMs - this.#began.monoMs;
    const apart = now.wallMs - this.#began.wallMs - gone;
    if (Math.abs(apart) > APART_MS + DRIFT * gone) {
      this.#boot = this.#newBoot();
      this.#began = now;
    }
    return { wall: new Date(now.wallMs), monoMs: now.monoMs, boot: this.#boot };
  }

  entropy(count: number): Uint8Array<ArrayBuffer> {
    return crypto.getRandomValues(new Uint8Array(count));
  }

  #read(): { readonly wallMs: number; readonly monoMs: number } {
    return {
      wallMs: Math.floor(this.#clocks.wallMs()),
      monoMs: Math.floor(this.#clocks.monoMs()),
    };
  }

  #newBoot(): string {
    const bytes = this.entropy(BOOT_BYTES);
    return Array.from(bytes, (byte) => byte.toString(HEX).padStart(2, "0")).join("");
  }
}

const PAGE: Clocks = { wallMs: () => Date.now(), monoMs: () => performance.now() };
