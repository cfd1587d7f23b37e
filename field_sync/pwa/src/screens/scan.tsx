/** The meter's barcode: is this the meter on the screen, and if not, which is it? */

import { useEffect, useRef, useState } from "preact/hooks";
import { canScan, scan } from "../device/barcode";
import { announce, warn } from "../parts/announcer";
import { Icon } from "../parts/icons";
import { Sheet } from "../parts/sheet";
import type { Stop } from "../wire";
import { t } from "../words/words";
import { goInstead } from "./router";
import { scanned } from "./walking";

/** Nothing is shown on a phone that cannot. */
export function ScanButton({ stops, stop }: { stops: readonly Stop[]; stop: Stop }) {
  const [open, setOpen] = useState(false);
  if (!canScan()) return null;
  const seen = (code: string) => {
    setOpen(false);
    const words = t.value.scan;
    const found = scanned(stops, code);
    if (found === null) warn(words.unknown(code));
    else if (found.id === stop.id) announce(words.right);
    else {
      announce(words.other(found.serial));
      goInstead({ kind: "meter", id: found.route_id, stop: found.id });
    }
  };
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        <Icon name="scan" />
        <span>{t.value.scan.short}</span>
      </button>
      {open && <Viewfinder onCode={seen} onClose={() => setOpen(false)} />}
    </>
  );
}

/** The camera's picture, until a code is seen in it. */
export function Viewfinder(props: { onCode: (code: string) => void; onClose: () => void }) {
  const words = t.value;
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const until = new AbortController();
    const look = async () => {
      if (video.current === null) return;
      const code = await scan(video.current, until.signal);
      if (code !== null && !until.signal.aborted) props.onCode(code);
    };
    look().catch(() => {
      warn(t.value.scan.noCamera);
      props.onClose();
    });
    return () => until.abort();
  }, []);
  return (
    <Sheet title={words.scan.title} onClose={props.onClose}>
      <video class="viewfinder" ref={video} playsInline muted />
      <button type="button" class="big careful" onClick={props.onClose}>
        {words.cancel}
      </button>
    </Sheet>
  );
}
