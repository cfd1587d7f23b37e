/** Which rows of a long list are drawn: those in sight, and a few around them. */

export interface Window {
  readonly from: number;
  /** One beyond the last. */
  readonly to: number;
}

/** Rows drawn beyond each edge, so that a flick of the thumb shows no gap. */
export const AROUND = 8;

/** Work out the rows to draw; all lengths in px, every row of one height. */
export function inSight(list: {
  count: number;
  rowPx: number;
  scrolledPx: number;
  heightPx: number;
}): Window {
  const { count, rowPx, scrolledPx, heightPx } = list;
  if (rowPx <= 0) return { from: 0, to: Math.min(count, AROUND) };
  const first = Math.floor(Math.max(scrolledPx, 0) / rowPx);
  const last = Math.ceil((Math.max(scrolledPx, 0) + heightPx) / rowPx);
  return { from: clamp(first - AROUND, count), to: clamp(last + AROUND, count) };
}

/** Tell how far to scroll so that a row stands in the upper third. */
export function scrollTo(row: number, rowPx: number, heightPx: number): number {
  return Math.max(row * rowPx - heightPx / 3, 0);
}

function clamp(row: number, count: number): number {
  return Math.min(Math.max(row, 0), count);
}
