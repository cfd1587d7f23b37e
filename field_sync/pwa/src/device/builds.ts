/** Which build of the app runs, and whether a newer one waits; it is offered, never forced. */

import { signal } from "@preact/signals";

/** The build that waits until somebody wants it. */
const waiting = signal<ServiceWorker | null>(null);
const CHECK_EVERY_MS = 3_600_000;
const UPDATE = "skip-waiting";
let wanted = false;

/** Tell whether a newer build is here. */
export const updateReady = signal(false);

/** Install the service worker and look out for newer ones; without one the app needs signal. */
export async function install(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const workers = navigator.serviceWorker;
  workers.addEventListener("controllerchange", () => {
    // Only where the person asked for it: another tab's update must not cut off a job here.
    if (wanted) location.reload();
  });
  try {
    const scope = new URL("./", document.baseURI);
    const registration = await workers.register(new URL("sw.js", scope), { scope: scope.pathname });
    watch(registration);
    setInterval(() => void registration.update().catch(() => undefined), CHECK_EVERY_MS);
  } catch {
    // A browser without room, or an address without HTTPS: everything works but opening offline.
  }
}

/** Change to the newer build: the page loads anew, and what was kept is kept. */
export function update(): void {
  wanted = true;
  if (waiting.value === null) location.reload();
  else waiting.value.postMessage(UPDATE);
}

function watch(registration: ServiceWorkerRegistration): void {
  const offer = (worker: ServiceWorker | null) => {
    // The very first build has nobody to replace.
    if (worker === null || navigator.serviceWorker.controller === null) return;
    waiting.value = worker;
    updateReady.value = true;
  };
  offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const found = registration.installing;
    found?.addEventListener("statechange", () => {
      if (found.state === "installed") offer(found);
    });
  });
}
