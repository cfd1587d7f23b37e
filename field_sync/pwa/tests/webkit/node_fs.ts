/** Reading vectors in a page: they lie below its own address. */

export function readFileSync(url: URL): string {
  const asked = new XMLHttpRequest();
  asked.open("GET", url, false); // tests read while they are gathered, and cannot wait
  asked.send();
  if (asked.status !== 200) throw new Error(`${asked.status} for ${url}`);
  return asked.responseText;
}
