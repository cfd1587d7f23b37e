/** What the app says in English; the trade words are those of the dictionary. */

import { phone } from "./phone.en";
import { promise } from "./promise.en";
import { work } from "./work.en";

export const en = { ...phone, ...promise, ...work };
