/**
 * Asks the phone app about entries: `node run.mjs ROUTES`, a file of routes as JSON.
 * It writes what each route's reader was asked, entry by entry.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));

async function bundled(folder) {
  const outfile = join(folder, "asking.mjs");
  await esbuild.build({
    absWorkingDir: HERE,
    entryPoints: ["asking.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}

const folder = await mkdtemp(join(tmpdir(), "lamplighter-agreement-"));
try {
  const { asked } = await bundled(folder);
  console.log(JSON.stringify(await asked(JSON.parse(await readFile(argv[2], "utf8")))));
} finally {
  await rm(folder, { recursive: true, force: true });
}
