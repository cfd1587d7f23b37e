/**
 * The service worker: the app's own files from the phone, so that it opens without signal.
 *
 * It keeps the files of its own build and of the one before, touches nothing else, and never
 * answers for the server: work goes through the page. A new build waits until the page says so.
 */

import { hear, open } from "./notices";
import { addAll, cached, forgetOlder, fromShell, takeOver } from "./policies";

declare const self: ServiceWorkerGlobalScope;
/** Put in by the build: the addresses of the shell, and the build's own name. */
declare const __ASSETS__: readonly string[];
declare const __REV__: string;

const SCOPE = new URL("./", self.location.href);
const INDEX = SCOPE.href;
/** What the page says when the person has chosen to update. */
const UPDATE = "skip-waiting";
/** What the page asks to learn which build answers. */
const WHICH = "which-build";

self.addEventListener("install", (event) => {
  const shell = new Set([INDEX, ...__ASSETS__.map((path) => new URL(path, SCOPE).href)]);
  event.waitUntil(addAll(__REV__, [...shell]));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder(__REV__).then(() => takeOver(self)));
});

self.addEventListener("message", (event) => {
  if (event.data === UPDATE) void self.skipWaiting();
  if (event.data === WHICH) event.ports[0]?.postMessage(__REV__);
});

self.addEventListener("push", (event) => {
  event.waitUntil(hear(self, event.data));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(self, SCOPE, event.notification.data));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // Whatever is not ours to answer goes its own way, as if no worker were there.
  if (request.method !== "GET" || !url.href.startsWith(SCOPE.href)) return;
  if (request.mode === "navigate") event.respondWith(fromShell(__REV__, INDEX, request));
  else event.respondWith(cached(request));
});
