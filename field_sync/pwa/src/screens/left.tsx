/** What is left of a route, told before it is ended: at the gate there is still time. */

import { LineLink } from "../parts/buttons";
import type { Stop } from "../wire";
import { t } from "../words/words";

const SHOWN_MAX = 20;

/** List the meters that nobody has read or skipped, in walking order. */
export function Left({ stops }: { stops: readonly Stop[] }) {
  const words = t.value.left;
  if (stops.length === 0) return null;
  return (
    <section class="block">
      <h2>{words.title(stops.length)}</h2>
      <p class="said">{words.told}</p>
      <ul class="lines">
        {stops.slice(0, SHOWN_MAX).map((stop) => (
          <li key={stop.id}>
            <LineLink
              icon="today"
              to={{ kind: "meter", id: stop.route_id, stop: stop.id }}
              label={`${stop.sequence} · ${stop.serial}`}
              more={stop.address}
            />
          </li>
        ))}
      </ul>
      {stops.length > SHOWN_MAX && <p class="small">{words.more(stops.length - SHOWN_MAX)}</p>}
    </section>
  );
}
