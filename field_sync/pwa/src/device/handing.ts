/** Handing things out of the app: a file to share or save, a place to the phone's navigation. */

import type { LatLon } from "./position";

/** Share a file where the phone can, else save it; false when the person thought better of it. */
export async function handOut(name: string, text: string): Promise<boolean> {
  const file = new File([text], name, { type: "application/json" });
  if (navigator.canShare?.({ files: [file] })) {
    try {
      await navigator.share({ files: [file], title: name });
      return true;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return false;
      // Sharing is forbidden here: it can still be saved.
    }
  }
  save(file);
  return true;
}

/** Save a file among the phone's downloads. */
function save(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Name a place for the phone's own map. */
export function geoLink(at: LatLon, label: string): string {
  const where = `${degrees(at.latDeg)},${degrees(at.lonDeg)}`;
  if (isApple()) return `https://maps.apple.com/?daddr=${where}&q=${encodeURIComponent(label)}`;
  return `geo:${where}?q=${where}(${encodeURIComponent(label)})`;
}

/** Name a place for Amap, which most phones in China have; it converts the datum itself. */
export function amapLink(at: LatLon, label: string): string {
  const to = `${degrees(at.lonDeg)},${degrees(at.latDeg)},${encodeURIComponent(label)}`;
  return `https://uri.amap.com/navigation?to=${to}&mode=car&coordinate=wgs84&callnative=1`;
}

function degrees(value: number): string {
  return value.toFixed(6);
}

function isApple(): boolean {
  return /iPhone|iPad|Macintosh/.test(navigator.userAgent);
}
