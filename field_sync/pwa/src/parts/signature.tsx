/** A field to sign in: what is written on it comes as a picture. */

import { useEffect, useRef, useState } from "preact/hooks";
import { type Pad, padOn } from "../device/pad";
import { t } from "../words/words";

export interface Signature {
  readonly isSigned: boolean;
  /** Let a canvas be the pad for as long as it is on the screen; gives how to let go of it. */
  readonly hold: (canvas: HTMLCanvasElement) => () => void;
  readonly clear: () => void;
  /** Give what was signed; null while nothing is. */
  readonly picture: () => Promise<Blob | null>;
}

/** Hold what is signed for as long as the screen stands. */
export function useSignature(): Signature {
  const pad = useRef<Pad | null>(null);
  const [isSigned, setSigned] = useState(false);
  const hold = (canvas: HTMLCanvasElement) => {
    const made = padOn(canvas, () => setSigned(made.isSigned));
    pad.current = made;
    return () => {
      made.end();
      pad.current = null;
      setSigned(false);
    };
  };
  const picture = async () => (isSigned ? ((await pad.current?.picture()) ?? null) : null);
  return { isSigned, hold, clear: () => pad.current?.clear(), picture };
}

/** The pad itself: it takes its size from the screen, so it must be seen when it is made. */
export function SignatureField(props: { signature: Signature; fault?: string | null }) {
  const { signature, fault = null } = props;
  const words = t.value.consent;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current ? signature.hold(canvas.current) : undefined), []);
  return (
    <div class="field">
      <span id="pad-label">{words.sign}</span>
      <canvas class="pad" ref={canvas} role="img" aria-labelledby="pad-label" />
      <button type="button" class="button" onClick={signature.clear}>
        {words.again}
      </button>
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}
