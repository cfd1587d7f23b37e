/** A list of hundreds of rows of one height, of which only those in sight are drawn. */

import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { inSight, type Window } from "./windowing";

interface Props<T> {
  readonly items: readonly T[];
  /** The height of a row; it grows with the letters. */
  readonly rowRem: number;
  readonly label: string;
  readonly keyOf: (item: T) => string;
  readonly row: (item: T) => ComponentChildren;
}

export function WindowedList<T>({ items, rowRem, label, keyOf, row }: Props<T>) {
  const list = useRef<HTMLUListElement>(null);
  const rowPx = rowRem * remPx();
  const { from, to } = useWindow(list, items, rowPx);
  return (
    // Its whole height stands from the start, so the scroll bar is honest and nothing jumps.
    <ul
      class="windowed"
      ref={list}
      aria-label={label}
      style={{ height: `${items.length * rowPx}px` }}
    >
      {items.slice(from, to).map((item, at) => (
        <li
          key={keyOf(item)}
          aria-setsize={items.length}
          aria-posinset={from + at + 1}
          style={{ top: `${(from + at) * rowPx}px`, height: `${rowPx}px` }}
        >
          {row(item)}
        </li>
      ))}
    </ul>
  );
}

/** Follow the scrolling of the screen's body. */
function useWindow(
  list: RefObject<HTMLUListElement | null>,
  items: readonly unknown[],
  rowPx: number,
): Window {
  const [window, setWindow] = useState<Window>({ from: 0, to: Math.min(items.length, FIRST) });
  useLayoutEffect(() => {
    const shown = list.current;
    const scroller = shown?.closest<HTMLElement>(".body");
    if (!shown || !scroller) return;
    const look = () => {
      const above = shown.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
      const heightPx = scroller.clientHeight;
      const next = inSight({ count: items.length, rowPx, scrolledPx: -above, heightPx });
      setWindow((now) => (now.from === next.from && now.to === next.to ? now : next));
    };
    look();
    scroller.addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      scroller.removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [items, rowPx]);
  return window;
}

/** Rows drawn before anything is measured. */
const FIRST = 20;

function remPx(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}
