/** What a crew may correct on an order, merged by the same rule at both ends. */

import type { Amended, Position, PositionAmended, WorkSite } from "../wire";
import { type Merged, OVERTAKEN, value, words } from "./merge";

export const TEXT_CHARS_MAX = 2_000;

/** A field that a crew may correct. */
export type Field = "contact" | "note" | "access_note" | "position";

/** What an order says of itself that a crew may correct. */
export interface Facts {
  readonly contact: string;
  readonly note: string;
  readonly site: WorkSite | null;
}

/** How each named field came about. */
export interface MergedFields {
  readonly position?: Merged<Position | null>;
  readonly contact?: Merged<string>;
  readonly note?: Merged<string>;
  readonly access_note?: Merged<string>;
}

/** An order's facts after a correction, and how each named field came about. */
export interface Amendment {
  readonly facts: Facts;
  readonly merged: MergedFields;
}

/**
 * Merge a crew's corrections into what an order says now.
 *
 * @param radiusM how near is near enough at a site that gets its first position.
 */
export function amend(
  now: Facts,
  body: Amended,
  { radiusM }: { readonly radiusM: number },
): Amendment {
  const position = body.position ? mergedPosition(body.position, now.site) : null;
  const site =
    position?.way === "set" && body.position
      ? siteAt(now.site, body.position.set, { radiusM })
      : now.site;
  const contact = mergedWords(body.contact, now.contact);
  const note = mergedWords(body.note, now.note);
  const said = mergedWords(body.access_note, now.site?.access_note ?? "");
  const accessNote: Merged<string> | null = said && !site ? { way: "kept", value: "" } : said;
  return {
    facts: {
      contact: contact?.value ?? now.contact,
      note: note?.value ?? now.note,
      site: site && accessNote ? { ...site, access_note: accessNote.value } : site,
    },
    merged: {
      ...(position && { position }),
      ...(contact && { contact }),
      ...(note && { note }),
      ...(accessNote && { access_note: accessNote }),
    },
  };
}

/** List the fields that the office had changed meanwhile. */
export function overtaken({ merged }: Amendment): Field[] {
  const fields: readonly Field[] = ["position", "contact", "note", "access_note"];
  return fields.filter((name) => {
    const way = merged[name]?.way;
    return way !== undefined && OVERTAKEN.has(way);
  });
}

/** Give the point that a site is; a shape on the ground has none. */
export function positionOf(site: WorkSite | null): Position | null {
  const coordinates = site?.geometry.type === "Point" ? site.geometry.coordinates : null;
  if (!site || !Array.isArray(coordinates) || coordinates.length !== 2) return null;
  const [lonDeg, latDeg]: unknown[] = coordinates;
  if (typeof lonDeg !== "number" || typeof latDeg !== "number") return null;
  return { lat_deg: latDeg, lon_deg: lonDeg, datum: site.datum };
}

/** Put a site at a point; its words stay. `radiusM` counts where there was no site. */
export function siteAt(
  site: WorkSite | null,
  position: Position,
  { radiusM }: { readonly radiusM: number },
): WorkSite {
  const geometry = { type: "Point", coordinates: [position.lon_deg, position.lat_deg] };
  const datum = position.datum ?? "wgs84";
  if (site) return { ...site, geometry, datum };
  return { geometry, datum, radius_m: radiusM, address: "", access_note: "" };
}

/** Tell whether two positions are the same; both may be none. */
export function samePosition(one: Position | null, other: Position | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.lat_deg === other.lat_deg &&
    one.lon_deg === other.lon_deg &&
    (one.datum ?? "wgs84") === (other.datum ?? "wgs84")
  );
}

function mergedWords(text: Amended["note"], now: string): Merged<string> | null {
  if (!text) return null;
  return words({ saw: text.saw, wanted: text.set, now, charsMax: TEXT_CHARS_MAX });
}

/** Merge where the site is; a site that is a shape is the office's alone. */
function mergedPosition(body: PositionAmended, site: WorkSite | null): Merged<Position | null> {
  const now = positionOf(site);
  if (site !== null && now === null) return { way: "kept", value: null };
  return value({ saw: body.saw ?? null, wanted: body.set, now }, samePosition);
}
