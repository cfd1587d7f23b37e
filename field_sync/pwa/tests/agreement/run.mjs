/**
 * Asks the phone app about entries: `node run.mjs ROUTES`, a file of routes as JSON.
 * It writes what each route's reader was asked, entry by entry.
 */
import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import { bundled } from "../bundled.mjs";

const { asked } = await bundled(new URL("asking.ts", import.meta.url));
console.log(JSON.stringify(await asked(JSON.parse(await readFile(argv[2], "utf8")))));
