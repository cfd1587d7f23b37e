/** The drawing of the map by Leaflet on a canvas; loaded only when somebody opens the map. */

import * as leaflet from "leaflet";
import type { LatLon, Sighting } from "../device/position";
import { convert } from "../rules/datums";
import type { Datum, Task } from "../wire";
import { linesOf, middleOf } from "./fence";
import { URGENCY } from "./ordering";

/** Ground with a name, as it is drawn. */
export interface Area {
  readonly name: string;
  readonly geometry: Record<string, unknown>;
  readonly datum: Datum;
}

export interface Shown {
  readonly tasks: readonly Task[];
  readonly areas: readonly Area[];
  readonly chosen: string | null;
  readonly seen: Sighting | null;
}

export interface Chart {
  /** Draw; the first time that there is anything, the map moves so that it is in sight. */
  show(what: Shown): void;
  end(): void;
}

const DOT_PX = 11;
/** So many sites have their names beside them; more of them would only cover each other. */
const NAMED_MAX = 12;
const ZOOM_NEAR = 17;
const ZOOM_START = 12;

/** Draw an empty map; `show` fills it. */
export function drawChart(paper: HTMLElement, hear: { onChoose: (id: string) => void }): Chart {
  const map = leaflet.map(paper, {
    renderer: leaflet.canvas({ tolerance: DOT_PX, padding: 0.5 }),
    preferCanvas: true,
    attributionControl: false,
    zoomControl: true,
    maxZoom: 20,
  });
  map.setView([20.02, 110.35], ZOOM_START);
  leaflet.control.scale({ imperial: false }).addTo(map);
  const sites = leaflet.layerGroup().addTo(map);
  let fitted = false;
  return {
    show(what) {
      sites.clearLayers();
      const ink = inkOf(paper);
      for (const area of what.areas) sites.addLayer(drawnArea(area, ink));
      for (const task of what.tasks) {
        const chosen = task.id === what.chosen;
        const isNamed = chosen || what.tasks.length <= NAMED_MAX;
        for (const layer of drawnSite(task, ink, { chosen, isNamed })) {
          layer.on("click", () => hear.onChoose(task.id));
          sites.addLayer(layer);
        }
      }
      if (what.seen) for (const layer of drawnMe(what.seen, ink)) sites.addLayer(layer);
      if (!fitted) fitted = bringIntoSight(map, placesOf(what));
    },
    end() {
      map.remove();
    },
  };
}

interface Ink {
  readonly main: string;
  readonly red: string;
  readonly paper: string;
  readonly me: string;
}

/** Canvas knows no style sheet: its colours are asked for. */
function inkOf(paper: HTMLElement): Ink {
  const style = getComputedStyle(paper);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    main: colour("--main"),
    red: colour("--red"),
    paper: colour("--paper"),
    me: colour("--me"),
  };
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

/** List what is to be in sight: the chosen site, or all, or where one stands. */
function placesOf(shown: Shown): LatLon[] {
  const chosen = shown.tasks.find((task) => task.id === shown.chosen);
  const tasks = chosen ? [chosen] : shown.tasks;
  const sites = tasks.flatMap((task) => {
    const at = task.site ? middleOf(task.site.geometry, task.site.datum) : null;
    return at === null ? [] : [at];
  });
  return sites.length === 0 && shown.seen ? [shown.seen] : sites;
}

function drawnSite(
  task: Task,
  ink: Ink,
  { chosen, isNamed }: { chosen: boolean; isNamed: boolean },
): leaflet.Layer[] {
  const at = task.site ? middleOf(task.site.geometry, task.site.datum) : null;
  if (!task.site || at === null) return [];
  const place: leaflet.LatLngTuple = [at.latDeg, at.lonDeg];
  const urgent = (task.urgency ?? URGENCY) <= 2;
  const fence = leaflet.circle(place, {
    radius: task.site.radius_m,
    color: ink.main,
    weight: 1,
    fillOpacity: 0.08,
    interactive: false,
  });
  const dot = leaflet.circleMarker(place, {
    radius: chosen ? DOT_PX + 4 : DOT_PX,
    color: ink.paper,
    weight: 3,
    fillColor: urgent ? ink.red : ink.main,
    fillOpacity: 1,
  });
  dot.bindTooltip(task.title, { permanent: isNamed, direction: "top", offset: [0, -DOT_PX - 6] });
  return [fence, dot];
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

function drawnArea(area: Area, ink: Ink): leaflet.Layer {
  const lines = linesOf(area.geometry).map((line) =>
    line.map(([lon, lat]) => [...convert(lat, lon, { source: area.datum, target: "wgs84" })]),
  );
  return leaflet.polygon(lines as leaflet.LatLngTuple[][], {
    color: ink.main,
    weight: 2,
    fillOpacity: 0.04,
    interactive: false,
  });
}
