/** What two programs say alike: instants to the millisecond, numbers to the microsecond. */

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;
const MICRO = 1e6;

/** Give a value of JSON as both programs write it; what is null may as well be left out. */
export function plain(value: unknown): unknown {
  if (typeof value === "string" && INSTANT.test(value)) return new Date(value).toISOString();
  if (typeof value === "number") return Math.round(value * MICRO) / MICRO;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const told = Object.entries(value).filter(([, each]) => each !== null);
  const fields = told.map(([name, each]) => [name, plain(each)] as const);
  return Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1)));
}
