/** Runs every test in a browser's page; the one who drives it reads `told` and `isDone`. */

import "./globals";
import { FILES } from "files";
import { settleSignatures } from "./node_crypto";
import { gathered, run, type Told } from "./runner";

declare global {
  var told: Told[];
  var isDone: boolean;
}

globalThis.told = [];
globalThis.isDone = false;
for (const [name, bring] of FILES) {
  const suite = await gathered(name, bring);
  suite.afterEach.push(settleSignatures);
  await run(suite, (each) => globalThis.told.push(each));
}
globalThis.isDone = true;
