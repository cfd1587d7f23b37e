/** A field to sign in: what is written on it comes as a picture. */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Pad, padOn } from "../device/pad";
import { t } from "../words/words";

export interface Signature {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly isSigned: boolean;
  readonly clear: () => void;
  /** Give what was signed; null while nothing is. */
  readonly picture: () => Promise<Blob | null>;
}

/** Hold a pad for as long as the screen stands. */
export function useSignature(): Signature {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pad = useRef<Pad | null>(null);
  const [isSigned, setSigned] = useState(false);
  useEffect(() => {
    if (canvas.current === null) return;
    const made = padOn(canvas.current, () => setSigned(made.isSigned));
    pad.current = made;
    return () => made.end();
  }, []);
  const picture = async () => (isSigned ? ((await pad.current?.picture()) ?? null) : null);
  return { canvas, isSigned, clear: () => pad.current?.clear(), picture };
}

export function SignatureField({ signature }: { signature: Signature }) {
  const words = t.value.consent;
  return (
    <div class="field">
      <span id="pad-label">{words.sign}</span>
      <canvas class="pad" ref={signature.canvas} role="img" aria-labelledby="pad-label" />
      <button type="button" class="button" onClick={signature.clear}>
        {words.again}
      </button>
    </div>
  );
}
