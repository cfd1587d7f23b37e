/** Modules of the phone app for a program of the tests, which Node runs without vitest. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

/** Bundle a module with all that it needs, and import it; of the bundle itself nothing is left. */
export async function bundled(module) {
  const folder = await mkdtemp(join(tmpdir(), "lamplighter-bundled-"));
  try {
    const outfile = join(folder, "module.mjs");
    await esbuild.build({
      entryPoints: [fileURLToPath(module)],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      logLevel: "warning",
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
