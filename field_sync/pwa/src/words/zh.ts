/** What the app says in Chinese; the trade words are those of the dictionary. */

import { arrival } from "./arrival.zh";
import { finding } from "./finding.zh";
import { map } from "./map.zh";
import { notices } from "./notices.zh";
import { phone } from "./phone.zh";
import { promise } from "./promise.zh";
import { work } from "./work.zh";

export const zh = { ...phone, ...promise, ...work, ...arrival, ...notices, ...map, ...finding };
