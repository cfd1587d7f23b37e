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
    const isFirst = (await workers.getRegistration(scope)) === undefined;
    const registration = await workers.register(new URL("sw.js", scope), { scope: scope.pathname });
    watch(registration, isFirst ? workerOf(registration) : null);
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

function workerOf(registration: ServiceWorkerRegistration): ServiceWorker | null {
  return registration.installing ?? registration.waiting ?? registration.active;
}

/**
 * Offer each build that is installed here but this page's own first one, which replaces nobody.
 *
 * It is known by who it is. Whether it answers for the page already does not tell: in WebKit it
 * does when the page hears that it was installed.
 */
function watch(registration: ServiceWorkerRegistration, own: ServiceWorker | null): void {
  const offer = (worker: ServiceWorker | null) => {
    if (worker === null || worker === own) return;
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
