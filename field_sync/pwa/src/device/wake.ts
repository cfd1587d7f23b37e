/** The screen kept awake while the camera scans or a fix is waited for. */

interface Wake {
  release(): Promise<void>;
}

/** Keep the screen awake; the answer lets it sleep again. Phones that cannot, sleep. */
export function stayAwake(): () => void {
  let wake: Wake | null = null;
  let ended = false;
  const ask = async () => {
    if (!("wakeLock" in navigator) || document.visibilityState !== "visible") return;
    wake = await navigator.wakeLock.request("screen").catch(() => null); // the battery is low
    if (ended) await wake?.release();
  };
  void ask();
  document.addEventListener("visibilitychange", ask);
  return () => {
    ended = true;
    document.removeEventListener("visibilitychange", ask);
    void wake?.release();
  };
}
