/** What the service worker does with its caches, each helper named for its policy. */

const PREFIX = "lamplighter-";
/** Beside the present build's cache the one before stays: a page that still runs on it needs it. */
const OLDER_KEPT = 1;

/** Put every file of a build into its cache, past the browser's own; all of them or none. */
export async function addAll(rev: string, addresses: readonly string[]): Promise<void> {
  const name = PREFIX + rev;
  const cache = await caches.open(name);
  try {
    await cache.addAll(addresses.map((address) => new Request(address, { cache: "reload" })));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
}

/** Forget the caches of builds before the last one; caches are named oldest first. */
export async function forgetOlder(rev: string): Promise<void> {
  const ours = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const older = ours.filter((name) => name !== PREFIX + rev);
  await Promise.all(older.slice(0, -OLDER_KEPT).map((name) => caches.delete(name)));
}

/** Answer open pages that no worker answers for yet: the first visit needs no second one. */
export async function takeOver(self: ServiceWorkerGlobalScope): Promise<void> {
  await self.clients.claim();
}

/** Answer a navigation with the build's own page; a phone that has lost it asks the server. */
export async function fromShell(rev: string, index: string, request: Request): Promise<Response> {
  const cache = await caches.open(PREFIX + rev);
  return (await cache.match(index)) ?? fetch(request);
}

/** Answer a file from any build's cache (their names are hashes), else from the server. */
export async function cached(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
