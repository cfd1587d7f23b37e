/** Amounts in words: distances, sizes, spans of time. */

/** A span of time in the parts that people say. */
export interface Parts {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
}

/** Say a distance; it is never surer than it is. */
export function enDistance(m: number): string {
  return distance(m, "m", "km");
}

export function zhDistance(m: number): string {
  return distance(m, "米", "公里");
}

/** Say a size. */
export function bytes(size: number): string {
  if (size < 1_000_000) return `${Math.ceil(size / 1_000)} kB`;
  if (size < 1_000_000_000) return `${(size / 1_000_000).toFixed(1)} MB`;
  return `${(size / 1_000_000_000).toFixed(1)} GB`;
}

/** Say a span of time in words. */
export function en({ days, hours, minutes }: Parts): string {
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`;
}

export function zh({ days, hours, minutes }: Parts): string {
  if (days > 0) return `${days} 天 ${hours} 小时`;
  return hours > 0 ? `${hours} 小时 ${minutes} 分钟` : `${minutes} 分钟`;
}

/** Write a span of an hour and more for the eye: short, and of steady width. */
export function enShort({ days, hours, minutes }: Parts): string {
  return days > 0 ? `${days} d ${two(hours)}` : `${hours} h ${two(minutes)}`;
}

export function zhShort({ days, hours, minutes }: Parts): string {
  return days > 0 ? `${days} 天 ${hours} 小时` : `${hours} 小时 ${two(minutes)} 分`;
}

function distance(m: number, metre: string, kilometre: string): string {
  if (m < 1) return `${Number(m.toPrecision(1))} ${metre}`;
  if (m < 995) return `${m < 100 ? Math.round(m) : Math.round(m / 10) * 10} ${metre}`;
  return `${(m / 1000).toFixed(m < 9_950 ? 1 : 0)} ${kilometre}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
