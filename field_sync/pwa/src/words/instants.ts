/** Instants as people say them: the time of today, the day with it else. */

import { computed } from "@preact/signals";
import { zone } from "../session";
import { lang } from "./words";

const formats = computed(() => {
  const locale = lang.value === "zh" ? "zh-CN" : "en-GB";
  const timeZone = zone.value;
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone } as const;
  return {
    time: new Intl.DateTimeFormat(locale, time),
    day: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone }),
    both: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...time }),
  };
});

/** Say when, in the district's own time. */
export function clockTime(instant: string | Date, now = new Date()): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return "–";
  const { time, day, both } = formats.value;
  return day.format(at) === day.format(now) ? time.format(at) : both.format(at);
}
