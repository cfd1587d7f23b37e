/**
 * Replays tapes: `node run.mjs TAPE...`. It tells of each that differs where, and how, and ends
 * with 1; else it tells how many steps and requests went the same way.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));

async function bundled(folder) {
  const outfile = join(folder, "replay.mjs");
  await esbuild.build({
    absWorkingDir: HERE,
    entryPoints: ["replay.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}

const folder = await mkdtemp(join(tmpdir(), "lamplighter-tape-"));
try {
  const { replay } = await bundled(folder);
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
} finally {
  await rm(folder, { recursive: true, force: true });
}
