/**
 * Bundles the tests of rules, store, sync and fieldwork into one page's script, to run where no
 * Node is: against a browser's own IndexedDB, keys, locks and compression.
 *
 *     node build.mjs OUTFILE
 *
 * The page has to be served with `schemas/vectors` below the same address.
 */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const FOLDERS = ["rules", "store", "sync", "field"];
/** What stands in for what only Node has; of the rest nothing is called. */
const STAND_INS = {
  "node:crypto": join(HERE, "node_crypto.ts"),
  "node:fs": join(HERE, "node_fs.ts"),
};
const NOTHING = "module.exports = new Proxy({}, { get: () => () => ({}) })";

async function listTests() {
  const lists = FOLDERS.map(async (folder) => {
    const names = await readdir(join(HERE, "..", folder));
    return names.filter((name) => name.endsWith(".test.ts")).map((name) => `${folder}/${name}`);
  });
  return (await Promise.all(lists)).flat().sort();
}

const page = {
  name: "page",
  setup(build) {
    build.onResolve({ filter: /^vitest$/ }, ({ importer }) =>
      importer.endsWith("runner.ts") ? undefined : { path: join(HERE, "runner.ts") },
    );
    build.onResolve({ filter: /^fake-indexeddb/ }, ({ path }) => ({ path, namespace: "nothing" }));
    build.onResolve(
      { filter: /^(node:.*|fs|path|url|module|vm|assert|util|os|tty)$/ },
      ({ path }) =>
        STAND_INS[path] === undefined ? { path, namespace: "nothing" } : { path: STAND_INS[path] },
    );
    build.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: NOTHING }));
    build.onLoad({ filter: /./, namespace: "files" }, async () => {
      const names = await listTests();
      const lines = names.map((name) => `["${name}", () => import("../${name}")],`);
      return { contents: `export const FILES = [${lines.join("")}]`, resolveDir: HERE };
    });
    build.onResolve({ filter: /^files$/ }, ({ path }) => ({ path, namespace: "files" }));
  },
};

await esbuild.build({
  absWorkingDir: HERE,
  entryPoints: ["page.ts"],
  outfile: argv[2],
  bundle: true,
  format: "esm",
  platform: "browser",
  target: ["safari16.4"],
  charset: "utf8",
  logLevel: "warning",
  define: { "process.env.NODE_ENV": '"test"' },
  plugins: [page],
});
