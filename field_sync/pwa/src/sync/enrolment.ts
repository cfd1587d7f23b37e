/** Whose handheld this is: enrolling it once, and signing in again when a session has ended. */

import type { Edge } from "../clock";
import * as errors from "../errors";
import { newId } from "../ids";
import type { Store } from "../store/connection";
import * as settings from "../store/settings";
import { Name } from "../store/settings";
import type { Enrolled, Tokens } from "../wire";
import * as exchange from "./exchange";
import { APP } from "./exchange";
import { type KeyStore, StoredKeys } from "./keys";
import { Prover } from "./proofs";
import type { Transport } from "./transport";

const NOT_FOUND = "not-found";
const BOUND = "DPoP";

/** What a person signs in with. */
export interface Login {
  readonly login: string;
  readonly password: string;
}

/** Who enrols a handheld, at which server, and what the office shall call it. */
export interface Asked {
  readonly server: string;
  readonly login: Login;
  readonly name: string;
  readonly keys?: KeyStore;
}

/** Who signs in again, and whether another key shall take the place of the one that it has. */
export interface AskedAgain {
  readonly login: Login;
  readonly keys?: KeyStore;
  readonly newKey?: boolean;
}

/**
 * Make this handheld a person's; begun anew after a lost answer, it is the same device.
 *
 * Throws `AlreadyEnrolled`, `Wiped`, `ServerRefused` where login or password is wrong or the person
 * may not, `NoSignal`, `DiskFull` and `KeyUnreadable`.
 */
export async function enrol(
  store: Store,
  line: Transport,
  edge: Edge,
  { server, login, name, keys = new StoredKeys(store) }: Asked,
): Promise<void> {
  requireNotWiped(store);
  const device = settings.find(store.tables, Name.DEVICE);
  if (device !== null) throw new errors.AlreadyEnrolled({ device });
  const id = settings.find(store.tables, Name.ENROLLING) ?? newId(edge);
  await store.writing((tables) => settings.put(tables, Name.ENROLLING, id));
  const handheld = new Handheld(line, edge, { keys, login, deviceId: id, name });
  const enrolled = await handheld.enrol(keys);
  await store.writing((tables) => {
    settings.put(tables, Name.SERVER, server);
    settings.put(tables, Name.DEVICE, enrolled.device_id);
    settings.put(tables, Name.DISTRICT, enrolled.district_id);
    settings.put(tables, Name.NAME, name);
    settings.put(tables, Name.ENROLLED_AT, edge.moment().wall.toISOString());
    settings.drop(tables, Name.ENROLLING);
    exchange.keepTokens(tables, enrolled.tokens);
  });
}

/**
 * Sign in again on an enrolled handheld.
 *
 * A server that was put back from a backup older than the enrolment does not know the device:
 * then it is enrolled anew under its own id and key, and what it keeps is told again.
 * A handheld that has lost its key, or is to have another, gets one where the office has allowed
 * it; begun anew after a lost answer, it is the same one.
 *
 * Throws `NotEnrolled`, `Wiped` (by then it has forgotten what the server said), `ServerRefused`
 * where login or password is wrong, the device is another person's, or the office has not allowed
 * another key; `NoSignal`, `DiskFull` and `KeyUnreadable`.
 */
export async function signIn(
  store: Store,
  line: Transport,
  edge: Edge,
  { login, keys = new StoredKeys(store), newKey = false }: AskedAgain,
): Promise<void> {
  requireNotWiped(store);
  const deviceId = settings.find(store.tables, Name.DEVICE);
  if (deviceId === null) throw new errors.NotEnrolled();
  const name = settings.find(store.tables, Name.NAME) ?? login.login;
  const handheld = new Handheld(line, edge, { keys, login, deviceId, name });
  try {
    const changes = newKey || (await keys.isChanging());
    const tokens = changes ? await handheld.changeKey() : await handheld.signIn();
    await store.writing((tables) => exchange.keepTokens(tables, tokens));
  } catch (error) {
    if (!(error instanceof errors.Revoked)) throw error;
    const notice = String(error.fields.notice_zh ?? "");
    await store.writing((tables) => exchange.wipe(tables, { notice }));
    throw new errors.Wiped({ notice }, { cause: error });
  }
}

/** A handheld and the person who signs in on it. */
class Handheld {
  readonly #line: Transport;
  readonly #edge: Edge;
  readonly #keys: KeyStore;
  readonly #login: Login;
  readonly #deviceId: string;
  readonly #name: string;

  constructor(
    line: Transport,
    edge: Edge,
    whose: { keys: KeyStore; login: Login; deviceId: string; name: string },
  ) {
    this.#line = line;
    this.#edge = edge;
    this.#keys = whose.keys;
    this.#login = whose.login;
    this.#deviceId = whose.deviceId;
    this.#name = whose.name;
  }

  /** Sign in with the key that it has; where the server does not know it, enrol it anew. */
  async signIn(): Promise<Tokens> {
    const tokens = await this.#signedIn();
    if (tokens === null) return (await this.enrol(this.#keys)).tokens;
    const isKeyless = tokens.token_type === BOUND && (await this.#keys.find()) === null;
    return isKeyless ? this.changeKey() : tokens;
  }

  /** Enrol it under its own id with its next key, and put that in the old one's place. */
  async changeKey(): Promise<Tokens> {
    const { tokens } = await this.enrol(await this.#keys.next(this.#edge));
    await this.#keys.change();
    return tokens;
  }

  /** Enrol it with a key, as its person, who signs in for it. */
  async enrol(keys: KeyStore): Promise<Enrolled> {
    const key = await keys.make(this.#edge);
    const proving = this.#line.proving(new Prover(keys, this.#edge));
    const { login, password } = this.#login;
    const person = await proving.signIn({ login, password });
    const asked = { id: this.#deviceId, name: this.#name, app: APP, key };
    return proving.enrol(asked, person.access_token);
  }

  /** Sign in on this device; null where the server does not know it. */
  async #signedIn(): Promise<Tokens | null> {
    const proving = this.#line.proving(new Prover(this.#keys, this.#edge));
    const { login, password } = this.#login;
    try {
      return await proving.signIn({ login, password, device_id: this.#deviceId });
    } catch (error) {
      if (error instanceof errors.ServerRefused && error.serverCode === NOT_FOUND) return null;
      throw error;
    }
  }
}

function requireNotWiped(store: Store): void {
  const notice = settings.find(store.tables, Name.WIPED);
  if (notice !== null) throw new errors.Wiped({ notice });
}
