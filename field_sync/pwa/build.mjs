/**
 * Builds the phone app into `dist/`, which the server hands out at /app/.
 *
 *     node build.mjs
 *
 * What it takes:
 * - `src/main.tsx`, with all that it imports; what it imports lazily becomes a chunk of its own;
 * - `src/sw/sw.ts`, the service worker, in one file: `dist/sw.js`;
 * - `index.html`, in which `__JS__`, `__PRELOADS__`, `__CSS__` and `__REV__` are filled in;
 * - `icons/`, copied as it is, and named by the manifest that is written here.
 * The licences of what others made and is in it go into `licences.txt`.
 * In `src/main.tsx` and below, `__VERSION__` is the version of the package.
 * In the service worker `__REV__` names this build and `__ASSETS__` lists the addresses of its
 * shell. A lazily loaded chunk is in that list too: what a crew opens first without signal works.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, "dist");
/** Built beside it and moved into place whole, so that a running server never sees half of it. */
const MADE = join(HERE, "dist.making");
const BASE = "/app/";
/** Browsers of the last four years; WebView of Android 10 and Safari of iOS 16 among them. */
const TARGET = ["chrome105", "safari16.4", "firefox115"];
const TEXT = new Set([".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".map", ".txt"]);
const SMALL_BYTES = 512;

const SHARED = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  format: "esm",
  target: TARGET,
  legalComments: "none",
  logLevel: "warning",
  charset: "utf8",
  loader: { ".png": "file", ".svg": "file", ".woff2": "file" },
};

async function buildApp(version) {
  const built = await esbuild.build({
    ...SHARED,
    entryPoints: { main: "src/main.tsx" },
    outdir: join(MADE, "assets"),
    publicPath: `${BASE}assets`,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    splitting: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    metafile: true,
    define: { __VERSION__: JSON.stringify(version) },
  });
  const outputs = Object.entries(built.metafile.outputs);
  const entry = outputs.find(([, made]) => made.entryPoint === "src/main.tsx");
  const [js, made] = entry;
  return {
    js: addressOf(js),
    css: made.cssBundle === undefined ? "" : addressOf(made.cssBundle),
    chunks: chunksOf(made.imports, built.metafile.outputs),
    packages: packagesIn(Object.keys(built.metafile.inputs)),
  };
}

function addressOf(path) {
  return `${BASE}assets/${basename(path)}`;
}

/** Lists what is needed with a file from the start: what it imports, and what that imports. */
function chunksOf(imports, outputs) {
  const wanted = new Set();
  for (const queue = [...imports]; queue.length > 0; ) {
    const { kind, external, path } = queue.pop();
    if (kind !== "import-statement" || external || wanted.has(addressOf(path))) continue;
    wanted.add(addressOf(path));
    queue.push(...outputs[path].imports);
  }
  return [...wanted];
}

/** Names the packages that others made and that files of theirs were taken from. */
function packagesIn(inputs) {
  const names = inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

async function licences(packages) {
  const parts = packages.map(async (name) => {
    const folder = join(HERE, "node_modules", name);
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return `${name} ${version}\n\n${await readFile(join(folder, "LICENSE"), "utf8")}`;
  });
  return (await Promise.all(parts)).join(`\n${"-".repeat(80)}\n\n`);
}

async function buildWorker(assets, rev) {
  await esbuild.build({
    ...SHARED,
    entryPoints: ["src/sw/sw.ts"],
    outfile: join(MADE, "sw.js"),
    format: "iife",
    define: { __ASSETS__: JSON.stringify(assets), __REV__: JSON.stringify(rev) },
  });
}

function manifest(icons) {
  return {
    id: BASE,
    name: "Lamplighter",
    short_name: "Lamplighter",
    description: "Field work for a power district, without signal too.",
    lang: "zh-CN",
    start_url: BASE,
    scope: BASE,
    display: "standalone",
    orientation: "portrait",
    background_color: "#101418",
    theme_color: "#101418",
    icons,
  };
}

/** `icons/icon-192.png` is 192 pixels wide; `maskable` in a name says that it may be cut round. */
async function listIcons() {
  const folder = join(HERE, "icons");
  const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
  return names.flatMap((name) => {
    const src = `${BASE}icons/${name}`;
    const purpose = name.includes("maskable") ? "maskable" : "any";
    if (name.endsWith(".svg")) {
      return [{ src, sizes: "any", type: "image/svg+xml", purpose }];
    }
    const width = /(\d+)\.png$/.exec(name)?.[1];
    return width === undefined || name.startsWith("apple")
      ? []
      : [{ src, sizes: `${width}x${width}`, type: "image/png", purpose }];
  });
}

async function listFiles(folder, prefix = "") {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  const lists = entries.map((entry) => {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? listFiles(folder, name) : [name];
  });
  return (await Promise.all(lists)).flat().sort();
}

async function revOf(names) {
  const hash = createHash("sha256");
  for (const name of names) {
    hash
      .update(name)
      .update("\0")
      .update(await readFile(join(MADE, name)));
  }
  return hash.digest("hex").slice(0, 12);
}

async function compress(names) {
  for (const name of names.filter((each) => TEXT.has(extname(each)))) {
    const bytes = await readFile(join(MADE, name));
    if (bytes.length < SMALL_BYTES) continue;
    const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    await writeFile(join(MADE, `${name}.br`), brotliCompressSync(bytes, { params: quality }));
    await writeFile(join(MADE, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

/** Adds up what a phone fetches before it shows anything. */
async function firstLoadBytes({ js, css, chunks }) {
  const assets = [js, css, ...chunks].filter((address) => address !== "");
  const files = ["index.html", ...assets.map((address) => address.slice(BASE.length))];
  const sizes = files.map(async (name) => {
    const br = join(MADE, `${name}.br`);
    return (await readFile(existsSync(br) ? br : join(MADE, name))).length;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Fetched beside the main file, not after it. */
function preloads(chunks) {
  return chunks.map((address) => `<link rel="modulepreload" href="${address}" />`).join("\n    ");
}

async function main() {
  const startedMs = performance.now();
  const about = JSON.parse(await readFile(join(HERE, "package.json"), "utf8"));
  await rm(MADE, { recursive: true, force: true });
  await mkdir(MADE, { recursive: true });
  const app = await buildApp(about.version);
  if (existsSync(join(HERE, "icons"))) {
    await cp(join(HERE, "icons"), join(MADE, "icons"), { recursive: true });
  }
  const written = JSON.stringify(manifest(await listIcons()));
  await writeFile(join(MADE, "manifest.webmanifest"), written);
  const page = (await readFile(join(HERE, "index.html"), "utf8"))
    .replaceAll("__JS__", app.js)
    .replaceAll("__PRELOADS__", preloads(app.chunks))
    .replaceAll("__CSS__", app.css);
  await writeFile(join(MADE, "index.html"), page);

  const names = await listFiles(MADE);
  const rev = await revOf(names);
  const assets = names.map((name) => (name === "index.html" ? BASE : `${BASE}${name}`));
  await writeFile(join(MADE, "index.html"), page.replaceAll("__REV__", rev));
  await buildWorker(assets, rev);
  await writeFile(join(MADE, "licences.txt"), await licences(app.packages));
  await compress(await listFiles(MADE));
  const firstBytes = await firstLoadBytes(app);

  await rm(DIST, { recursive: true, force: true });
  await rename(MADE, DIST);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const kilobytes = (firstBytes / 1_000).toFixed(1);
  console.log(`The phone app is built: ${rev}, first load ${kilobytes} kB, ${seconds} s`);
}

try {
  await main();
} catch (error) {
  if (!Array.isArray(error?.errors)) throw error;
  process.exitCode = 1; // esbuild has told what is wrong, and where
}
