/**
 * The drawing of the map by Leaflet on a canvas; loaded only when somebody opens the map.
 *
 * Ground, marks and the own place are layers of their own: a fix that comes every second draws a
 * dot anew and nothing of the ten thousand marks beneath it.
 */

import * as leaflet from "leaflet";
import type { LatLon, Sighting } from "../device/position";
import { convert } from "../rules/datums";
import type { Area, AreaFeeder, Datum } from "../wire";
import { linesOf } from "./fence";
import { type Ink, inkOf } from "./ink";
import type { Mark } from "./marks";

/** What was pressed. */
export type Choice =
  | { readonly kind: "mark"; readonly id: string }
  | { readonly kind: "feeder"; readonly id: string };

export interface Shown {
  readonly marks: readonly Mark[];
  readonly areas: readonly Area[];
  readonly feeders: readonly AreaFeeder[];
  readonly chosen: Choice | null;
  readonly seen: Sighting | null;
  readonly follows: boolean;
  /** Light or dark: the canvas has to be painted anew. */
  readonly theme: string;
}

export interface Hearing {
  readonly onChoose: (choice: Choice) => void;
  /** Somebody moved the map by hand. */
  readonly onMove: () => void;
}

export interface Chart {
  /** Draw; the first time that there is anything, the map moves so that it is in sight. */
  show(what: Shown): void;
  /** Lay pictures beneath everything. */
  lay(ground: leaflet.GridLayer): void;
  end(): void;
}

const ORDER_PX = 11;
const METER_PX = 7;
/** Where very many marks stand, each is smaller, or nobody sees the lines beneath them. */
const CROWD = 400;
const CROWD_PX = 3;
/** So many orders have their names beside them; more of them would only cover each other. */
const NAMED_MAX = 12;
/** So many areas do; farther out their names are all that can be read. */
const NAMED_AREAS_MAX = 6;
const ZOOM_NEAR = 17;
const ZOOM_START = 12;
const TOUCH_PX = 12;

/** Draw an empty map; `show` fills it. */
export function drawChart(paper: HTMLElement, hearing: Hearing): Chart {
  const map = leaflet.map(paper, {
    renderer: leaflet.canvas({ tolerance: TOUCH_PX, padding: 0.5 }),
    preferCanvas: true,
    attributionControl: false,
    maxZoom: 20,
  });
  map.setView([20.02, 110.35], ZOOM_START);
  map.on("dragstart", hearing.onMove);
  leaflet.control.scale({ imperial: false }).addTo(map);
  const layers = {
    ground: leaflet.layerGroup().addTo(map),
    marks: leaflet.layerGroup().addTo(map),
    chosen: leaflet.layerGroup().addTo(map),
    me: leaflet.layerGroup().addTo(map),
  };
  let before: Shown | null = null;
  let fitted = false;
  return {
    show(what) {
      const ink = inkOf(paper);
      const isNew = (...names: (keyof Shown)[]) =>
        before === null ||
        [...names, "theme" as const].some((name) => before?.[name] !== what[name]);
      if (isNew("areas", "feeders")) redraw(layers.ground, drawnGround(what, ink, hearing));
      // What is drawn later lies above: whatever lies above the ground follows it.
      if (isNew("areas", "feeders", "marks")) redraw(layers.marks, drawnMarks(what, ink, hearing));
      redraw(layers.chosen, drawnChosen(what, ink));
      redraw(layers.me, what.seen ? drawnMe(what.seen, ink) : []);
      if (!fitted) fitted = bringIntoSight(map, placesOf(what));
      if (what.follows && what.seen && what.seen !== before?.seen) follow(map, what.seen);
      before = what;
    },
    lay: (ground) => void ground.addTo(map),
    end: () => void map.remove(),
  };
}

function redraw(group: leaflet.LayerGroup, layers: readonly leaflet.Layer[]): void {
  group.clearLayers();
  for (const layer of layers) group.addLayer(layer);
}

function follow(map: leaflet.Map, { latDeg, lonDeg }: LatLon): void {
  map.setView([latDeg, lonDeg], Math.max(map.getZoom(), ZOOM_NEAR - 1), { animate: false });
}

/** Bring places into sight; false where there are none. */
function bringIntoSight(map: leaflet.Map, places: readonly LatLon[]): boolean {
  if (places.length === 0) return false;
  const corners = places.map(({ latDeg, lonDeg }): leaflet.LatLngTuple => [latDeg, lonDeg]);
  map.fitBounds(leaflet.latLngBounds(corners), {
    padding: [40, 40],
    maxZoom: ZOOM_NEAR,
    animate: false, // a flight from nowhere shows nobody anything
  });
  return true;
}

/** List what is to be in sight: the chosen mark, or all that is left to do, or where one stands. */
function placesOf({ marks, areas, chosen, seen }: Shown): LatLon[] {
  const one = marks.find((mark) => chosen?.kind === "mark" && mark.id === chosen.id);
  if (one) return [one.at];
  const left = marks.filter((mark) => mark.tone !== "done");
  const places = (left.length > 0 ? left : marks).map((mark) => mark.at);
  if (places.length > 0) return places;
  if (seen) return [seen];
  return areas.flatMap((area) =>
    brought(area).flatMap((line) => line.map(([latDeg, lonDeg]) => ({ latDeg, lonDeg }))),
  );
}

function drawnGround({ areas, feeders }: Shown, ink: Ink, hearing: Hearing): leaflet.Layer[] {
  const outlines = areas.map((area) =>
    leaflet.polygon(brought(area), {
      color: ink.main,
      weight: 2,
      opacity: 0.8,
      dashArray: "6 6",
      fillOpacity: 0.04,
      interactive: false,
    }),
  );
  const names =
    areas.length <= NAMED_AREAS_MAX ? areas.map((area, at) => named(area, outlines[at])) : [];
  const colours = coloursOf(feeders, ink);
  const lines = feeders.map((feeder) =>
    leaflet
      .polyline(brought(feeder), {
        color: colours.get(feeder.feeder_id) ?? ink.main,
        weight: 3,
        opacity: 0.9,
      })
      .on("click", () => hearing.onChoose({ kind: "feeder", id: feeder.feeder_id })),
  );
  return [...outlines, ...names, ...lines];
}

/** Write an area's name along its northern edge, out of the way of the work. */
function named(area: Area, outline?: leaflet.Polygon): leaflet.Tooltip {
  const box = outline?.getBounds();
  const place = leaflet.latLng(box?.getNorth() ?? 0, box?.getCenter().lng ?? 0);
  return leaflet
    .tooltip({ permanent: true, direction: "bottom", className: "area-name", opacity: 0.85 })
    .setLatLng(place)
    .setContent(area.name);
}

/** Give each feeder a colour: those that follow each other by name differ. */
function coloursOf(feeders: readonly AreaFeeder[], ink: Ink): ReadonlyMap<string, string> {
  const ids = [...new Set(feeders.map((feeder) => feeder.feeder_id))];
  return new Map(ids.map((id, at) => [id, ink.feeders[at % ink.feeders.length] ?? ink.main]));
}

function drawnMarks({ marks }: Shown, ink: Ink, hearing: Hearing): leaflet.Layer[] {
  const isNaming = areNamed(marks);
  const isCrowded = marks.length > CROWD;
  return marks.map((mark) => {
    const dot = leaflet.circleMarker([mark.at.latDeg, mark.at.lonDeg], {
      radius: mark.kind === "order" ? ORDER_PX : isCrowded ? CROWD_PX : METER_PX,
      color: ink.paper,
      weight: mark.kind === "order" ? 3 : isCrowded ? 1 : 2,
      fillColor: ink.tones[mark.tone],
      fillOpacity: 1,
    });
    dot.on("click", () => hearing.onChoose({ kind: "mark", id: mark.id }));
    if (mark.kind === "order" && isNaming) name(dot, mark, ORDER_PX);
    return dot;
  });
}

/** Ring the chosen mark and draw its fence; draw the chosen feeder thicker. */
function drawnChosen({ marks, feeders, chosen }: Shown, ink: Ink): leaflet.Layer[] {
  if (chosen?.kind === "feeder") {
    const parts = feeders.filter((feeder) => feeder.feeder_id === chosen.id);
    const look = { color: ink.ink, weight: 7, opacity: 0.35, interactive: false };
    return parts.map((feeder) => leaflet.polyline(brought(feeder), look));
  }
  const mark = marks.find((each) => each.id === chosen?.id);
  if (mark === undefined) return [];
  const place: leaflet.LatLngTuple = [mark.at.latDeg, mark.at.lonDeg];
  const ring = leaflet.circleMarker(place, {
    radius: ORDER_PX + 5,
    color: ink.ink,
    weight: 4,
    fill: false,
    interactive: false,
  });
  if (mark.kind === "meter" || !areNamed(marks)) name(ring, mark, ORDER_PX + 5);
  if (mark.radiusM === null) return [ring];
  const look = { color: ink.main, weight: 1, fillOpacity: 0.1, interactive: false };
  return [leaflet.circle(place, { ...look, radius: mark.radiusM }), ring];
}

/** Tell whether the orders have their names beside them. */
function areNamed(marks: readonly Mark[]): boolean {
  return marks.filter((mark) => mark.kind === "order").length <= NAMED_MAX;
}

function name(dot: leaflet.Layer, { title }: Mark, radiusPx: number): void {
  dot.bindTooltip(title, { permanent: true, direction: "top", offset: [0, -radiusPx - 6] });
}

function drawnMe(seen: Sighting, ink: Ink): leaflet.Layer[] {
  const place: leaflet.LatLngTuple = [seen.latDeg, seen.lonDeg];
  const dot = leaflet.circleMarker(place, {
    radius: 8,
    color: ink.paper,
    weight: 3,
    fillColor: ink.me,
    fillOpacity: 1,
    interactive: false,
  });
  if (seen.accuracyM === null) return [dot];
  const around = { radius: seen.accuracyM, color: ink.me, weight: 1, fillOpacity: 0.12 };
  return [leaflet.circle(place, { ...around, interactive: false }), dot];
}

/** Bring the lines of a shape to WGS-84, as (latitude, longitude). */
function brought(shape: {
  readonly geometry: Record<string, unknown>;
  readonly datum?: Datum;
}): leaflet.LatLngTuple[][] {
  const source = shape.datum ?? "wgs84";
  return linesOf(shape.geometry).map((line) =>
    line.map(
      ([lon, lat]): leaflet.LatLngTuple => [...convert(lat, lon, { source, target: "wgs84" })],
    ),
  );
}
