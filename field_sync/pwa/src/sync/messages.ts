/**
 * What the office and other crews did to work of this crew, as short messages.
 *
 * They come with the records and go by themselves; that they were read, only the handheld knows.
 */

import type { Store, Tables } from "../store/connection";
import * as marks from "../store/marks";
import * as records from "../store/records";
import type { Message } from "../wire";

export const MESSAGE = "message";

/** A message, and whether somebody has read it here. */
export interface Received {
  readonly message: Message;
  readonly isRead: boolean;
}

/** List the messages on this handheld, newest first. */
export function listMessages(tables: Tables): Received[] {
  const read = marks.listRead(tables);
  return (records.listOf(tables, { entity: MESSAGE }) as unknown as Message[])
    .sort((one, other) => newestFirst(one, other))
    .map((message) => ({ message, isRead: read.has(message.id) }));
}

/** Count the messages that nobody has read here. */
export function countUnread(tables: Tables): number {
  return listMessages(tables).filter((received) => !received.isRead).length;
}

/** Mark messages as read. */
export function markRead(store: Store, received: readonly Received[]): Promise<void> {
  const ids = received.map((each) => each.message.id);
  return store.writing((tables) => marks.markRead(tables, { ids }));
}

function newestFirst(one: Message, other: Message): number {
  return Date.parse(other.at) - Date.parse(one.at) || (one.id < other.id ? 1 : -1);
}
