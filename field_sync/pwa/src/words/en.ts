/** What the app says in English; the trade words are those of the dictionary. */

import { arrival } from "./arrival.en";
import { finding } from "./finding.en";
import { map } from "./map.en";
import { notices } from "./notices.en";
import { phone } from "./phone.en";
import { promise } from "./promise.en";
import { work } from "./work.en";

export const en = { ...phone, ...promise, ...work, ...arrival, ...notices, ...map, ...finding };
