/** Notices that wake the phone: shown when nobody looks, and leading to their order. */

/** What a push carries (`PushMessage` of the wire). */
interface Message {
  readonly kind: string;
  readonly subject_id: string;
  readonly words: string;
}

/** What the pages are told; they know it by these names (`device/pushes`). */
const PUSHED = { kind: "pushed" } as const;
/** Safari ends a subscription whose pushes show nothing, even with the app in sight. */
const MUST_SHOW = /^((?!Chrome|Android).)*Safari/.test(navigator.userAgent);
const NAMELESS = "Lamplighter";

/** Let open pages sync; where none is in sight, show what happened. */
export async function hear(
  self: ServiceWorkerGlobalScope,
  data: PushMessageData | null,
): Promise<void> {
  const message = read(data);
  const pages = await pagesOf(self);
  for (const page of pages) page.postMessage(PUSHED);
  if (!MUST_SHOW && pages.some((page) => page.visibilityState === "visible")) return;
  const { kind, subject_id: id, words } = message;
  await self.registration.showNotification(words, {
    // The same thing said twice shows once.
    tag: `${kind}:${id}`,
    data: { id },
    icon: "icons/lamp-192.png",
  });
}

/** Open the order that a notice is about, in the app that runs or in a new one. */
export async function open(
  self: ServiceWorkerGlobalScope,
  scope: URL,
  data: unknown,
): Promise<void> {
  const id = (data as { id?: unknown } | null)?.id;
  const hash = typeof id === "string" && id !== "" ? `#/order/${encodeURIComponent(id)}` : "#/";
  const [page] = await pagesOf(self);
  if (page === undefined) {
    await self.clients.openWindow(scope.href + hash);
    return;
  }
  page.postMessage({ kind: "go", hash });
  await page.focus();
}

function pagesOf(self: ServiceWorkerGlobalScope): Promise<readonly WindowClient[]> {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}

/** Read a push; one that cannot be read still says that something happened. */
function read(data: PushMessageData | null): Message {
  try {
    const { kind, subject_id, words } = (data?.json() ?? {}) as Partial<Message>;
    return { kind: kind ?? "", subject_id: subject_id ?? "", words: words || NAMELESS };
  } catch {
    return { kind: "", subject_id: "", words: NAMELESS };
  }
}
