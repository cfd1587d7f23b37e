/** Places in the app: typed routes, written in the address after `#`, read back from it. */

export type Deed =
  | "check-in"
  | "restore"
  | "finish"
  | "return"
  | "suspend"
  | "note"
  | "photo"
  | "consent"
  | "amend"
  | "promise"
  | "reagree";

export type Place =
  | { kind: "today" }
  | { kind: "order"; id: string }
  | { kind: "deed"; id: string; deed: Deed }
  | { kind: "route"; id: string }
  | { kind: "meter"; id: string; stop: string }
  | { kind: "found"; id: string }
  | { kind: "other-meter"; id: string; stop: string }
  | { kind: "map"; id: string | null }
  | { kind: "messages" }
  | { kind: "sync" }
  | { kind: "record"; n: number }
  | { kind: "settings" }
  | { kind: "sign-in"; login: string };

const DEEDS: readonly string[] = [
  "check-in",
  "restore",
  "finish",
  "return",
  "suspend",
  "note",
  "photo",
  "consent",
  "amend",
  "promise",
  "reagree",
];

/** Read a place from the address; what nobody knows is Today. */
export function read(hash: string): Place {
  const text = hash.replace(/^#/, "");
  if (text.startsWith("login=")) return { kind: "sign-in", login: decoded(text.slice(6)) };
  const parts = text.split("/").filter(Boolean).map(decoded);
  return readParts(parts) ?? { kind: "today" };
}

/** Write a place as an address, `#` included. */
export function write(place: Place): string {
  switch (place.kind) {
    case "today":
      return "#/";
    case "order":
      return path("order", place.id);
    case "deed":
      return path("order", place.id, place.deed);
    case "route":
      return path("route", place.id);
    case "meter":
      return path("route", place.id, place.stop);
    case "found":
      return path("found", place.id);
    case "other-meter":
      return path("other-meter", place.id, place.stop);
    case "map":
      return place.id === null ? path("map") : path("map", place.id);
    case "record":
      return path("sync", String(place.n));
    case "sign-in":
      return place.login ? `#login=${encodeURIComponent(place.login)}` : path("sign-in");
    case "messages":
    case "sync":
    case "settings":
      return path(place.kind);
  }
}

/** Name the place that "back" leads to; null on the five of the bar. */
export function parent(place: Place): Place | null {
  switch (place.kind) {
    case "order":
    case "route":
      return { kind: "today" };
    case "deed":
      return { kind: "order", id: place.id };
    case "meter":
    case "found":
      return { kind: "route", id: place.id };
    case "other-meter":
      return { kind: "meter", id: place.id, stop: place.stop };
    case "record":
      return { kind: "sync" };
    case "sign-in":
      return { kind: "sync" };
    case "map":
      return place.id === null ? null : { kind: "order", id: place.id };
    default:
      return null;
  }
}

function readParts([head, first, second]: string[]): Place | null {
  switch (head) {
    case "order":
      return first === undefined ? null : ofOrder(first, second);
    case "route":
      if (first === undefined) return null;
      return second === undefined
        ? { kind: "route", id: first }
        : { kind: "meter", id: first, stop: second };
    case "found":
      return first === undefined ? null : { kind: "found", id: first };
    case "other-meter":
      if (first === undefined || second === undefined) return null;
      return { kind: "other-meter", id: first, stop: second };
    case "map":
      return { kind: "map", id: first ?? null };
    case "sync":
      return /^\d{1,9}$/.test(first ?? "")
        ? { kind: "record", n: Number(first) }
        : { kind: "sync" };
    case "sign-in":
      return { kind: "sign-in", login: "" };
    case "messages":
    case "settings":
      return { kind: head };
    default:
      return null;
  }
}

function ofOrder(id: string, deed: string | undefined): Place {
  return isDeed(deed) ? { kind: "deed", id, deed } : { kind: "order", id };
}

function isDeed(word: string | undefined): word is Deed {
  return word !== undefined && DEEDS.includes(word);
}

function path(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // half an escape: somebody typed it
  }
}
