/**
 * Where the phone is: watched only while somebody looks, and never while nobody does.
 *
 * A fix is passed on as the platform gave it; only its age is worked out, when it is used.
 */

import { signal } from "@preact/signals";
import type { Fix } from "../wire";

/** Longer than this without an answer, and the screen says that there is no position. */
const TIMEOUT_MS = 30_000;
/** A fix for a reading may be this old; so a phone looks at most once a minute on a route. */
const READING_AGE_MAX_MS = 60_000;
/** For distances on a list an old place is good enough. */
const ROUGH_AGE_MAX_MS = 600_000;

/** A place in WGS-84. */
export interface LatLon {
  readonly latDeg: number;
  readonly lonDeg: number;
}

/** A fix, and by the monotonic clock when the platform had measured it. */
export interface Sighting extends LatLon {
  readonly accuracyM: number | null;
  readonly measuredMs: number;
}

export type Watched =
  | { readonly kind: "looking" }
  | { readonly kind: "found"; readonly sighting: Sighting }
  | { readonly kind: "none"; readonly why: "denied" | "unavailable" | "unsupported" };

/** The last place that the phone was seen at by any screen; for distances, never for proof. */
export const lastSeen = signal<Sighting | null>(null);

/** Watch the position; the answer stops it. */
export function watch(hear: (watched: Watched) => void): () => void {
  if (!("geolocation" in navigator)) {
    hear({ kind: "none", why: "unsupported" });
    return () => {};
  }
  hear({ kind: "looking" });
  const id = navigator.geolocation.watchPosition(
    (position) => hear({ kind: "found", sighting: seen(position) }),
    (error) => {
      // A time-out is no end: the platform goes on looking.
      if (error.code !== error.TIMEOUT) hear({ kind: "none", why: whyNot(error) });
    },
    { enableHighAccuracy: true, maximumAge: 0, timeout: TIMEOUT_MS },
  );
  return () => navigator.geolocation.clearWatch(id);
}

/** Watch the position while the page can be seen; a phone in a pocket looks for nothing. */
export function watchInSight(hear: (watched: Watched) => void): () => void {
  let stop = () => {};
  const look = () => {
    stop();
    stop = document.visibilityState === "visible" ? watch(hear) : () => {};
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    stop();
  };
}

/** Ask once for a position that may be a minute old; null when there is none. */
export function glance(): Promise<Sighting | null> {
  return looked(READING_AGE_MAX_MS);
}

/** Ask once where the phone is at this moment; null when it cannot tell in time. */
export function glanceNow(): Promise<Sighting | null> {
  return looked(0);
}

/**
 * Look once where the phone roughly is, for distances, if that was allowed before.
 *
 * Nobody is asked for leave by a list of orders, and no satellite is.
 */
export async function glanceIfAllowed(): Promise<void> {
  const asked = navigator.permissions?.query({ name: "geolocation" });
  if ((await asked?.catch(() => null))?.state !== "granted") return;
  const rough = { enableHighAccuracy: false, maximumAge: ROUGH_AGE_MAX_MS, timeout: TIMEOUT_MS };
  navigator.geolocation.getCurrentPosition(seen, () => undefined, rough);
}

/** Make the fix of an act from a sighting, with its age at this moment. */
export function fixOf(sighting: Sighting, nowMs = performance.now()): Fix {
  return {
    lat_deg: sighting.latDeg,
    lon_deg: sighting.lonDeg,
    accuracy_m: sighting.accuracyM,
    age_s: ageS(sighting, nowMs),
    datum: "wgs84",
    simulated: false,
    provider: "web",
  };
}

/** Tell how old a sighting is, in whole tenths of a second. */
export function ageS(sighting: Sighting, nowMs = performance.now()): number {
  return Math.max(Math.round((nowMs - sighting.measuredMs) / 100) / 10, 0);
}

function looked(maximumAge: number): Promise<Sighting | null> {
  if (!("geolocation" in navigator)) return Promise.resolve(null);
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      (position) => resolve(seen(position)),
      () => resolve(null),
      { enableHighAccuracy: true, maximumAge, timeout: TIMEOUT_MS },
    );
  });
}

function seen(position: GeolocationPosition): Sighting {
  const { latitude, longitude, accuracy } = position.coords;
  const sighting = {
    latDeg: latitude,
    lonDeg: longitude,
    accuracyM: Number.isFinite(accuracy) && accuracy > 0 ? accuracy : null,
    // Its time stamp is of the wall clock; kept by the monotonic one, nobody can set it.
    measuredMs: performance.now() - Math.max(Date.now() - position.timestamp, 0),
  };
  lastSeen.value = sighting;
  return sighting;
}

function whyNot(error: GeolocationPositionError): "denied" | "unavailable" {
  return error.code === error.PERMISSION_DENIED ? "denied" : "unavailable";
}
