/** The phone's line to the world, as far as a browser tells: is there one, is it paid by volume. */

interface Connection {
  readonly type?: string;
  readonly saveData?: boolean;
}

/** Tell whether bytes cost money; where the browser does not tell, they do not. */
export function isMetered(): boolean {
  const { connection } = navigator as { connection?: Connection };
  return connection?.saveData === true || connection?.type === "cellular";
}
