/**
 * Unpacks the browser into the folder that is named, with libraries that a bare machine lacks.
 *
 *     node inflate.mjs FOLDER
 */
import { mkdirSync } from "node:fs";
import { argv, env } from "node:process";

const [, , folder] = argv;
mkdirSync(folder, { recursive: true });
// Where it unpacks to, and that the libraries come too, it reads from the environment alone.
env.TMPDIR = folder;
env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs24.x";
const { default: chromium } = await import("@sparticuz/chromium");
await chromium.executablePath();
