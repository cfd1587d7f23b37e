/** What the service worker tells an open page: that a push came, or where a notice leads. */

/** Hear it from now on. */
export function hearPushes(heard: { pushed: () => void; go: (hash: string) => void }): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== "object" || data === null) return;
    const { kind, hash } = data as { kind?: unknown; hash?: unknown };
    if (kind === "pushed") heard.pushed();
    if (kind === "go" && typeof hash === "string") heard.go(hash);
  });
  navigator.serviceWorker.startMessages();
}
