/**
 * Replays tapes: `node run.mjs TAPE...`. It tells of each that differs where, and how, and ends
 * with 1; else it tells how many steps and requests went the same way.
 */
import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import { bundled } from "../bundled.mjs";

const { replay } = await bundled(new URL("replay.ts", import.meta.url));
let steps = 0;
let requests = 0;
for (const path of argv.slice(2)) {
  for (const [place, part] of JSON.parse(await readFile(path, "utf8")).entries()) {
    try {
      await replay(part);
    } catch (error) {
      console.log(`${path}, part ${place}`, error);
      process.exitCode = 1;
    }
    steps += part.steps.length;
    requests += part.steps.flatMap((step) => step.exchanges).length;
  }
}
console.log(JSON.stringify({ steps, requests }));
