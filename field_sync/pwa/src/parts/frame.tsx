/** The frame of every screen: head with the way back and the state of sync, body, foot. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Place, parent, write } from "../screens/places";
import { goUp, place } from "../screens/router";
import { t } from "../words/words";
import { Icon } from "./icons";
import { SyncPill } from "./pill";
import { Tabs } from "./tabs";

interface Frame {
  readonly title: string;
  readonly children: ComponentChildren;
  /** The next act, always within reach of the thumb. */
  readonly foot?: ComponentChildren;
  /** Whether the five tabs stand at the foot. */
  readonly tabs?: boolean;
  /** Whether the body's parts share its height, for screens that should not scroll. */
  readonly fills?: boolean;
}

/** Where each screen had been scrolled to, by its address. */
const scrolled = new Map<string, number>();

export function Screen({ title, children, foot, tabs = false, fills = false }: Frame) {
  const body = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const address = write(place.value);
  useLayoutEffect(() => {
    // Who listens hears the new screen's name; who looks finds the list where they left it.
    heading.current?.focus({ preventScroll: true });
    const main = body.current;
    if (main !== null) main.scrollTop = scrolled.get(address) ?? 0;
    return () => {
      if (main !== null) scrolled.set(address, main.scrollTop);
    };
  }, [address]);
  useLayoutEffect(() => {
    document.title = `${title} · Lamplighter`;
  }, [title]);
  return (
    <div class="screen">
      <header class="head">
        <Back up={parent(place.value)} />
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <SyncPill />
      </header>
      <main class={fills ? "body fills" : "body"} ref={body}>
        {children}
      </main>
      {foot && <footer class="foot">{foot}</footer>}
      {tabs && <Tabs />}
    </div>
  );
}

function Back({ up }: { up: Place | null }) {
  if (up === null) return null;
  const climb = (event: Event) => {
    event.preventDefault();
    goUp(up);
  };
  return (
    <a class="back" href={write(up)} onClick={climb} aria-label={t.value.back}>
      <Icon name="back" />
    </a>
  );
}
