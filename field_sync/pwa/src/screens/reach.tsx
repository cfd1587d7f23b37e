/** How to reach a site and who is there: address, way in, customer, the phone's navigation. */

import { amapLink, geoLink } from "../device/handing";
import { lastSeen } from "../device/position";
import { LineLink } from "../parts/buttons";
import { Icon, type IconName } from "../parts/icons";
import type { Task } from "../wire";
import { t } from "../words/words";
import { distanceTo } from "./distances";
import { middleOf } from "./fence";

export function Reach({ task }: { task: Task }) {
  const words = t.value.order;
  const { site } = task;
  const far = distanceTo(task, lastSeen.value);
  return (
    <section class="block">
      <h2>{words.where}</h2>
      <p class="address">
        {site?.address || words.noAddress}
        {far !== null && <span class="small"> · {t.value.distance(far)}</span>}
      </p>
      {site?.access_note && <AccessNote text={site.access_note} />}
      {task.contact && <Contact text={task.contact} />}
      {site && <Ways task={task} />}
    </section>
  );
}

/** How to get in: at the gate it is what somebody looks for first. */
export function AccessNote({ text, icon = "key" }: { text: string; icon?: IconName }) {
  return (
    <p class="access">
      <Icon name={icon} />
      <span>
        <span class="unseen">{t.value.order.access}: </span>
        {text}
      </span>
    </p>
  );
}

function Contact({ text }: { text: string }) {
  const number = phoneNumber(text);
  if (number === null) return <p class="said">{text}</p>;
  return (
    <a class="line" href={`tel:${number}`}>
      <Icon name="phone" />
      <span>{text}</span>
    </a>
  );
}

function Ways({ task }: { task: Task }) {
  const words = t.value.map;
  const at = task.site ? middleOf(task.site.geometry, task.site.datum) : null;
  if (at === null) return null;
  const label = task.site?.address || task.title;
  return (
    <div class="ways">
      <a class="button" href={geoLink(at, label)} rel="noreferrer">
        <Icon name="go" />
        <span>{words.navigate}</span>
      </a>
      <a class="button" href={amapLink(at, label)} rel="noreferrer" target="_blank">
        {words.amap}
      </a>
      <LineLink icon="map" to={{ kind: "map", id: task.id }} label={words.show} />
    </div>
  );
}

/** Find a number to call in what the office wrote: "Ms Chen, 0898-6610 2231". */
export function phoneNumber(text: string): string | null {
  const found = /\+?\d[\d\s().-]{5,18}\d/.exec(text)?.[0].replace(/[^\d+]/g, "");
  return found !== undefined && found.length >= PHONE_DIGITS_MIN ? found : null;
}

const PHONE_DIGITS_MIN = 7;
