/** A pad to sign on: strokes of a finger on a canvas, given as a PNG. */

export interface Pad {
  clear(): void;
  /** Whether anything was written; a dot is not a signature. */
  readonly isSigned: boolean;
  picture(): Promise<Blob | null>;
  end(): void;
}

const LINE_PX = 3;
const STROKE_PX_MIN = 40;

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Make a canvas a pad; `onStroke` hears of each stroke's end. */
export function padOn(canvas: HTMLCanvasElement, onStroke: () => void): Pad {
  const brush = prepared(canvas);
  const ended = new AbortController();
  let last: Spot | null = null;
  let lengthPx = 0;
  const hear = (
    name: "pointerdown" | "pointermove" | "pointerup" | "pointercancel",
    act: (event: PointerEvent) => void,
  ) => canvas.addEventListener(name, act, { signal: ended.signal });
  const up = () => {
    last = null;
    onStroke();
  };
  hear("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = spotOf(canvas, event);
  });
  hear("pointermove", (event) => {
    if (last === null) return;
    const next = spotOf(canvas, event);
    lengthPx += draw(brush, last, next);
    last = next;
  });
  hear("pointerup", up);
  hear("pointercancel", up);
  return {
    clear() {
      blank(canvas, brush);
      lengthPx = 0;
      onStroke();
    },
    get isSigned() {
      return lengthPx >= STROKE_PX_MIN;
    },
    picture: () => new Promise((resolve) => canvas.toBlob(resolve, "image/png")),
    end: () => ended.abort(),
  };
}

function spotOf(canvas: HTMLCanvasElement, event: PointerEvent): Spot {
  const box = canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/** Draw a piece of a stroke; tell its length. */
function draw(brush: CanvasRenderingContext2D, from: Spot, to: Spot): number {
  brush.beginPath();
  brush.moveTo(from.x, from.y);
  brush.lineTo(to.x, to.y);
  brush.stroke();
  return Math.hypot(to.x - from.x, to.y - from.y);
}

function prepared(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const box = canvas.getBoundingClientRect();
  const sharpness = Math.min(devicePixelRatio || 1, 2);
  canvas.width = Math.round(box.width * sharpness);
  canvas.height = Math.round(box.height * sharpness);
  const brush = canvas.getContext("2d");
  if (brush === null) throw new Error("a browser without a canvas");
  brush.scale(sharpness, sharpness);
  brush.lineWidth = LINE_PX;
  brush.lineCap = "round";
  // Black on white in every theme: it is a document.
  brush.strokeStyle = "#000";
  blank(canvas, brush);
  return brush;
}

function blank(canvas: HTMLCanvasElement, brush: CanvasRenderingContext2D): void {
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
}
