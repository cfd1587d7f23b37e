/**
 * Event time: how far this phone's clock is from the server's, measured at a contact.
 *
 * The phone only measures; when an act happened is worked out by the server, from the clocks that
 * each operation carries. Seconds unless the name says otherwise; instants are RFC 3339.
 */

/** One exchange between phone and server. */
export interface Contact {
  /** The phone's wall clock when it sent the request. */
  readonly deviceAt: string;
  /** Its monotonic clock at that moment. */
  readonly monoMs: number;
  /** Which boot the monotonic clock belongs to. */
  readonly boot: string;
  /** The server's clock when it answered. */
  readonly serverAt: string;
  /** From sending to the answer, by the phone. */
  readonly roundTripS: number;
}

/** How far the server's clock is ahead of the phone's (negative: the phone is fast). */
export interface Offset {
  readonly offsetS: number;
  readonly errorS: number;
}

/** Measure the offset at a contact; the error is half the round trip. */
export function offset(contact: Contact): Offset {
  const halfS = contact.roundTripS / 2;
  const aheadS = (Date.parse(contact.serverAt) - Date.parse(contact.deviceAt)) / 1000;
  return { offsetS: aheadS - halfS, errorS: halfS };
}
